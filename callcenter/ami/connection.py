"""Keeps one PBX connected, for ever: log in, watch, back off, try again.

Every connection that gets as far as a login is an epoch with a number of its own. What is
read goes to a `Stream` in order, between the turns `Connected` and `Lost` of its epoch;
`ami.ingest` takes it from there. `ami.session` is a single connection.
"""

import asyncio
import random
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NoReturn, Protocol

import structlog

from callcenter.ami.messages import Message
from callcenter.ami.recorder import Tape
from callcenter.ami.session import Account, AuthFailed, Fields, LinkFailed, Session
from callcenter.ami.stream import Booted, Connected, Lost, Read, Stream
from callcenter.errors import PbxUnreachable

__all__ = ["Account", "Asked", "Link", "Timing"]

log = structlog.get_logger()


class Asked(Protocol):
    """Whoever can put requests to a PBX: the link, and what stands for it in a bench."""

    async def request(self, fields: Fields, deadline_s: float = 5.0) -> Message: ...

    async def request_list(self, fields: Fields, deadline_s: float = 10.0) -> list[Message]: ...


@dataclass(frozen=True, slots=True)
class Timing:
    """How patient a link is; all in seconds."""

    connect_s: float = 10.0
    #: A silent PBX is pinged after one interval and given up after the second.
    ping_s: float = 10.0
    #: How long after the login Asterisk may take to say that it is fully booted.
    boot_s: float = 1.0
    retry_first_s: float = 0.5
    retry_max_s: float = 30.0
    #: A connection that lasted this long is forgiven its end: the back-off starts anew.
    steady_s: float = 30.0

    def pause_s(self, failures: int) -> float:
        """Return how long to wait after so many failures in a row, never twice the same."""
        longest_s = min(self.retry_max_s, self.retry_first_s * 2.0 ** min(failures, 64))
        return longest_s * random.uniform(0.5, 1.0)


class Link:
    """The link to one PBX. `run` it in a task; requests may be made from any other.

    `wanted` names the events that are put on `stream`; all others are dropped unread. On `tape`
    is everything.
    """

    def __init__(
        self,
        account: Account,
        wanted: frozenset[bytes],
        stream: Stream,
        *,
        timing: Timing | None = None,
        last_epoch: int = 0,
        tape: Tape | None = None,
    ) -> None:
        self.account = account
        #: The number of the current connection, or of the last one.
        self.epoch = last_epoch
        #: The account was refused: nothing is tried until `change`.
        self.refused = False
        self._wanted = wanted
        self._stream = stream
        self._timing = timing or Timing()
        self._tape = tape
        self._session: Session | None = None
        self._changed = asyncio.Event()
        self._failures = 0
        #: Why the last attempt failed, as far as it has been told; "" while connected.
        self._told = ""

    @property
    def up(self) -> bool:
        return self._session is not None and self._session.is_open

    async def request(self, fields: Fields, deadline_s: float = 5.0) -> Message:
        """Send one action, once. Raises as `Session.request`."""
        return await self._logged_in().request(fields, deadline_s)

    async def request_list(self, fields: Fields, deadline_s: float = 10.0) -> list[Message]:
        """Send one action that a list answers and return its items. Raises as `request`."""
        return await self._logged_in().request_list(fields, deadline_s)

    def _logged_in(self) -> Session:
        if self._session is None:
            raise PbxUnreachable
        return self._session

    def change(self, account: Account) -> None:
        """Take new settings: what is connected is dropped, what waits or was refused tries anew."""
        self.account = account
        self.refused = False
        self._failures = 0
        self._changed.set()
        if self._session is not None:
            self._session.close("the settings were changed")

    # ------------------------------------------------------------ for ever

    async def run(self) -> NoReturn:
        while True:
            self._changed.clear()
            attempt = _Attempt(self.account, self._wanted, self._stream, self._tape)
            try:
                await attempt.log_in(self._timing)
                # Edited meanwhile: this is not the PBX that is meant any more.
                if attempt.session.account == self.account:
                    await self._serve(attempt)
            except AuthFailed as failed:
                self._refuse(str(failed))
                await self._changed.wait()
            except LinkFailed as failed:
                await self._pause(str(failed))
            except Exception as error:
                log.exception("the link to a PBX failed by a fault of ours", pbx=str(self.account))
                await self._pause(f"a fault of ours: {type(error).__name__}")
            finally:
                self._session = None
                attempt.session.close("the service ends the link")

    async def _serve(self, attempt: "_Attempt") -> None:
        """Be connected until the connection ends."""
        self.epoch += 1
        self._told = ""
        began_s = asyncio.get_running_loop().time()
        self._session = attempt.session
        log.info("PBX link up", pbx=str(self.account), epoch=self.epoch)
        attempt.begin(self.epoch)
        reason = await self._watch(attempt.session)
        self._session = None
        heard_at = attempt.session.protocol.heard_at
        if self._tape is not None:
            self._tape.lost(self.epoch, time.time(), heard_at, reason)
        self._stream.put(Lost(self.epoch, time.time(), heard_at, reason))
        lasted_s = asyncio.get_running_loop().time() - began_s
        if lasted_s >= self._timing.steady_s:
            self._failures = 0
        self._told = reason
        attempt.report_senseless()
        await self._pause(reason, f"PBX link lost after {spoken(lasted_s)}")

    async def _watch(self, session: Session) -> str:
        """Return why `session` ended; end it if nothing comes for two intervals."""
        silent, reads = 0, -1
        while not session.closed.done():
            if session.protocol.reads != reads:
                silent, reads = 0, session.protocol.reads
            elif (silent := silent + 1) == 1:
                session.ping()
            else:
                session.close(f"not a byte for {2 * self._timing.ping_s:g} s")
            await asyncio.wait({session.closed}, timeout=self._timing.ping_s)
        return session.closed.result()

    def _refuse(self, reason: str) -> None:
        self.refused = True
        log.error(
            f"PBX refuses user “{self.account.user}” ({reason}); correct user or secret in the "
            "settings of the PBX; nothing more is tried until they are saved",
            pbx=str(self.account),
        )
        self._told = reason
        self._stream.put(Lost(self.epoch, time.time(), None, reason, auth_failed=True))

    async def _pause(self, reason: str, what: str = "PBX cannot be reached") -> None:
        """Wait before the next attempt: longer after each failure, never in step with others."""
        pause_s = self._timing.pause_s(self._failures)
        self._failures += 1
        log.warning(
            f"{what}; trying again in {pause_s:.1f} s", pbx=str(self.account), reason=reason
        )
        if reason != self._told:
            self._told = reason
            self._stream.put(Lost(self.epoch, time.time(), None, reason))
        try:
            async with asyncio.timeout(pause_s):
                await self._changed.wait()
        except TimeoutError:
            return


class _Attempt:
    """One connection on its way up: what it reads waits until its epoch has begun."""

    def __init__(
        self, account: Account, wanted: frozenset[bytes], stream: Stream, tape: Tape | None
    ) -> None:
        self._stream = stream
        self._tape = tape
        self._early: list[Read] = []
        self._early_raw: list[tuple[float, bytes]] = []
        self._epoch: int | None = None
        self._booted = asyncio.Event()
        self.session = Session(account, wanted, self._read, self._boot, self._keep)

    async def log_in(self, timing: Timing) -> None:
        """Raise LinkFailed, or return when events flow and Asterisk is ready to be asked."""
        await self.session.open(timing.connect_s)
        await self.session.log_in(timing.connect_s)
        # Only a user with class `system` is told; the others are given the time it takes.
        try:
            async with asyncio.timeout(timing.boot_s):
                await self._booted.wait()
        except TimeoutError:
            return

    def begin(self, epoch: int) -> None:
        self._epoch = epoch
        if self._tape is not None:
            self._tape.connected(epoch, next((at for at, _ in self._early_raw), time.time()))
            for at, data in self._early_raw:
                self._tape.read(at, data)
            self._early_raw.clear()
        self._stream.put(Connected(epoch, time.time()))
        for read in self._early:
            self._stream.put(read)
        self._early.clear()

    def _read(self, read: Read) -> None:
        if self._epoch is None:
            self._early.append(read)
        else:
            self._stream.put(read)

    def _keep(self, at: float, data: bytes) -> None:
        if self._tape is None:
            return
        if self._epoch is None:
            self._early_raw.append((at, data))
        else:
            self._tape.read(at, data)

    def _boot(self) -> None:
        if self._epoch is not None and not self._booted.is_set():
            self._stream.put(Booted(self._epoch, time.time()))
        self._booted.set()

    def report_senseless(self) -> None:
        protocol = self.session.protocol
        if protocol.senseless:
            log.warning(
                f"{protocol.senseless} blocks from the PBX made no sense",
                pbx=str(self.session.account),
                first=repr(protocol.first_senseless),
            )


_UNITS: Mapping[str, int] = {"d": 86_400, "h": 3_600, "min": 60, "s": 1}


def spoken(seconds: float) -> str:
    """Return a span as an operator would say it: "3 h 12 min", "12 s"."""
    left = round(seconds)
    parts: list[str] = []
    for unit, size in _UNITS.items():
        count, left = divmod(left, size)
        if count or (unit == "s" and not parts):
            parts.append(f"{count} {unit}")
    return " ".join(parts[:2])

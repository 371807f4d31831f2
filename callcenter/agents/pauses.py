"""Keeps the PBX's queues in step with what agents want: paused in all of them, or in none.

Every member of a queue that is an agent's, by their own phone or through a Local
channel, is paused while the agent takes no calls. What the PBX says about a pause is
the echo of what was asked; or somebody's act at the phone, which is a wish like any
other; or drift, which is logged and put right. Whoever has never wished anything is
followed, not led: connecting the service to a working office must not pause it.

A shared phone at which nobody sits takes no calls either: it is led under a holder of its
own, minus its id, who never wishes anything else.
"""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

import structlog

from callcenter.errors import OutcomeUnknown, PbxRefused, PbxUnreachable
from callcenter.events import MemberChanged, MemberRemoved

log = structlog.get_logger()

#: Why a shared phone at which nobody sits is paused.
EMPTY = "empty"

#: So long after a request the PBX's word may still be the echo of an older one.
SETTLE_S = 1.0
#: A pause that the PBX does not take is asked for so often, then only after a reconnect.
ATTEMPTS = 3


class Pause(Protocol):
    """Pause a member in all its queues, by the Pbx port."""

    def __call__(
        self, pbx: int, interface: str, *, paused: bool, reason: str
    ) -> Coroutine[Any, Any, None]: ...


class Wanted(NamedTuple):
    paused: bool
    reason: str = ""


@dataclass(slots=True)
class Member:
    """Something that queues ring."""

    device: str
    #: Whose it is now.
    user_id: int | None = None
    #: Queue -> whether it is paused there, by the PBX's word.
    queues: dict[str, bool] = field(default_factory=dict)


class Pauses:
    def __init__(
        self,
        pause: Pause,
        user_of: Callable[[int, str, str], int | None],
        settle_s: float = SETTLE_S,
    ) -> None:
        """`user_of(pbx, interface, device)` tells whose member that is."""
        self._pause = pause
        self._user_of = user_of
        self._settle_s = settle_s
        self._members: dict[tuple[int, str], Member] = {}
        self._members_of: dict[int, dict[tuple[int, str], Member]] = {}
        self._wanted: dict[int, Wanted] = {}
        self._followed: set[int] = set()
        self._settling: dict[int, asyncio.Task[None]] = {}
        self._unsent: set[int] = set()

    # ------------------------------------------------------------ what we want

    def want(self, user_id: int, wanted: Wanted, *, lead: bool = True) -> None:
        """Have all of the agent's members like this; without `lead`, only once it is a change."""
        is_led = lead and user_id in self._followed
        if self._wanted.get(user_id) == wanted and not is_led:
            return
        self._wanted[user_id] = wanted
        self._followed.discard(user_id)
        self._send(user_id)

    def follow(self, user_id: int, wanted: Wanted) -> None:
        """Take the PBX's word for what the agent wants, and change nothing there."""
        self._wanted[user_id] = wanted
        self._followed.add(user_id)

    def compare(self, pbx: int) -> None:
        """Ask again for what a lost link may have swallowed."""
        for user_id in tuple(self._wanted):
            if any(there == pbx for there, _ in self._drifted(user_id)):
                self._send(user_id)

    # ------------------------------------------------------------ what the PBX says

    def heard(self, event: MemberChanged) -> tuple[int, Wanted] | None:
        """Take in the PBX's word; return whose wish it is, if it is one."""
        key = (event.pbx, event.interface)
        member = self._members.setdefault(key, Member(event.device))
        member.device = event.device
        user_id = self._seat(key, member)
        before = member.queues.get(event.queue)
        member.queues[event.queue] = event.paused
        if user_id is None:
            return None
        wanted = self._wanted.get(user_id)
        is_followed = wanted is None or user_id in self._followed
        if is_followed and event.paused and event.reason == EMPTY:
            # Left behind by the empty place: no wish of whoever has just sat down.
            return None
        if wanted is None or is_followed:
            everywhere = all(all(own.queues.values()) for _, own in self._of(user_id))
            return user_id, Wanted(everywhere, event.reason if everywhere else "")
        if wanted.paused == event.paused or user_id in self._settling:
            return None
        if event.inferred or before in (None, event.paused) or user_id < 0:
            self._put_right(user_id)
            return None
        return user_id, Wanted(event.paused, event.reason)

    def removed(self, event: MemberRemoved) -> None:
        member = self._members.get((event.pbx, event.interface))
        if member is not None:
            member.queues.pop(event.queue, None)

    def seat(self) -> None:
        """Look again whose each member is: somebody has moved to another desk."""
        for key, member in self._members.items():
            self._seat(key, member)

    def _seat(self, key: tuple[int, str], member: Member) -> int | None:
        user_id = self._user_of(*key, member.device)
        if user_id != member.user_id:
            if member.user_id is not None:
                del self._members_of[member.user_id][key]
            if user_id is not None:
                self._members_of.setdefault(user_id, {})[key] = member
            member.user_id = user_id
        return user_id

    # ------------------------------------------------------------ sending

    async def settled(self) -> None:
        """Return when nothing is under way."""
        while self._settling:
            await asyncio.wait(self._settling.values())

    async def close(self) -> None:
        tasks = tuple(self._settling.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _send(self, user_id: int) -> None:
        self._unsent.add(user_id)
        if user_id not in self._settling:
            task = asyncio.create_task(self._settle(user_id), name=f"pauses of {user_id}")
            self._settling[user_id] = task
            task.add_done_callback(lambda _done: self._settling.pop(user_id, None))

    async def _settle(self, user_id: int) -> None:
        """Ask, one request after the other so that the last wish is the last word, until the
        PBX says the same."""
        for _ in range(ATTEMPTS):
            while user_id in self._unsent:
                self._unsent.discard(user_id)
                for (pbx, interface), _member in self._of(user_id):
                    await self._ask(pbx, interface, self._wanted[user_id])
            await asyncio.sleep(self._settle_s)
            if user_id not in self._unsent and not self._drifted(user_id):
                return
            self._unsent.add(user_id)
        self._unsent.discard(user_id)

    async def _ask(self, pbx: int, interface: str, wanted: Wanted) -> None:
        try:
            await self._pause(pbx, interface, paused=wanted.paused, reason=wanted.reason)
        except (PbxUnreachable, OutcomeUnknown):
            log.info("a pause did not reach the PBX; it is compared later", interface=interface)
        except PbxRefused as refused:
            reason = refused.values.get("reason")
            log.warning("the PBX refuses to pause a member", interface=interface, reason=reason)

    def _put_right(self, user_id: int) -> None:
        log.warning(
            "a queue's pause differs from the agent's state and is put right",
            user_id=user_id,
            members=[interface for _, interface in self._drifted(user_id)],
            paused=self._wanted[user_id].paused,
        )
        self._send(user_id)

    def _of(self, user_id: int) -> list[tuple[tuple[int, str], Member]]:
        members = self._members_of.get(user_id, {})
        return [(key, member) for key, member in members.items() if member.queues]

    def _drifted(self, user_id: int) -> list[tuple[int, str]]:
        """Return the agent's members that are not as wanted in every queue."""
        if user_id in self._followed:
            return []
        paused = self._wanted[user_id].paused
        return [key for key, member in self._of(user_id) if (not paused) in member.queues.values()]

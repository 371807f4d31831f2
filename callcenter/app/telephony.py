"""One line to each PBX in use, as its row and the phones at its end say; kept so when they change."""

import asyncio
from collections.abc import Callable, Sequence

import structlog
from sqlalchemy import select

from callcenter.agents.device_map import DeviceMap
from callcenter.ami.connection import Account, Timing
from callcenter.ami.lines import Lines, Wiring
from callcenter.ami.recorder import Recorder
from callcenter.ami.retention import Keep
from callcenter.bus import Bus
from callcenter.calls.links import Links
from callcenter.calls.models import PbxRow
from callcenter.calls.pbxs import secret_of
from callcenter.db import Database
from callcenter.events import CallEvent, DevicesChanged, LinkDown, PbxEdited
from callcenter.pbx import Pbx
from callcenter.server.secret_files import NoSecret
from callcenter.settings import Settings

log = structlog.get_logger()

#: After a failure to read the rows, the next try.
RETRY_S = 1.0


def timing(settings: Settings) -> Timing:
    return Timing(
        connect_s=settings.ami_connect_timeout_s,
        ping_s=settings.ami_ping_s,
        retry_max_s=settings.ami_retry_max_s,
    )


def recorder(settings: Settings) -> Recorder | None:
    """Return what keeps the raw streams, None if nobody wants them kept."""
    if not settings.trace:
        return None
    return Recorder(settings.traces, Keep(settings.trace_days, settings.trace_max_gib << 30))


class Telephony:
    """`load` opens the lines, `keep` is its task, `close` ends them."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        bus: Bus,
        devices: DeviceMap,
        links: Links,
        clock: Callable[[], float],
        regions: Sequence[str],
    ) -> None:
        self._settings = settings
        self._regions = regions
        self._database = database
        self._bus = bus
        self._devices = devices
        self._links = links
        self._clock = clock
        self._stale = asyncio.Event()
        self.recorder = recorder(settings)
        self.lines = Lines(bus.publish, timing(settings), self.recorder)
        self.rows: dict[int, PbxRow] = {}
        #: What was told of calls that were open when the service stopped, until there is a line.
        self._left_open: dict[int, list[CallEvent]] = {}

    def port(self, pbx: int) -> Pbx | None:
        return self.lines.port(pbx)

    def name_of(self, pbx: int) -> str | None:
        """Return the PBX's name, if there are several to tell apart."""
        row = self.rows.get(pbx)
        return row.name if row is not None and len(self.rows) > 1 else None

    def region_of(self, pbx: int) -> str:
        row = self.rows.get(pbx)
        return row.region if row else self._regions[0]

    async def read(self) -> None:
        """Find out which PBXs there are."""
        async with self._database.read() as session:
            rows = await session.scalars(select(PbxRow).where(PbxRow.active))
            self.rows = {row.id: row for row in rows}

    def recall(self, told: dict[int, list[CallEvent]]) -> None:
        """Hear what was told of calls that were open when the service stopped, by PBX."""
        self._left_open = told

    async def load(self) -> None:
        """Open, change or close lines until they are as the rows say."""
        await self.read()
        for pbx in self.lines.open_ones() - set(self.rows):
            # First, so that nobody is warned of a PBX that is down on purpose.
            self._links.forget(pbx)
            await self.lines.close(pbx)
        for row in self.rows.values():
            await self._connect(row)

    async def keep(self) -> None:
        """Follow what administrators edit, for ever."""
        end = self._bus.listen(self._mark, PbxEdited, DevicesChanged)
        try:
            while True:
                await self._stale.wait()
                self._stale.clear()
                try:
                    await self._devices.load()
                    await self.load()
                except Exception:
                    log.exception("the PBXs could not be read; the lines stay as they are")
                    self._stale.set()
                    await asyncio.sleep(RETRY_S)
        finally:
            end()

    def sync_traces(self) -> None:
        """Let what the PBXs said until now be on disk; for a thread that reads it."""
        if self.recorder is not None:
            self.recorder.sync()

    async def close(self) -> None:
        """End the lines; what they said last is kept."""
        await self.lines.__aexit__()
        if self.recorder is not None:
            await asyncio.to_thread(self.recorder.close)

    def _mark(self, _event: PbxEdited | DevicesChanged) -> None:
        self._stale.set()

    async def _connect(self, row: PbxRow) -> None:
        self._links.know(row)
        try:
            wiring = self._wiring(row)
        except NoSecret as problem:
            self._without_secret(row, str(problem))
            return
        if row.id in self.lines.open_ones():
            self.lines.change(wiring)
            return
        heard = await self._links.heard(row.id)
        self.lines.open(
            wiring,
            last_at=heard.at if heard else None,
            last_epoch=heard.epoch if heard else 0,
            queue_counts=heard.queues if heard else None,
            told=self._left_open.pop(row.id, ()),
        )

    def _wiring(self, row: PbxRow) -> Wiring:
        account = Account(
            pbx=row.id, host=row.host, port=row.port, tls=row.tls, user=row.username,
            secret=secret_of(row, self._settings.data_path), name=row.name,
        )  # fmt: skip
        return Wiring(
            account=account, agents=self._devices.endpoints(row.id), trunks=tuple(row.trunks),
            own_callers=self._devices.own_callers(row.id), region=row.region,
            prefix=row.dial_prefix,
        )  # fmt: skip

    def _without_secret(self, row: PbxRow, reason: str) -> None:
        log.error(f"{reason} Enter it under Administration → PBX.", pbx=row.name)
        self._bus.publish(
            LinkDown(pbx=row.id, at=self._clock(), epoch=0, reason=reason, auth_failed=True)
        )

"""When the PBXs were not heard lately: a figure of that time is not whole, and says so."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import msgspec
from sqlalchemy import select

from callcenter.bus import Bus
from callcenter.calls.models import Gap
from callcenter.db import Database
from callcenter.events import GapNoted, GapRepaired, LinkDown, LinkUp

#: No figure that is shown live begins earlier.
KEPT_S = timedelta(days=2).total_seconds()
#: A gap told again begins no further off.
SAME_S = 0.01


class Unheard(msgspec.Struct, frozen=True, kw_only=True):
    """A span in which a PBX was not heard; `to_at` is None while it is not."""

    pbx: int
    from_at: float
    to_at: float | None = None
    #: Whether what was missed was made good: "waiting", "done", "none" or "".
    state: str = ""


class UnheardSpans:
    """Follows the links; `load` reads the gaps of before."""

    def __init__(self, database: Database, bus: Bus, clock: Callable[[], float]) -> None:
        self._database = database
        self._clock = clock
        self._over: list[Unheard] = []
        #: Since when a PBX is down, by its id.
        self._down: dict[int, float] = {}
        bus.listen(self._noted, GapNoted)
        bus.listen(self._repaired, GapRepaired)
        bus.listen(self._lost, LinkDown)
        bus.listen(self._up, LinkUp)

    async def load(self) -> None:
        since = datetime.fromtimestamp(self._clock() - KEPT_S, UTC)
        async with self._database.read() as session:
            for gap in await session.scalars(select(Gap).where(Gap.from_at >= since)):
                state = str(gap.recovered.get("state", ""))
                if gap.to_at is not None:
                    to_at = gap.to_at.timestamp()
                    self._keep(gap.pbx_id, gap.from_at.timestamp(), to_at, state)

    def since(self, at: float) -> tuple[Unheard, ...]:
        """Return the spans that reach beyond `at`, in order."""
        down = [Unheard(pbx=pbx, from_at=begun) for pbx, begun in self._down.items()]
        touching = [span for span in self._over if span.to_at is not None and span.to_at > at]
        return tuple(sorted([*touching, *down], key=lambda span: span.from_at))

    def _noted(self, event: GapNoted) -> None:
        self._keep(event.pbx, event.from_at, event.at, "")
        oldest = self._clock() - KEPT_S
        self._over = [span for span in self._over if span.from_at >= oldest]

    def _repaired(self, event: GapRepaired) -> None:
        self._keep(event.pbx, event.from_at, event.to_at, event.state)

    def _lost(self, event: LinkDown) -> None:
        self._down.setdefault(event.pbx, event.at)

    def _up(self, event: LinkUp) -> None:
        self._down.pop(event.pbx, None)

    def _keep(self, pbx: int, from_at: float, to_at: float, state: str) -> None:
        others = [
            span
            for span in self._over
            # The database keeps milliseconds.
            if span.pbx != pbx or abs(span.from_at - from_at) > SAME_S
        ]
        self._over = [*others, Unheard(pbx=pbx, from_at=from_at, to_at=to_at, state=state)]

"""Tells the floor to the pages that show it: at most four times a second, only what changed.

A change is a part of the page, rendered once for all who see the same: the same
language, zone and team.
"""

import asyncio
from collections.abc import Callable, Hashable
from functools import partial
from typing import Any, NamedTuple

import msgspec
import structlog

from callcenter.entity.rights import Access
from callcenter.interactions import covering
from callcenter.live.hub import Hub
from callcenter.live.protocol import Board
from callcenter.server.identity import Identity, may
from callcenter.stats.floor import CallNow, Floor, Sources, picture

log = structlog.get_logger()

TOPIC = "board"
#: Between two looks at what changed, in seconds.
PERIOD_S = 0.25
PARTS = ("figures", "queues", "waiting", "calls", "agents")

Render = Callable[[str, Identity, dict[str, Any]], str]


class FloorFeed:
    """The hub's feed of the live board. `run` is its task."""

    def __init__(self, sources: Sources, render: Render, clock: Callable[[], float]) -> None:
        self._sources = sources
        self._render = render
        self._clock = clock
        self._changed = asyncio.Event()
        self._shown: dict[Hashable, tuple[int, dict[str, str]]] = {}

    def touch(self, _event: object = None) -> None:
        """Something on the floor may have changed."""
        self._changed.set()

    def floor(self, who: Identity) -> Floor:
        return picture(
            self._sources, self._clock(), teams=_eyes(who).teams, cover=partial(_cover, who)
        )

    def variant(self, who: Identity) -> Hashable | None:
        if may(who, "board", "read") == "none":
            return None
        return (who.locale, who.time_zone, _eyes(who))

    def whole(self, who: Identity) -> Board:
        """Return all parts, at the version that the next change continues."""
        variant = self.variant(who)
        version, parts = self._shown.get(variant) or (0, self.parts(who))
        self._shown[variant] = (version, parts)
        return Board(version=version, parts=parts, whole=True)

    def parts(self, who: Identity) -> dict[str, str]:
        """Return {element id: HTML} of every part."""
        floor = self.floor(who)
        return {
            f"board-{part}": self._render(f"stats/board_{part}.html", who, {"floor": floor})
            for part in PARTS
        }

    async def run(self, hub: Hub) -> None:
        """Spread changes for ever."""
        while True:
            # A caller who waits too long changes the service level without any event.
            await _first_of(self._changed.wait(), 1.0)
            self._changed.clear()
            try:
                self._spread(hub)
            except Exception:
                log.exception("the board could not be told")
            await asyncio.sleep(PERIOD_S)

    def _spread(self, hub: Hub) -> None:
        audience = hub.audience(TOPIC)
        for variant in set(self._shown) - set(audience):
            del self._shown[variant]
        for variant, who in audience.items():
            version, before = self._shown.get(variant, (0, {}))
            parts = self.parts(who)
            changed = {name: html for name, html in parts.items() if before.get(name) != html}
            if changed:
                self._shown[variant] = (version + 1, parts)
                hub.spread(TOPIC, variant, Board(version=version + 1, parts=changed))


async def _first_of(waiting: Any, limit_s: float) -> None:
    try:
        await asyncio.wait_for(waiting, limit_s)
    except TimeoutError:
        return


class _Eyes(NamedTuple):
    """What tells apart who sees what of the floor."""

    #: None is all of it.
    teams: frozenset[int] | None
    #: Whoever does not see all contacts is not told which of them calls.
    customers: bool
    numbers: Access


def _eyes(who: Identity) -> _Eyes:
    return _Eyes(
        None if may(who, "board", "read") == "all" else who.teams,
        may(who, "contact", "read") == "all",
        covering.level_of("phone", who),
    )


def _cover(who: Identity, call: CallNow) -> CallNow:
    """Return a call as `who` may know of it: two with the same eyes know the same."""
    is_told = call.contact_id is None or may(who, "contact", "read") == "all"
    return msgspec.structs.replace(
        call,
        customer=covering.name(call.customer, who) if is_told else None,
        contact_id=call.contact_id if is_told else None,
        number=covering.number(call.number, who),
    )

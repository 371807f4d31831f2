"""Links calls to contacts while they happen, where the number leaves no doubt.

When a call is stored and its full number belongs to exactly one contact, the call is that
contact's, and its company's too. Anything less certain is left to a person (`linking`).
What a person has chosen is never touched.
"""

import asyncio
from collections.abc import Sequence
from itertools import islice
from typing import Final

import structlog

from callcenter.bus import Bus
from callcenter.db import Batch, Database, Row, Unavailable
from callcenter.events import CallStored

log = structlog.get_logger()

#: Looked up in one go: some milliseconds at most on the loop's thread.
UNITS = 50
#: Linked calls that are remembered, so that each later change of theirs costs nothing.
REMEMBERED = 10_000
RETRY_S = 2.0

_UNLINKED: Final = """
    SELECT interaction_id, role, seq, point, at FROM participant
    WHERE interaction_id = ?1 AND role IN ('from', 'to')
      AND contact_id IS NULL AND point IS NOT NULL
"""
_OWNERS: Final = """
    SELECT DISTINCT c.id, c.company_id FROM contact_point AS p
    JOIN contact AS c ON c.id = p.contact_id
    WHERE p.norm = ?1 AND c.deleted_at IS NULL LIMIT 2
"""
_LINK: Final = """
    UPDATE participant SET contact_id = ?4, certainty = 'known'
    WHERE interaction_id = ?1 AND role = ?2 AND seq = ?3 AND contact_id IS NULL
"""
# Only if the link above was made: somebody may have chosen another contact meanwhile.
_LINK_COMPANY: Final = """
    INSERT INTO participant (interaction_id, role, seq, contact_id, at, pinned)
    SELECT interaction_id, 'company', 0, CAST(?5 AS BIGINT), at, pinned FROM participant
    WHERE interaction_id = ?1 AND role = ?2 AND seq = ?3 AND contact_id = ?4
    ON CONFLICT (interaction_id, role, seq) DO NOTHING
"""
# The company too: its timeline holds the calls of its people.
_IN_TOUCH: Final = """
    UPDATE contact SET last_contact_at = ?2
    WHERE id IN (?1, (SELECT company_id FROM contact WHERE id = ?1)) AND (last_contact_at IS NULL OR last_contact_at < ?2)
"""


class Linker:
    """`app` runs `run`; it hears of stored calls by the bus."""

    def __init__(self, database: Database, bus: Bus) -> None:
        self._database = database
        self._waiting: dict[int, None] = {}
        self._linked: dict[int, None] = {}
        self._work = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        bus.listen(self.note, CallStored)

    def note(self, event: CallStored) -> None:
        if event.interaction_id is not None and event.interaction_id not in self._linked:
            self._waiting[event.interaction_id] = None
            self._idle.clear()
            self._work.set()

    async def drain(self) -> None:
        """Return when every call that was stored has been looked at."""
        await self._idle.wait()

    async def run(self) -> None:
        """Link, for ever."""
        while True:
            if not self._waiting:
                self._idle.set()
                self._work.clear()
                await self._work.wait()
            units = list(islice(self._waiting, UNITS))
            try:
                linked = await link(self._database, units)
            except Unavailable as error:
                log.warning("the database is away; calls are linked later", error=str(error))
                await asyncio.sleep(RETRY_S)
                continue
            except Exception:
                # A person can still choose; what cannot be linked must not stop the calls.
                log.exception("calls could not be linked", interaction_ids=units)
                linked = {}
            for interaction_id in units:
                del self._waiting[interaction_id]
            self._remember(linked)

    def _remember(self, linked: dict[int, int]) -> None:
        self._linked.update(dict.fromkeys(linked))
        for interaction_id in list(islice(self._linked, max(0, len(self._linked) - REMEMBERED))):
            del self._linked[interaction_id]


async def link(database: Database, interaction_ids: Sequence[int]) -> dict[int, int]:
    """Link the interactions whose number is one contact's; return {interaction: contact}."""
    certain: list[tuple[Row, Row]] = []
    for interaction_id in interaction_ids:
        for customer in await database.fetch(_UNLINKED, interaction_id):
            owners = await database.fetch(_OWNERS, customer[3])
            if len(owners) == 1:
                certain.append((customer, owners[0]))
    if certain:
        await database.apply(_batch(certain))
    return {customer[0]: owner[0] for customer, owner in certain}


def _batch(certain: Sequence[tuple[Row, Row]]) -> Batch:
    links = [(*customer[:3], *owner) for customer, owner in certain]
    latest: dict[int, int] = {}
    for customer, (contact_id, _) in certain:
        latest[contact_id] = max(customer[4], latest.get(contact_id, 0))
    return [
        (_LINK, [row[:4] for row in links]),
        (_LINK_COMPANY, [row for row in links if row[4] is not None]),
        # In order of id, so that two nodes that touch the same contacts cannot block each other.
        (_IN_TOUCH, sorted(latest.items())),
    ]

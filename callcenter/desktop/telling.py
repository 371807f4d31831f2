"""Tells people that something of their day has changed: what is arranged, done, or was talked.

It concerns whoever owns it, gave it, takes part in it, talked in it, or owns the customer it is
with; and whoever was told of it last, since it may have been taken from him. What is told is only
that there is something: the page asks, and is answered as its reader's rights are.
"""

from collections import OrderedDict
from collections.abc import Callable, Collection, Coroutine
from typing import Any, Final

from sqlalchemy import Select, select, union
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.bus import Bus
from callcenter.calls.models import CallLeg, CallRow
from callcenter.crm.contacts.models import Contact
from callcenter.db import Database
from callcenter.events import CallStored, InteractionChanged
from callcenter.interactions.models import Interaction, Participant

#: Of so many interactions is known whom they concerned.
REMEMBERED: Final = 10_000
#: So many are looked at together.
BLOCK: Final = 500

Say = Callable[[int], None]


class Telling:
    """`app` hands over who has a page open (`here`) and how somebody is told (`say`)."""

    def __init__(
        self,
        database: Database,
        bus: Bus,
        here: Callable[[], Collection[int]],
        say: Say,
        spawn: Callable[[Coroutine[Any, Any, None]], None],
    ) -> None:
        self._database, self._here, self._say, self._spawn = database, here, say, spawn
        self._heard: set[int] = set()
        self._is_busy = False
        self._concerned: OrderedDict[int, frozenset[int]] = OrderedDict()
        bus.listen(self._note, InteractionChanged, CallStored)

    def _note(self, event: InteractionChanged | CallStored) -> None:
        if event.interaction_id is None or (isinstance(event, CallStored) and not event.ended):
            return
        self._heard.add(event.interaction_id)
        if not self._is_busy:
            self._is_busy = True
            self._spawn(self._tell())

    async def _tell(self) -> None:
        """Tell of what was heard, and then of what came meanwhile."""
        try:
            while self._heard:
                heard, self._heard = self._heard, set()
                if not self._here():
                    continue
                for user_id in await self._whose(sorted(heard)) & set(self._here()):
                    self._say(user_id)
        finally:
            self._is_busy = False

    async def _whose(self, ids: list[int]) -> set[int]:
        people: set[int] = set()
        for at in range(0, len(ids), BLOCK):
            block = ids[at : at + BLOCK]
            async with self._database.read() as session:
                found = await concerned(session, block)
            for id_ in block:
                now = found.get(id_, frozenset())
                people |= now | self._concerned.pop(id_, frozenset())
                self._concerned[id_] = now
        while len(self._concerned) > REMEMBERED:
            self._concerned.popitem(last=False)
        return people


async def concerned(session: AsyncSession, ids: Collection[int]) -> dict[int, frozenset[int]]:
    """Return the people whom each of these interactions concerns."""
    found: dict[int, set[int]] = {}
    for id_, user_id in await session.execute(union(*_ways(ids))):
        if user_id is not None:
            found.setdefault(id_, set()).add(user_id)
    return {id_: frozenset(users) for id_, users in found.items()}


def _ways(ids: Collection[int]) -> list[Select[*tuple[Any, ...]]]:
    return [
        select(Interaction.id, Interaction.owner_id).where(Interaction.id.in_(ids)),
        select(Interaction.id, Interaction.given_by_id).where(Interaction.id.in_(ids)),
        select(Participant.interaction_id, Participant.user_id).where(
            Participant.interaction_id.in_(ids)
        ),
        select(Participant.interaction_id, Contact.owner_id)
        .join(Contact, Contact.id == Participant.contact_id)
        .where(Participant.interaction_id.in_(ids)),
        select(CallRow.interaction_id, CallLeg.user_id)
        .join(CallLeg, CallLeg.call_id == CallRow.id)
        .where(CallRow.interaction_id.in_(ids)),
    ]

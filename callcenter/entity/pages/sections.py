"""Rows in sections by one of their fields: the columns of a board, the groups of a list.

Each section pages by itself and is counted by itself, so they cost as much with a million rows as
with a hundred.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.entity import listing
from callcenter.entity.conditions import Asker
from callcenter.entity.description import Condition, Entity, Field
from callcenter.entity.filters import compared_as
from callcenter.entity.keys import ENTITIES
from callcenter.entity.listing import MOST_COUNTED, Line, Page, Wanted
from callcenter.entity.pages import inputs
from callcenter.entity.pages.asked import Asked, asker_of
from callcenter.entity.reading import Unreadable, read_text
from callcenter.entity.registry import Registry
from callcenter.entity.requests import context_of
from callcenter.errors import BadInput
from callcenter.server.identity import Identity

#: {field: [(currency, minor units)]}
Worth = Mapping[str, Sequence[tuple[str, int]]]


@dataclass(frozen=True, slots=True)
class Section:
    #: As the form says it; "" for rows that are in no section.
    value: str
    label: str
    page: Page
    count: int
    #: What its rows are worth: of each amount, by currency.
    sums: Worth = field(default_factory=dict)

    @property
    def lines(self) -> Sequence[Line]:
        return self.page.lines


@dataclass(frozen=True, slots=True)
class Sections:
    """The sections of one list, as somebody asks for them."""

    entity: Entity
    field: Field
    request: web.Request
    who: Identity
    #: The amounts that are added up.
    amounts: Sequence[str] = ()

    async def values(self, session: AsyncSession) -> list[tuple[str, str]]:
        """Return which there can be: (value, label)."""
        [known] = await inputs.inputs_of(
            session, [self.field], {}, context_of(self.request), self.who, self.entity
        )
        has_none = not known.required and self.field.type != "bool"
        return [*([("", "")] if has_none else []), *known.options]

    async def one(
        self,
        session: AsyncSession,
        wanted: Wanted,
        value: str,
        label: str,
        limit: int,
    ) -> Section:
        """Return a section with its first rows, counted and summed up."""
        some, asker = self._some(wanted, value), self._asker()
        asked = session, self._registry(), self.entity, asker, some
        count, sums = await listing.totals(*asked, self.amounts)
        page = await listing.page(*asked, None, limit) if count else Page([])
        return Section(value, label, page, min(count, MOST_COUNTED + 1), sums)

    async def more(
        self, session: AsyncSession, wanted: Wanted, value: str, after: str | None, limit: int
    ) -> Section:
        """Return the rows of a section that follow `after`."""
        some = self._some(wanted, value)
        registry, asker = self._registry(), self._asker()
        page = await listing.page(session, registry, self.entity, asker, some, after, limit)
        return Section(value, "", page, 0)

    def _some(self, wanted: Wanted, value: str) -> Wanted:
        here = _within(self.field, value, self.request)
        also = listing.meeting(here, self._registry(), self.entity, self._asker())
        return replace(wanted, also=wanted.also & also)

    def _registry(self) -> Registry:
        return self.request.app[ENTITIES]

    def _asker(self) -> Asker:
        return asker_of(self.request, self.who)


def money(now: Asked) -> list[str]:
    """Return the columns of a list that have money."""
    return [name for name in now.columns if now.fields[name].type == "money"]


def _within(field: Field, value: str, request: web.Request) -> Condition:
    """Return the condition that a row stands in a section. Raises BadInput."""
    if not value:
        return Condition(field.name, "empty")
    try:
        read = read_text(compared_as(field, "is"), value, context_of(request))
        return Condition(field.name, "is", read)
    except Unreadable as problem:
        raise BadInput({field.name: problem.sentence}) from problem

"""What an address asks of a list: which rows, how sorted, which columns, by which view.

Everything a list shows stands in its address, so it can be kept, sent and gone back to:

    f, any      the filter (`filters`)          cols   columns, with commas between them
    sort        "name" or "-name"               q      what was typed into the search box
    view        the view it began with          own=1  the address says it all, not the view
    group       the field by whose values a list stands in sections
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.entity import filters, views
from callcenter.entity.conditions import Asker
from callcenter.entity.description import Entity, Field, Sort
from callcenter.entity.keys import ENTITIES
from callcenter.entity.listing import Order, Wanted, order_of, readable, sorts_of
from callcenter.entity.nesting import EVERYTHING, Filter, Place
from callcenter.entity.pages.gone import GONE
from callcenter.entity.reading import Context
from callcenter.entity.registry import Registry
from callcenter.entity.requests import context_of
from callcenter.entity.views import Seen
from callcenter.errors import BadInput
from callcenter.server.body import number_in
from callcenter.server.identity import Identity
from callcenter.server.keys import CLOCK
from callcenter.server.pages import zone_of

MOST_COLUMNS = 30


@dataclass(frozen=True)
class Asked:
    """A list as its reader asked for it."""

    entity: Entity
    order: Order
    columns: tuple[str, ...]
    filter: Filter = EVERYTHING
    typed: str = ""
    group: str = ""
    view: Seen | None = None
    #: What a filter that could not be read looks like in the address: it is kept, and finds nothing.
    unread: tuple[tuple[str, str], ...] = ()
    wrong: Mapping[str, str] = field(default_factory=dict)
    #: What may be shown.
    fields: Mapping[str, Field] = field(default_factory=dict)
    #: In which orders the list may be read, the usual one first.
    sorts: Sequence[Sort] = ()
    #: By which of them a list may stand in sections.
    groups: Mapping[str, Field] = field(default_factory=dict)
    #: What the address of the view would say, before anybody changed anything.
    at_first: Sequence[tuple[str, str]] = ()

    @property
    def is_own(self) -> bool:
        """Whether it shows something else than its view, or than the entity's list to begin with."""
        return self.at_first != [pair for pair in self.parameters() if pair[0] != "q"]

    def parameters(self) -> list[tuple[str, str]]:
        """Return what the address says of the rows."""
        told = [*filters.query(self.filter, self.fields), *self.unread]
        if self.columns != begin_columns(self.entity, self.fields):
            told.append(("cols", ",".join(self.columns)))
        if self.order != Order(self.sorts[0], self.sorts[0].descending):
            told.append(("sort", str(self.order)))
        if self.group:
            told.append(("group", self.group))
        if self.typed:
            told.append(("q", self.typed))
        return told

    def state(self, without: str = "") -> list[tuple[str, str]]:
        """Return all parameters but one, for forms that add to them."""
        view = [("view", str(self.view.id))] if self.view else []
        told = [*view, ("own", "1"), *self.parameters()]
        return [pair for pair in told if pair[0] != without]

    def url(self, page: str = "", **more: object) -> str:
        told = "&".join((self._state, urlencode(more))) if more else self._state
        return f"/{self.entity.plural}{page}?{told}"

    @cached_property
    def _state(self) -> str:
        """All parameters as an address writes them: a page has a hundred links that begin so."""
        return urlencode(self.state())

    # What the links of a list lead to.

    def without(self, place: Place) -> str:
        return replace(self, filter=self.filter.without(place)).url()

    def all_or_any(self, place: Place = ()) -> str:
        """Return the address where a group asks for any of its parts if it asked for all."""
        group = self.filter.at(place)
        if not isinstance(group, Filter):
            return self.url()
        turned = replace(group, any=not group.any)
        return replace(self, filter=self.filter.put(place, turned)).url()

    def unfiltered(self) -> str:
        return replace(self, filter=EVERYTHING, unread=(), typed="").url()

    def grouped(self, name: str) -> str:
        return replace(self, group=name).url()

    def sorted(self, name: str, *, descending: bool) -> str:
        sort = self._sort(name)
        return self.url() if sort is None else replace(self, order=Order(sort, descending)).url()

    def turned(self, name: str) -> str:
        """Return the address sorted by `name`, the other way round if it is so already."""
        sort = self._sort(name)
        if sort is None:
            return self.url()
        turned = not self.order.descending if self.order.sort == sort else sort.descending
        return replace(self, order=Order(sort, turned)).url()

    def sort_of(self, column: str) -> str:
        """Return the name of the order that a column's heading offers, "" if it offers none."""
        return next((sort.name for sort in self.sorts if column in (sort.name, *sort.columns)), "")

    def _sort(self, name: str) -> Sort | None:
        return next((sort for sort in self.sorts if sort.name == name), None)

    def wanted(self, columns: Sequence[str] = (), **facts: Any) -> Wanted:
        return Wanted(tuple(columns) or self.columns, self.order, self.filter, **facts)


def asker_of(request: web.Request, who: Identity) -> Asker:
    return Asker(who, request.app[CLOCK](), zone_of(request))


async def asked(
    request: web.Request, session: AsyncSession, entity: Entity, who: Identity
) -> Asked:
    """Return the list that the address asks for. Raises BadInput or NotFound."""
    query, registry = request.query, request.app[ENTITIES]
    begin = blank(registry, entity, asker_of(request, who))
    view: Seen | None = None
    if (view_id := number_in(query, "view")) is not None:
        view = await views.find(session, who, entity.name, view_id)
    elif not query.keys() - {GONE}:
        view = await views.first(session, who, entity.name)
    typed = query.get("q", "").strip()
    by_view = _with_view(begin, view, registry, who, context_of(request))
    by_view = replace(by_view, at_first=by_view.parameters(), typed=typed)
    if view is not None and "own" not in query:
        return by_view
    columns = tuple(name for name in query.get("cols", "").split(",") if name in begin.fields)
    own = replace(
        by_view,
        order=order_of(entity, who, query.get("sort", "")),
        columns=columns[:MOST_COLUMNS] or begin.columns,
        group=_group(query.get("group", ""), begin),
        wrong={},
    )
    return _filtered(own, request, who)


def blank(registry: Registry, entity: Entity, asker: Asker) -> Asked:
    """Return the list as it begins for somebody who kept no view."""
    fields = readable(registry, entity, asker)
    return Asked(
        entity, order_of(entity, asker.who), begin_columns(entity, fields), fields=fields,
        sorts=sorts_of(entity, asker.who),
        groups=groupable(registry, entity, asker.who),
    )  # fmt: skip


def groupable(registry: Registry, entity: Entity, who: Identity) -> dict[str, Field]:
    """Return the fields whose values can be counted off, so that a list stands in sections by them."""
    return {
        name: described
        for name, described in filters.filterable(registry, entity, who).items()
        if described.type in ("choice", "option", "bool")
        or (described.type == "reference" and not registry[described.refers_to].has_pages)
    }


def begin_columns(entity: Entity, fields: Mapping[str, Field]) -> tuple[str, ...]:
    return tuple(name for name in entity.columns if name in fields)


def _with_view(
    begin: Asked, view: Seen | None, registry: Registry, who: Identity, context: Context
) -> Asked:
    """Return the list as a view has it; columns and orders that are gone are left out."""
    if view is None:
        return begin
    fields, wrong, read = filters.filterable(registry, begin.entity, who), {}, EVERYTHING
    try:
        read = filters.read(view.filter or {}, fields, context)
    except BadInput as problem:
        wrong = problem.fields
    known = view.sort.removeprefix("-") in {sort.name for sort in begin.sorts}
    columns = tuple(name for name in view.columns if name in begin.fields)
    return replace(
        begin,
        view=view,
        filter=read,
        order=order_of(begin.entity, who, view.sort) if known else begin.order,
        columns=columns or begin.columns,
        group=_group(view.group, begin),
        wrong=wrong,
    )


def _group(name: str, begin: Asked) -> str:
    return name if name in begin.groups else ""


def _filtered(so_far: Asked, request: web.Request, who: Identity) -> Asked:
    told = request.query.getall("f", [])
    fields = filters.filterable(request.app[ENTITIES], so_far.entity, who)
    try:
        read = filters.read_query(told, fields, context_of(request), is_any="any" in request.query)
        return replace(so_far, filter=read)
    except BadInput as problem:
        kept = tuple(("f", line) for line in told)
        return replace(so_far, filter=EVERYTHING, unread=kept, wrong=problem.fields)

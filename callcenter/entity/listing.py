"""Rows of an entity, a page at a time, at the same cost on any page.

Pages go by key: what the rows are sorted by and the id, never by how many there were before. What
has no value to be sorted by comes last in either direction, so a page is read in two stretches:
rows that have one, then rows that have none; each of them lies in the order of the sort's index.
Only what is shown is read: chosen columns, and the names of rows they refer to in one question.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import ColumnElement, and_, literal, true
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.db import Instant
from callcenter.entity.conditions import Asker, condition_of, meets
from callcenter.entity.description import Condition, Entity, Field, Sort, value_of
from callcenter.entity.nesting import EVERYTHING, Filter
from callcenter.entity.registry import Registry
from callcenter.entity.rights import access, in_trash, listed, masked
from callcenter.entity.saving import stored_as
from callcenter.entity.showing import Names, names_of
from callcenter.entity.stretches import Place, There, count_of, first, totals_of
from callcenter.errors import BadInput, Sentence
from callcenter.server.body import MISFIT
from callcenter.server.identity import Identity

PAGE_ROWS = 50
#: More rows than this are not counted: "10,000+".
MOST_COUNTED = 10_000


def _(message: str) -> str:
    return message


NO_SUCH_SORT = _("The list cannot be sorted so. It can by: {names}.")


class Order(NamedTuple):
    sort: Sort
    descending: bool

    def __str__(self) -> str:
        return f"-{self.sort.name}" if self.descending else self.sort.name


class Line(msgspec.Struct, frozen=True):
    """One row: what was asked for of it, without what its reader may not see."""

    id: int
    version: int
    title: str
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Page:
    lines: Sequence[Line]
    #: Where the next page begins, None if this is the last.
    after: str | None = None
    #: Names of the rows that the values refer to.
    names: Names = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows, in which order, and what of them."""

    columns: tuple[str, ...]
    order: Order
    filter: Filter = EVERYTHING
    #: Whether the names of rows that the values refer to are wanted, too.
    named: bool = True
    #: Only these rows, whatever else is asked: what a search found.
    ids: tuple[int, ...] | None = None
    #: Rows that were set aside, instead of those that are there.
    trash: bool = False
    #: And this.
    also: ColumnElement[bool] = field(default_factory=true)


#: The order of a list of which every other one is covered: ids rise with time.
NEWEST = Sort("id", ("id",), _("Newest first"), descending=True)


def sorts_of(entity: Entity, who: Identity) -> tuple[Sort, ...]:
    """Return the orders in which `who` may read a list; there is always one.

    By a value that is covered nothing is sorted: the order would tell it.
    """
    return tuple(sort for sort in entity.sorts if _may_sort(entity, sort, who)) or (NEWEST,)


def _may_sort(entity: Entity, sort: Sort, who: Identity) -> bool:
    # A name is sorted by its folded form, which is no field.
    by = (field for field in entity.fields if field.name in (sort.name, *sort.columns))
    return all(access(entity, field, who) in ("read", "write") for field in by)


def order_of(entity: Entity, who: Identity, written: str = "") -> Order:
    """Return the order that "name" or "-name" says; nothing is the first there is. Raises BadInput."""
    sorts = sorts_of(entity, who)
    if not written:
        return Order(sorts[0], sorts[0].descending)
    named = next((sort for sort in sorts if sort.name == written.removeprefix("-")), None)
    if named is None:
        names = ", ".join(name for sort in sorts for name in (sort.name, f"-{sort.name}"))
        raise BadInput({"sort": Sentence(NO_SUCH_SORT, names=names)})
    return Order(named, written.startswith("-"))


def readable(registry: Registry, entity: Entity, asker: Asker) -> dict[str, Field]:
    """Return the fields that a list may show to who asks, masked ones among them."""
    return {
        name: described
        for name, described in registry.fields(entity.name).items()
        if access(entity, described, asker.who) != "hidden"
    }


async def page(
    session: AsyncSession,
    registry: Registry,
    entity: Entity,
    asker: Asker,
    wanted: Wanted,
    after: str | None = None,
    limit: int = PAGE_ROWS,
) -> Page:
    """Return the rows that follow `after`. Raises BadInput for a cursor that is none."""
    fields = readable(registry, entity, asker)
    shown = {name: fields[name] for name in wanted.columns if name in fields}
    there = await _there(session, registry, entity, asker, wanted)
    columns = columns_of(entity, shown.values(), wanted.order.sort.columns)
    rows = await _rows(session, columns, there, wanted.order, after, limit + 1)
    lines = await lines_of(session, entity, asker, rows[:limit], shown)
    told = [
        field
        for field in shown.values()
        if wanted.named
        and field.type == "reference"
        and access(entity, field, asker.who) != "masked"
    ]
    held = ((field, line.values[field.name]) for line in lines for field in told)
    return Page(
        lines,
        _cursor(rows[limit - 1], wanted.order) if len(rows) > limit else None,
        await names_of(session, registry, held, asker.who),
    )


async def count(
    session: AsyncSession, registry: Registry, entity: Entity, asker: Asker, wanted: Wanted
) -> int:
    """Return how many rows there are; one more than `MOST_COUNTED` if there are more."""
    there = await _there(session, registry, entity, asker, wanted)
    return await count_of(session, there, MOST_COUNTED + 1)


class Totals(NamedTuple):
    """What stands above a list or a column of a board."""

    #: One more than `MOST_COUNTED` if there are more.
    rows: int
    #: {field: [(currency, minor units)]}, the largest first; of more rows than are counted, what
    #: so many of them are worth.
    sums: Mapping[str, Sequence[tuple[str, int]]]


async def totals(
    session: AsyncSession,
    registry: Registry,
    entity: Entity,
    asker: Asker,
    wanted: Wanted,
    names: Sequence[str],
) -> Totals:
    """Return how many rows there are, and what they are worth in these fields by currency."""
    there = await _there(session, registry, entity, asker, wanted)
    fields = registry.fields(entity.name)
    readable = [
        name for name in names if access(entity, fields[name], asker.who) in ("read", "write")
    ]
    if not readable:
        return Totals(await count_of(session, there, MOST_COUNTED + 1), {})
    amounts = {name: stored_as(entity.model, fields[name]) for name in readable}
    code = getattr(entity.model, "currency", literal(""))
    count, worth = await totals_of(session, there, amounts, code, MOST_COUNTED + 1)
    # An added field is an amount without a currency of its own.
    plain = {
        name: {"": sum(each.values())} if each and fields[name].is_custom else each
        for name, each in worth.items()
    }
    return Totals(count, {name: _largest_first(each) for name, each in plain.items() if each})


def _largest_first(worth: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(worth.items(), key=lambda one: (-one[1], one[0]))


def meeting(
    condition: Condition, registry: Registry, entity: Entity, asker: Asker
) -> ColumnElement[bool]:
    """Return one condition more, for `Wanted.also`."""
    return condition_of(condition, entity, registry.fields(entity.name)[condition.field], asker)


async def _there(
    session: AsyncSession, registry: Registry, entity: Entity, asker: Asker, wanted: Wanted
) -> There:
    model: Any = entity.model
    conditions = [meets(wanted.filter, entity, registry.fields(entity.name), asker), wanted.also]
    if wanted.ids is not None:
        conditions.append(model.id.in_(wanted.ids))
    if wanted.trash:
        return There(model, and_(in_trash(entity, asker.who), *conditions))
    seen, ways = await listed(session, entity, asker.who)
    return There(model, and_(seen, *conditions), ways)


# ---------------------------------------------------------------- read


def columns_of(entity: Entity, shown: Iterable[Field], also: Iterable[str] = ()) -> dict[str, Any]:
    """Return what is read of each row, by name."""
    model: Any = entity.model
    return {name: getattr(model, name) for name in names_of_columns(entity, shown, also)}


def names_of_columns(
    entity: Entity, shown: Iterable[Field], also: Iterable[str] = ()
) -> tuple[str, ...]:
    """Return the names of what is read of each row, each once."""
    own = (
        "custom" if described.is_custom else described.name
        for described in shown
        if described.virtual is None
    )
    return tuple(dict.fromkeys(("id", "version", entity.title, *also, *own)))


async def _rows(
    session: AsyncSession,
    columns: Mapping[str, Any],
    there: There,
    order: Order,
    after: str | None,
    limit: int,
) -> Sequence[Any]:
    """Return rows with a value to be sorted by, then those without."""
    by = [columns[name] for name in order.sort.columns]
    last = _key(after, [*by, columns["id"]]) if after else None
    shown = tuple(columns.values())
    rows: list[Any] = []
    if last is None or last[0] is not None:
        has_value = there.also(by[0].is_not(None)) if by[0].nullable else there
        place = Place((*by, columns["id"]), order.descending, last)
        rows += await first(session, shown, has_value, place, limit)
        last = None
    if by[0].nullable and len(rows) < limit:
        # PostgreSQL does not see that rows without a value lie in the index by their id alone.
        place = Place((columns["id"],), order.descending, last and last[-1:], by[0])
        rows += await first(session, shown, there.also(by[0].is_(None)), place, limit - len(rows))
    return rows


async def lines_of(
    session: AsyncSession,
    entity: Entity,
    asker: Asker,
    rows: Sequence[Any],
    shown: Mapping[str, Field],
    lists: Mapping[str, Mapping[int, Sequence[Any]]] = MappingProxyType({}),
) -> list[Line]:
    """Return of each row what its reader may see of it; `lists` are parts that were loaded."""
    loaded = await _loaded(session, [row.id for row in rows], shown, lists)
    covered = [
        name for name, field in shown.items() if access(entity, field, asker.who) == "masked"
    ]
    lines: list[Line] = []
    if not rows:
        return lines
    values_of = _reader(shown, loaded, rows[0]._fields)
    for row in rows:
        values = values_of(row)
        for name in covered:
            values[name] = masked(values[name])
        lines.append(Line(row.id, row.version, title_of(entity, asker, row), values))
    return lines


async def _loaded(
    session: AsyncSession,
    ids: Sequence[int],
    shown: Mapping[str, Field],
    lists: Mapping[str, Mapping[int, Sequence[Any]]],
) -> dict[str, Mapping[int, Any]]:
    """Return the values of fields that are no columns, by row."""
    loaded: dict[str, Mapping[int, Any]] = {}
    for name, described in shown.items() if ids else ():
        virtual = described.virtual
        if virtual is None or name in loaded:
            continue
        if virtual.of_part is not None and virtual.part in lists:
            held = lists[virtual.part].items()
            loaded[name] = {row_id: virtual.of_part(items) for row_id, items in held}
            continue
        if (together := virtual.load_together) is None:
            loaded[name] = await virtual.load(session, ids)
            continue
        names = [
            other for other, each in shown.items()
            if each.virtual is not None and each.virtual.load_together == together
        ]  # fmt: skip
        loaded |= await together(session, ids, names)
    return loaded


def _reader(
    shown: Mapping[str, Field], loaded: Mapping[str, Mapping[int, Any]], columns: Sequence[str]
) -> Callable[[Any], dict[str, Any]]:
    """Return what reads the values of rows of these columns, all at once: they are most of them."""
    custom = [name for name in shown if shown[name].is_custom]
    unasked = [name for name in columns if name not in shown]

    def values_of(row: Any) -> dict[str, Any]:
        read = dict(zip(columns, row, strict=True))
        for name in unasked:
            del read[name]
        read |= {name: of_row.get(row.id) for name, of_row in loaded.items()}
        return read | {name: value_of(row, name) for name in custom} if custom else read

    return values_of


def title_of(entity: Entity, asker: Asker, row: Any) -> str:
    """Return what the row is called; a title that its reader may not see is its number."""
    described = next((field for field in entity.fields if field.name == entity.title), None)
    held = str(value_of(row, entity.title) or "")
    match access(entity, described, asker.who) if described else "read":
        case "hidden":
            return f"#{row.id}"
        case "masked":
            return str(masked(held))
        case _:
            return held


# ---------------------------------------------------------------- cursors


def _cursor(row: Any, order: Order) -> str:
    key = [getattr(row, name) for name in (*order.sort.columns, "id")]
    return urlsafe_b64encode(msgspec.json.encode(key)).rstrip(b"=").decode()


def _key(after: str, by: Sequence[Any]) -> list[Any]:
    """Return what a cursor says. Raises BadInput if it is none of this order."""
    try:
        held = msgspec.json.decode(urlsafe_b64decode(after + "=" * (-len(after) % 4)))
        if isinstance(held, list) and held[-1] is not None:
            return [_part(each, column) for each, column in zip(held, by, strict=True)]
    except (ValueError, IndexError, msgspec.MsgspecError) as error:
        raise BadInput({"after": MISFIT}) from error
    raise BadInput({"after": MISFIT})


def _part(held: Any, column: Any) -> Any:
    """Return one part of a key. Raises ValueError for what no database would take."""
    if held is None and column.nullable:
        return None
    part = msgspec.convert(held, _kind(column))
    if (isinstance(part, str) and "\0" in part) or (isinstance(part, int) and abs(part) >> 62):
        raise ValueError(part)
    return part


def _kind(column: Any) -> type[Any]:
    kind: type[Any] = datetime if isinstance(column.type, Instant) else column.type.python_type
    return kind

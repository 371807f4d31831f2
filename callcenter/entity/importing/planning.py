"""What becomes of each row of a block: added, changed, left alone, or refused and why.

A row is looked for by the entity's keys in their order: the first that finds anything decides,
so a tax id goes before a telephone that a whole office shares. All look-ups of a block are
one question a field. Rows that were set aside are not there.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal, Self

from sqlalchemy import select

from callcenter.entity.description import Field, value_of
from callcenter.entity.editing import Diff, plain
from callcenter.entity.importing.batches import Options
from callcenter.entity.importing.counterparts import Above, Binder, Key, Made
from callcenter.entity.importing.headings import plain as plain_words
from callcenter.entity.importing.values import Listed, Reading
from callcenter.entity.parts import Restated
from callcenter.entity.rights import access, visible_to
from callcenter.entity.saving import NOT_YOURS, TAKEN, Deed, checked, create, stored_as
from callcenter.errors import BadInput
from callcenter.server.identity import may


def _(message: str) -> str:
    return message


THERE_ALREADY: Final = _("There is such a record already.")
TWICE: Final = _("A row above in the file is the same.")
CHANGES_ROW_ABOVE: Final = _("Changes the record that a row above in the file adds.")
SEVERAL: Final = _("Several records have this, so it is not known which one is meant.")
NOBODY_CALLED: Final = _("There is no record of this name. Add it first, or correct the name.")
SEVERAL_CALLED: Final = _("Several records have this name. Give its id instead.")

Did = Literal["add", "change", "same", "skip", "wrong"]

#: Names that were looked up are remembered, so many of them.
_REMEMBERED: Final = 20_000
_FIRST_HITS: Final = 20
#: So many rows are planned before others get their turn.
_AT_A_TIME: Final = 40


@dataclass(slots=True)
class Plan:
    """What becomes of one row."""

    reading: Reading
    did: Did
    row_id: int = 0
    #: The row as it is, if it is to be changed.
    row: Any = None
    columns: Mapping[str, Any] = field(default_factory=dict)
    #: {part: forms of what is to be added to its list, or said of what is there}
    forms: dict[str, list[Any]] = field(default_factory=dict)
    #: The values of lists that come of the row.
    listed: list[Listed] = field(default_factory=list)
    diff: Diff = field(default_factory=dict)
    #: Rows that were made since this one names or needs them.
    made: list[Made] = field(default_factory=list)
    #: Sentences by field; "" is for the row as a whole.
    wrong: dict[str, str] = field(default_factory=dict)
    why: str = ""

    @property
    def is_partly(self) -> bool:
        return bool(self.wrong) and self.did != "wrong"


#: Which keys rows above had that are not in the database yet.
Earlier = Above


class Pending:
    """The keys of the rows that this block adds, and of those the one before it is adding."""

    def __init__(self) -> None:
        self._before: set[Key] = set()
        self._keys: set[Key] = set()

    def next_block(self) -> Self:
        """Go on to the next block; what stood above the one before it is written by now."""
        self._before, self._keys = self._keys, set()
        return self

    def has(self, keys: Sequence[Key]) -> bool:
        return not (self._keys.isdisjoint(keys) and self._before.isdisjoint(keys))

    def add(self, keys: Sequence[Key]) -> None:
        self._keys.update(keys)


class Planner:
    """Plans blocks of one batch. `deed` is of the block's transaction."""

    def __init__(self, fields: Mapping[str, Field], options: Options) -> None:
        self._fields = fields
        self._options = options
        self._dry = False
        self._binder: Binder | None = None
        #: {part: {row: its list}} of rows that may be changed, where more is said of a value.
        self._lists: dict[str, dict[int, list[Any]]] = {}
        #: What rows above in this block have in fields that must be alone: (field, value).
        self._alone: set[tuple[str, Any]] = set()
        #: {(field, plain name): ids}
        self._called: dict[tuple[str, str], list[int]] = {}

    async def plan(
        self, deed: Deed, readings: Sequence[Reading], earlier: Earlier, *, dry: bool
    ) -> list[Plan]:
        """Return a plan for each row, or for the first ones only.

        A row that would change one which this block adds has to wait for the next block, when
        that one is there; on a dry run it never will be.
        """
        if not dry:
            # What blocks before this one have is asked for.
            self._alone.clear()
        self._dry = dry
        await self._resolve_names(deed, readings)
        found = await self._find(deed, readings)
        rows = await self._rows_to_change(deed, readings, found, dry=dry)
        self._lists = await _lists_of(deed, readings, rows)
        given = [reading.given for reading in readings]
        self._binder = await Binder.of(deed, given, make=self._options.make, above=earlier, dry=dry)
        plans: list[Plan] = []
        changed: set[int] = set()
        for place, reading in enumerate(readings):
            if place % _AT_A_TIME == 0:
                await asyncio.sleep(0)
            keys = self._keys(reading)
            ids = self._ids(keys, found) if self._options.rule != "add" else []
            is_above = self._options.rule != "add" and not ids and earlier.has(keys)
            waits = changed.intersection(ids) or (is_above and self._options.rule == "update")
            if waits and not dry:
                break
            if is_above:
                plans.append(self._as_above(reading))
            else:
                plans.append(await self._plan(deed, reading, ids, found, rows))
            if plans[-1].did in ("add", "change"):
                # Whoever is changed may have got a number that a row below has, too.
                earlier.add(keys)
                self._alone.update(self._unique(plans[-1].columns))
            if plans[-1].did == "change":
                changed.add(plans[-1].row_id)
        return plans

    def _as_above(self, reading: Reading) -> Plan:
        if self._options.rule == "update":
            return Plan(reading, "change", why=CHANGES_ROW_ABOVE)
        return Plan(reading, "skip", why=TWICE)

    async def _plan(
        self,
        deed: Deed,
        reading: Reading,
        ids: Sequence[int],
        found: Mapping[Key, list[int]],
        rows: Mapping[int, Any],
    ) -> Plan:
        if reading.wrong and not self._may_go_without(reading.wrong):
            return Plan(reading, "wrong", wrong=reading.wrong)
        if not ids:
            made = await self._make(deed, reading)
            plan = await self._adding(deed, reading)
            plan.made = [*made, *plan.made]
            return plan
        if self._options.rule == "skip":
            return Plan(reading, "skip", row_id=ids[0], why=THERE_ALREADY)
        if len(ids) > 1:
            return Plan(reading, "wrong", wrong={self._key_of(reading, found): SEVERAL})
        if ids[0] not in rows:
            return Plan(reading, "wrong", wrong={self._key_of(reading, found): NOT_YOURS})
        made = await self._make(deed, reading)
        return replace(await self._changing(deed, reading, rows[ids[0]], found), made=made)

    # ------------------------------------------------------------ one row

    async def _adding(self, deed: Deed, reading: Reading) -> Plan:
        given = dict(reading.given)
        own = deed.entity.is_owned and "owner_id" not in given
        if own:
            given["owner_id"] = deed.who.user_id
        plan = Plan(reading, "add", wrong=dict(reading.wrong))
        _list(plan, reading.listed)
        sure = {*reading.named, "owner_id"}
        if self._binder is None:
            return await self._checked(deed, plan, None, given, sure)
        bound = self._binder.bind(given)
        given |= bound.given
        plan = await self._checked(deed, plan, None, given, sure | bound.given.keys())
        if bound.lacks and plan.did == "add":
            # Only now: nobody is made for a row that is refused.
            await self._binder.fill(bound, given)
            plan.columns = {**plan.columns, **bound.given}
            plan.made = bound.made
        plan.why = bound.why if plan.did == "add" else ""
        return plan

    async def _changing(
        self, deed: Deed, reading: Reading, row: Any, found: Mapping[Key, list[int]]
    ) -> Plan:
        given = {
            name: value
            for name, value in reading.given.items()
            # Whether a covered value is "the same" would tell what it is.
            if plain(value_of(row, name)) != plain(value)
            or access(deed.entity, self._fields[name], deed.who) in ("hidden", "masked")
        }
        plan = Plan(reading, "change", row_id=row.id, row=row, wrong=dict(reading.wrong))
        gained = [self._gained(deed, row, listed, found) for listed in reading.listed]
        _list(plan, [listed for listed in gained if listed is not None])
        new_names = reading.named.keys() - reading.given.keys() - reading.wrong.keys()
        if not given and not plan.forms and not new_names:
            plan.did = "same"
            return plan
        plan.diff = {name: [plain(value_of(row, name)), plain(given[name])] for name in given}
        plan.diff |= {part: [[], forms] for part, forms in plan.forms.items()}
        return await self._checked(deed, plan, row, given, set(reading.named))

    def _gained(
        self, deed: Deed, row: Any, listed: Listed, found: Mapping[Key, list[int]]
    ) -> Listed | None:
        """Return what a value of the file adds to the row's list, or says anew of one in it."""
        if row.id not in found.get((listed.field, listed.norm), ()):
            return listed
        part = deed.entity.part(listed.part)
        if not isinstance(part, Restated):
            return None
        held = self._lists[part.name].get(row.id, [])
        form = part.restated(held, listed.norm, listed.form)
        return None if form is None else listed._replace(form=form)

    async def _checked(
        self, deed: Deed, plan: Plan, row: Any, given: dict[str, Any], sure: set[str]
    ) -> Plan:
        """Fill in the columns; a row may go without those of its cells that are wrong."""
        try:
            self._refuse_taken(given)
            plan.columns = await checked(deed, row, given, sure)
        except BadInput as problem:
            plan.wrong |= problem.fields
            rest = {name: value for name, value in given.items() if name not in problem.fields}
            if len(rest) == len(given) or not self._may_go_without(problem.fields):
                plan.did = "wrong"
                return plan
            plan.diff = {name: pair for name, pair in plan.diff.items() if name not in plan.wrong}
            return await self._checked(deed, plan, row, rest, sure)
        return plan

    def _refuse_taken(self, given: Mapping[str, Any]) -> None:
        """Raise BadInput for what a row above has and no other may."""
        if taken := {name: TAKEN for name, _ in self._unique(given) & self._alone}:
            raise BadInput(taken)

    def _unique(self, values: Mapping[str, Any]) -> set[tuple[str, Any]]:
        """Return which of these values no other row may have."""
        return {
            (name, value)
            for name, value in values.items()
            if value is not None and name in self._fields and self._fields[name].unique
        }

    def _may_go_without(self, wrong: Mapping[str, str]) -> bool:
        return self._options.lenient and not any(
            self._fields[name].required for name in wrong if name in self._fields
        )

    # ------------------------------------------------------------ what is there

    def _keys(self, reading: Reading) -> list[Key]:
        """Return by what the row may be found, in the order in which keys decide."""
        keys: list[Key] = []
        for name in self._options.keys:
            if reading.given.get(name) is not None:
                keys.append((name, reading.given[name]))
            keys.extend((name, one.norm) for one in reading.listed if one.field == name)
        return keys

    def _ids(self, keys: Sequence[Key], found: Mapping[Key, list[int]]) -> list[int]:
        """Return the rows that the first key with any finds."""
        for name in self._options.keys:
            ids = {id_ for key in keys if key[0] == name for id_ in found.get(key, ())}
            if ids:
                return sorted(ids)
        return []

    def _key_of(self, reading: Reading, found: Mapping[Key, list[int]]) -> str:
        """Return the field by which the row was found."""
        return next((key[0] for key in self._keys(reading) if found.get(key)), "")

    async def _find(self, deed: Deed, readings: Sequence[Reading]) -> dict[Key, list[int]]:
        """Return the rows that have one of the block's keys, or of its values in lists."""
        wanted: dict[str, set[Any]] = {}
        for reading in readings:
            for name, value in self._keys(reading):
                wanted.setdefault(name, set()).add(value)
            if self._options.rule == "update":
                for one in reading.listed:
                    wanted.setdefault(one.field, set()).add(one.norm)
        found: dict[Key, list[int]] = {}
        for name, values in wanted.items():
            hits = await self._with(deed, self._fields[name], list(values))
            found |= {(name, value): ids for value, ids in hits.items()}
        return found

    async def _with(
        self, deed: Deed, described: Field, values: list[Any]
    ) -> Mapping[Any, list[int]]:
        """Return the rows by the value of a field that they have."""
        if described.virtual is not None:
            if described.virtual.find is None:
                return {}
            return await described.virtual.find(deed.session, values)
        model: Any = deed.entity.model
        held = stored_as(model, described)
        rows = await deed.session.execute(
            select(held, model.id).where(held.in_(values), model.deleted_at.is_(None))
        )
        hits: dict[Any, list[int]] = {}
        for value, row_id in rows:
            hits.setdefault(value, []).append(row_id)
        return hits

    async def _rows_to_change(
        self,
        deed: Deed,
        readings: Sequence[Reading],
        found: Mapping[Key, list[int]],
        *,
        dry: bool,
    ) -> dict[int, Any]:
        if self._options.rule != "update":
            return {}
        ids = {id_ for reading in readings for id_ in self._ids(self._keys(reading), found)}
        if not ids:
            return {}
        model: Any = deed.entity.model
        query = select(model).where(model.id.in_(ids), visible_to(deed.entity, deed.who, "edit"))
        rows = await deed.session.scalars(query if dry else query.with_for_update(of=model))
        return {row.id: row for row in rows}

    # ------------------------------------------------------------ names

    async def _resolve_names(self, deed: Deed, readings: Sequence[Reading]) -> None:
        """Put the id in the place of each name; a name that is nobody's is wrong."""
        for reading in readings:
            for name, text in reading.named.items():
                ids = await self.ids_called(deed, self._fields[name], text)
                if len(ids) == 1:
                    reading.given[name] = ids[0]
                elif ids:
                    reading.wrong[name] = SEVERAL_CALLED
                elif not self._may_be_made(deed, self._fields[name]):
                    reading.wrong[name] = NOBODY_CALLED

    async def ids_called(self, deed: Deed, described: Field, text: str) -> list[int]:
        """Return the rows of this name that a field may refer to."""
        wanted = described.name, plain_words(text)
        if wanted not in self._called:
            if len(self._called) >= _REMEMBERED:
                self._called.clear()
            self._called[wanted] = await self._look_up_name(deed, described, text)
        return self._called[wanted]

    async def _look_up_name(self, deed: Deed, described: Field, text: str) -> list[int]:
        named = described.virtual.names if described.virtual is not None else described.refers_to
        entity = deed.registry[named]
        model: Any = entity.model
        title = getattr(model, entity.title)
        query = select(model.id, title).where(model.deleted_at.is_(None))
        query = query.filter_by(**described.made_with or {})
        if entity.search is not None:
            hits = await entity.search(deed.session, deed.who, text, _FIRST_HITS)
            query = query.where(model.id.in_(hits))
        else:
            query = query.where(title == text)
        return [
            row_id
            for row_id, name in await deed.session.execute(query)
            if plain_words(name) == plain_words(text)
        ]

    def _may_be_made(self, deed: Deed, described: Field) -> bool:
        can = may(deed.who, described.refers_to, "create") != "none"
        return described.made_with is not None and can

    async def _make(self, deed: Deed, reading: Reading) -> list[Made]:
        """Make the rows that this one names and that are not there."""
        made: list[Made] = []
        for name, text in [] if self._dry else reading.named.items():
            described = self._fields[name]
            if described.made_with is None or name in reading.given or name in reading.wrong:
                continue
            ids = await self.ids_called(deed, described, text)
            if not ids:
                entity = deed.registry[described.refers_to]
                given = {**described.made_with, entity.title: text}
                row = await create(replace(deed, entity=entity), given)
                made.append(Made(described.refers_to, row.id))
                ids.append(row.id)
            reading.given[name] = ids[0]
        return made


def _list(plan: Plan, listed: Sequence[Listed]) -> None:
    plan.listed = list(listed)
    for one in listed:
        plan.forms.setdefault(one.part, []).append(one.form)


async def _lists_of(
    deed: Deed, readings: Sequence[Reading], rows: Mapping[int, Any]
) -> dict[str, dict[int, list[Any]]]:
    """Return the lists of rows, by part, in which more is said of a value than what it is."""
    named = {listed.part for reading in readings for listed in reading.listed} if rows else set()
    parts = [part for part in deed.entity.parts if part.name in named]
    return {
        part.name: await part.load(deed.session, list(rows))
        for part in parts
        if isinstance(part, Restated)
    }

"""What a person does with a batch: hand a file in, choose, check, begin, stop, take back.

Whoever may import sees his own batches; who keeps the settings sees everybody's.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import msgspec
from sqlalchemy import ColumnElement, delete, select, true, update
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter import audit
from callcenter.entity.description import Entity, Field
from callcenter.entity.facts import with_facts
from callcenter.entity.importing import mapping
from callcenter.entity.importing.batches import Counts, Options
from callcenter.entity.importing.convert import convert
from callcenter.entity.importing.failures import NoKeys, NotNow
from callcenter.entity.importing.files import Choices
from callcenter.entity.importing.headings import plain
from callcenter.entity.importing.mapping import Column
from callcenter.entity.importing.models import ImportBatch
from callcenter.entity.importing.table import Layout, Row, Rows
from callcenter.entity.importing.working import Imports
from callcenter.entity.registry import Registry
from callcenter.entity.rights import access
from callcenter.errors import BadInput, NotAllowed, NotFound
from callcenter.server.actor import Actor
from callcenter.server.body import MISSING
from callcenter.server.identity import Identity, demand

#: Rows that are looked at to tell how a column writes its dates.
SAMPLE_ROWS = 200
#: So many batches are listed.
MOST_LISTED = 100
#: What may be asked of a batch, and the steps at which it may.
STEPS = {
    "checking": ("mapping", "checked"),
    "importing": ("mapping", "checked"),
    "undoing": ("done", "failed"),
    "mapping": ("mapping", "checking", "checked"),
    "done": ("importing",),
}


class _Known(NamedTuple):
    """What was chosen for the same headings before; columns by heading."""

    columns: dict[str, Column]
    options: Options


@dataclass(frozen=True, slots=True)
class Desk:
    """Who imports what, when, in which language."""

    imports: Imports
    who: Identity
    at: datetime
    by: Actor
    language: str

    # ------------------------------------------------------------ finding

    async def batches(self) -> list[ImportBatch]:
        """Return the newest batches."""
        async with self.imports.database.read() as session:
            rows = await session.scalars(
                select(ImportBatch)
                .where(self._mine())
                .order_by(ImportBatch.id.desc())
                .limit(MOST_LISTED)
            )
            return list(rows)

    async def find(self, batch_id: int) -> ImportBatch:
        """Return a batch. Raises NotFound."""
        async with self.imports.database.read() as session:
            batch = await session.scalar(
                select(ImportBatch).where(ImportBatch.id == batch_id, self._mine())
            )
        if batch is None:
            raise NotFound
        return batch

    def _mine(self) -> ColumnElement[bool]:
        return true() if "settings" in self.who.flags else ImportBatch.user_id == self.who.user_id

    # ------------------------------------------------------------ handing in

    async def receive(self, batch_id: int, entity: Entity, name: str) -> ImportBatch:
        """Make a batch of the upload that lies in the store. Raises NotATable."""
        may_import(self.who, entity)
        store = self.imports.store
        try:
            layout = await convert(store.upload(batch_id), store.table(batch_id), Choices())
        except BaseException:
            store.forget(batch_id)
            raise
        known = await self._remembered(entity, layout)
        found = await self._guess(batch_id, entity, layout, known)
        columns = found.columns
        batch = ImportBatch(
            id=batch_id, entity=entity.name, name=name[:200], user_id=self.who.user_id,
            language=self.language, status="mapping", layout=msgspec.to_builtins(layout),
            mapping=msgspec.to_builtins(columns), counts={}, rows_done=0,
            fingerprint=mapping.fingerprint(layout.header), created_at=self.at, updated_at=self.at,
            created_by=self.who.user_id, updated_by=self.who.user_id,
            options=msgspec.to_builtins(_begun(entity, found, known)),
        )  # fmt: skip
        async with self.imports.database.write() as session:
            session.add(batch)
            audit.record(
                session, self.at, entity="import", entity_id=batch_id, action="upload",
                diff={"name": [None, batch.name], "rows": [None, layout.rows]}, **self.by,
            )  # fmt: skip
        return batch

    async def read_anew(self, batch: ImportBatch, choices: Choices) -> ImportBatch:
        """Read the upload otherwise: in another encoding, another sheet. Raises NotATable."""
        store, entity = self.imports.store, self.imports.registry[batch.entity]
        layout = await convert(store.upload(batch.id), store.table(batch.id), choices)
        known = await self._remembered(entity, layout)
        found = await self._guess(batch.id, entity, layout, known)
        columns, chosen = found.columns, options_of(batch)
        is_known = known is not None and mapping.fingerprint(layout.header) != batch.fingerprint
        options = msgspec.structs.replace(
            _begun(entity, found, known) if is_known else _with_keys(chosen, entity, found),
            encoding=choices.encoding, delimiter=choices.delimiter, sheet=choices.sheet,
        )  # fmt: skip
        await self._set(
            batch, "mapping", layout=msgspec.to_builtins(layout),
            mapping=msgspec.to_builtins(columns), options=msgspec.to_builtins(options),
            fingerprint=mapping.fingerprint(layout.header),
        )  # fmt: skip
        return await self.find(batch.id)

    async def _guess(
        self, batch_id: int, entity: Entity, layout: Layout, known: _Known | None
    ) -> mapping.Guess:
        rows = await self.first_rows(batch_id)
        found = mapping.guess(
            layout.header, [row.cells for row in rows], entity,
            writable(self.imports.registry, entity, self.who),
            None if known is None else {name: one.field for name, one in known.columns.items()},
        )  # fmt: skip
        return found if known is None else _with_orders(found, known.columns)

    async def first_rows(self, batch_id: int, count: int = SAMPLE_ROWS) -> list[Row]:
        path = self.imports.store.table(batch_id)
        if not path.exists():
            raise NotNow
        return await asyncio.to_thread(_block, path, count)

    async def _remembered(self, entity: Entity, layout: Layout) -> _Known | None:
        """Return what was chosen last for a file with these headings, and brought in."""
        async with self.imports.database.read() as session:
            batch = await session.scalar(
                select(ImportBatch)
                .where(
                    ImportBatch.entity == entity.name,
                    ImportBatch.fingerprint == mapping.fingerprint(layout.header),
                    ImportBatch.status.in_(("done", "importing")),
                )
                .order_by(ImportBatch.id.desc())
                .limit(1)
            )
        if batch is None:
            return None
        columns = {plain(column.heading): column for column in columns_of(batch)}
        return _Known(columns, options_of(batch))

    # ------------------------------------------------------------ choosing and going on

    async def choose(
        self, batch: ImportBatch, columns: Sequence[Column], options: Options
    ) -> ImportBatch:
        """Say where the columns go and what happens to rows that are there. Raises BadInput."""
        entity = self.imports.registry[batch.entity]
        fields = writable(self.imports.registry, entity, self.who)
        rows = await self.first_rows(batch.id)
        chosen = [
            mapping.filled(
                column, fields, [row.cells[place] for row in rows if place < len(row.cells)]
            )
            for place, column in enumerate(columns)
        ]
        _refuse_twice(chosen, fields)
        mapped = {column.field for column in chosen}
        known = (*entity.keys, *entity.more_keys)
        keys = [name for name in known if name in options.keys and name in mapped]
        options = msgspec.structs.replace(options, keys=keys)
        await self._set(
            batch, "mapping", mapping=msgspec.to_builtins(chosen),
            options=msgspec.to_builtins(options), counts={},
        )  # fmt: skip
        return await self.find(batch.id)

    async def go(self, batch: ImportBatch, step: str) -> ImportBatch:
        """Begin a step in the background. Raises NotNow, BadInput or NoKeys."""
        entity = self.imports.registry[batch.entity]
        may_import(self.who, entity)
        if step in ("checking", "importing"):
            self._refuse_unready(batch, entity)
            await self._set(batch, step, counts={}, rows_done=0, started_at=self.at, ended_at=None)
        else:
            await self._set(batch, step, started_at=self.at, ended_at=None)
        self.imports.wake()
        return await self.find(batch.id)

    async def stop(self, batch: ImportBatch) -> ImportBatch:
        """Leave the rest of the file out; what is in stays, and can be taken back."""
        step = "mapping" if batch.status == "checking" else "done"
        await self._set(batch, step, ended_at=self.at)
        return await self.find(batch.id)

    async def remove(self, batch: ImportBatch) -> None:
        """Forget a batch that brought nothing in, or that was taken back. Raises NotNow."""
        async with self.imports.database.write() as session:
            gone = await session.execute(
                delete(ImportBatch).where(
                    ImportBatch.id == batch.id,
                    ImportBatch.status.in_(("mapping", "checked", "undone")),
                )
            )
            _must_have_hit(gone)
        self.imports.store.forget(batch.id)

    def _refuse_unready(self, batch: ImportBatch, entity: Entity) -> None:
        options, mapped = options_of(batch), {column.field for column in columns_of(batch)}
        if options.rule != "add" and not options.keys:
            raise NoKeys
        needed = [
            field.name
            for field in writable(self.imports.registry, entity, self.who).values()
            if field.required and options.rule != "update" and not _follows(entity, field, mapped)
        ]
        if missing := [name for name in needed if name not in mapped]:
            raise BadInput(dict.fromkeys(missing, MISSING))

    async def _set(self, batch: ImportBatch, step: str, **values: object) -> None:
        async with self.imports.database.write() as session:
            done = await session.execute(
                update(ImportBatch)
                .where(ImportBatch.id == batch.id, ImportBatch.status.in_(STEPS[step]))
                .values(status=step, updated_at=self.at, updated_by=self.who.user_id, **values)
            )
            _must_have_hit(done)
            if step in ("importing", "undoing"):
                self._note(session, batch, step)

    def _note(self, session: AsyncSession, batch: ImportBatch, step: str) -> None:
        audit.record(
            session, self.at, entity="import", entity_id=batch.id, action=step,
            diff={"name": [None, batch.name]}, **self.by,
        )  # fmt: skip


def may_import(who: Identity, entity: Entity) -> None:
    """Raises NotAllowed if somebody may not bring rows of an entity in, OutOfScope if his token may not."""
    demand(who, entity.name, "create")
    if "import" not in who.flags:
        raise NotAllowed


def writable(registry: Registry, entity: Entity, who: Identity) -> dict[str, Field]:
    """Return the fields that a file may fill."""
    return with_facts(
        {
            name: field
            for name, field in registry.fields(entity.name).items()
            if access(entity, field, who) == "write"
            and (field.virtual is None or field.virtual.form)
        }
    )


def options_of(batch: ImportBatch) -> Options:
    return msgspec.convert(batch.options, Options)


def columns_of(batch: ImportBatch) -> list[Column]:
    return msgspec.convert(batch.mapping, list[Column])


def layout_of(batch: ImportBatch) -> Layout:
    return msgspec.convert(batch.layout, Layout)


def counts_of(batch: ImportBatch) -> Counts:
    return msgspec.convert(batch.counts, Counts)


def _block(path: Path, count: int) -> list[Row]:
    with Rows(path) as rows:
        return rows.block(count)


def _with_orders(found: mapping.Guess, known: Mapping[str, Column]) -> mapping.Guess:
    """Return the columns with the order of dates that was chosen where this file does not tell it."""
    columns = [
        msgspec.structs.replace(column, order=known[plain(column.heading)].order)
        if not column.order and plain(column.heading) in known
        else column
        for column in found.columns
    ]
    return msgspec.structs.replace(found, columns=columns)


def _with_keys(options: Options, entity: Entity, found: mapping.Guess) -> Options:
    """Return the options with every key that the file has, and what its product says of all rows."""
    mapped = {column.field for column in found.columns}
    says = dict(entity.exports_say.get(found.product, {}))
    keys = [name for name in entity.keys if name in mapped]
    rule = options.rule if keys else "add"
    return msgspec.structs.replace(options, keys=keys, rule=rule, says=says)


def _begun(entity: Entity, found: mapping.Guess, known: _Known | None) -> Options:
    """Return how a new batch is to be brought in: as a file with its headings was before."""
    options = _with_keys(Options(), entity, found)
    if known is None:
        return options
    mapped = {column.field for column in found.columns}
    keys = [name for name in known.options.keys if name in mapped]
    return msgspec.structs.replace(
        options,
        rule=known.options.rule if keys else "add",
        keys=keys,
        lenient=known.options.lenient,
        make=known.options.make,
    )


def _refuse_twice(columns: Sequence[Column], fields: dict[str, Field]) -> None:
    taken: set[str] = set()
    for column in columns:
        if column.field in taken and not mapping.takes_several(fields[column.field]):
            raise BadInput({column.field: TWICE})
        taken |= {column.field} - {""}


def _follows(entity: Entity, field: Field, mapped: set[str]) -> bool:
    """Return whether a needed field follows from others of the file: a name from its parts."""
    model = entity.model.__table__.c  # type: ignore[attr-defined]
    has_default = field.name in model and model[field.name].default is not None
    return has_default or (
        field.name == entity.title and entity.derive is not None and bool(mapped)
    )


def _must_have_hit(done: object) -> None:
    if not getattr(done, "rowcount", 0):
        raise NotNow


def _(message: str) -> str:
    return message


TWICE = _("Two columns go to this field. Choose one of them.")

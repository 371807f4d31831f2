"""Runs batches in the background, one after the other, a block of rows at a time.

Each block is one transaction with the batch's progress in it, so a batch that was interrupted
goes on with the first row that was not done, and no row is done twice: a block counts only
if the batch stands where the block began. Rows are read in a thread, a block ahead (`ahead`), and
blocks are small, so that calls and pages never wait for an import.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice
from typing import Any, Final

import msgspec
import structlog
from sqlalchemy import delete, select, update
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.db import Database
from callcenter.entity.importing import reports, tying, undoing, writing
from callcenter.entity.importing.ahead import Ahead, Ready
from callcenter.entity.importing.batches import Counts
from callcenter.entity.importing.bringing import Bringing, count
from callcenter.entity.importing.earlier import OnDisk
from callcenter.entity.importing.models import ImportBatch
from callcenter.entity.importing.planning import Earlier, Pending, Plan, Planner
from callcenter.entity.importing.store import Report, Store, extend
from callcenter.entity.importing.table import Row, Rows
from callcenter.entity.importing.values import Reading
from callcenter.entity.registry import Registry
from callcenter.entity.saving import Deed
from callcenter.events import OfficeEvent
from callcenter.server.identity import Identity

log = structlog.get_logger()

#: Rows of one transaction: so many are written in 45 ms, for which a call's own row has to wait on
#: SQLite; of twice as many a second brings in a tenth more, and calls wait twice as long.
BLOCK_ROWS: Final = 100
#: PostgreSQL lets calls write meanwhile. Of more rows a block would hold up the event loop.
POSTGRESQL_BLOCK_ROWS: Final = 200

#: After the database failed it is asked again so soon.
RETRY_S: Final = 5.0

#: So long the files of a batch are kept after somebody last did something with it.
KEPT: Final = timedelta(days=30)

AT_WORK: Final = ("checking", "importing", "undoing")

IdentityOf = Callable[[int], Awaitable[Identity | None]]


class MovedOn(Exception):
    """Somebody stopped the batch, or another worker has done this block."""


class Imports:
    """The worker. `wake` tells it that there is something to do."""

    def __init__(
        self,
        database: Database,
        registry: Registry,
        store: Store,
        identity_of: IdentityOf,
        regions: Sequence[str],
        clock: Callable[[], float],
        publish: Callable[[OfficeEvent], None] = lambda _event: None,
    ) -> None:
        self._publish = publish
        self.database = database
        self.registry = registry
        self.store = store
        self._identity_of = identity_of
        self._regions = regions
        self._clock = clock
        self._awake = asyncio.Event()

    @property
    def _block_rows(self) -> int:
        return POSTGRESQL_BLOCK_ROWS if self.database.is_postgresql else BLOCK_ROWS

    def wake(self) -> None:
        self._awake.set()

    async def run(self) -> None:
        """Work for ever: first on what was interrupted."""
        while True:
            self._awake.clear()
            try:
                await self.forget_old()
                while (batch := await self._next()) is not None:
                    await self.work(batch)
            except Exception:
                # The batch stands where its last block ended, and goes on from there.
                log.exception("imports pause", for_s=RETRY_S)
                await asyncio.sleep(RETRY_S)
            else:
                await self._awake.wait()

    async def forget_old(self) -> None:
        """Remove files that nobody asks for any more: they are full of personal data.

        Batches that were never begun go with them; of the others the account of what they did stays.
        """
        end = self._now() - KEPT
        async with self.database.write() as session:
            old = await session.execute(
                select(ImportBatch.id, ImportBatch.status).where(
                    ImportBatch.updated_at < end, ImportBatch.status.not_in(AT_WORK)
                )
            )
            found = old.all()
            unused = [id_ for id_, status in found if status in ("mapping", "checked")]
            await session.execute(delete(ImportBatch).where(ImportBatch.id.in_(unused)))
        for id_, _status in found:
            await asyncio.to_thread(self.store.forget, id_)

    async def work(self, batch: ImportBatch) -> None:
        """Bring one step of a batch to its end; what fails is said in the batch.

        Raises OperationalError or InterfaceError if the database is away: try again later.
        """
        try:
            who = await self._identity_of(batch.user_id)
            if who is None:
                await self._end(batch, "failed")
            elif batch.status == "undoing":
                await self._take_back(batch, who)
            else:
                await self._bring_in(batch, who, dry=batch.status == "checking")
        except MovedOn:
            log.info("an import was stopped", batch=batch.id)
        except (OperationalError, InterfaceError):
            # The database is away or busy, which is no fault of the batch.
            raise
        except Exception:
            log.exception("an import failed", batch=batch.id)
            await self._end(batch, "failed")

    async def _next(self) -> ImportBatch | None:
        """Return the oldest batch that is to be worked on here."""
        async with self.database.read() as session:
            waiting = await session.scalars(
                select(ImportBatch)
                .where(ImportBatch.status.in_(AT_WORK))
                .order_by(ImportBatch.started_at, ImportBatch.id)
            )
            return next((batch for batch in waiting if self._is_here(batch)), None)

    def _is_here(self, batch: ImportBatch) -> bool:
        return batch.status == "undoing" or self.store.table(batch.id).exists()

    # ------------------------------------------------------------ bringing in

    async def _bring_in(self, batch: ImportBatch, who: Identity, *, dry: bool) -> None:
        if dry and batch.rows_done:
            # Which keys the rows above had is not known any more: from the top again.
            await self._begin_again(batch)
        bringing = Bringing.of(self.registry, self._regions, batch, who, dry=dry)
        with (
            OnDisk() as on_disk,
            Rows(self.store.table(batch.id), skip=batch.rows_done) as rows,
        ):
            above = (lambda: on_disk) if dry else Pending().next_block
            plan = partial(self._plan_ahead, bringing, above)
            async with Ahead(
                partial(bringing.reader.block, rows, self._block_rows),
                plan if bringing.may_plan_ahead else None,
            ) as ahead:
                while (ready := await ahead.next()).rows:
                    await self._carry_out(bringing, ready)
        if not dry:
            await self._make_later(bringing)
        await self._end(batch, "checked" if dry else "done")

    async def _plan_ahead(
        self, bringing: Bringing, above: Callable[[], Earlier], readings: Sequence[Reading]
    ) -> list[Plan]:
        async with self._reading(bringing.batch, bringing.who) as deed:
            return await bringing.planner.plan(deed, readings, above(), dry=bringing.dry)

    async def _carry_out(self, bringing: Bringing, ready: Ready) -> None:
        """Do what is to be done with a block, and account for it."""
        batch, (rows, readings, plans) = bringing.batch, ready
        while rows:
            block = self._reading if bringing.dry else self._writing
            async with block(batch, bringing.who) as deed:
                if plans is None:
                    plans = await bringing.planner.plan(deed, readings, Pending(), dry=False)
                if not bringing.dry:
                    await writing.write(deed, plans, batch.id)
                    await self._keep_for_later(batch, plans, rows)
                await self._account(bringing, deed, plans, rows)
            if rows := rows[len(plans) :]:
                # These had to wait for those above: they are told anew what is there.
                readings, plans = await asyncio.to_thread(bringing.reader.read_all, rows), None

    async def _keep_for_later(
        self, batch: ImportBatch, plans: Sequence[Plan], block: Sequence[Row]
    ) -> None:
        counts = msgspec.convert(batch.counts, Counts)
        if data := tying.kept(plans, block):
            path = self.store.later(batch.id)
            counts.later_bytes = await asyncio.to_thread(extend, path, counts.later_bytes, data)
            batch.counts = msgspec.to_builtins(counts)

    async def _make_later(self, bringing: Bringing) -> None:
        """Make what had to wait until all rows were in, a block at a time."""
        batch, telling = bringing.batch, bringing.telling
        planner = Planner(bringing.reader.fields, bringing.options)
        counts = msgspec.convert(batch.counts, Counts)
        if not counts.later_bytes:
            return
        errors = Report(self.store.report(batch.id, "errors"), telling.error_heading())
        with self.store.later(batch.id).open("rb") as file:
            next(islice(file, counts.tied, counts.tied), None)
            while lines := await asyncio.to_thread(list, islice(file, BLOCK_ROWS)):
                async with self._writing(batch, bringing.who) as deed:
                    made = await tying.make(deed, batch.id, planner, tying.read(lines))
                    counts.tied += len(lines)
                    counts.changed += made.changed
                    counts.same -= made.changed
                    counts.partly += len(made.wrong)
                    told = [telling.error(one.number, one.cells, why) for one, why in made.wrong]
                    counts.errors_bytes = await asyncio.to_thread(
                        errors.extend, counts.errors_bytes, told
                    )
                    await self._progress(deed.session, batch, counts, 0)

    async def _begin_again(self, batch: ImportBatch) -> None:
        async with self.database.write() as session:
            row = await session.get_one(ImportBatch, batch.id)
            row.rows_done = batch.rows_done = 0
            row.counts = batch.counts = {}

    @asynccontextmanager
    async def _writing(self, batch: ImportBatch, who: Identity) -> AsyncIterator[Deed]:
        """Give what a block is written with, in a transaction of its own."""
        async with self.database.write() as session:
            yield self._deed(session, batch, who)

    @asynccontextmanager
    async def _reading(self, batch: ImportBatch, who: Identity) -> AsyncIterator[Deed]:
        """Give what a block is planned with: nothing it asks for holds anybody up."""
        async with self.database.read() as session:
            yield self._deed(session, batch, who)

    def _deed(self, session: AsyncSession, batch: ImportBatch, who: Identity) -> Deed:
        by = writing.actor(batch.user_id, batch.id)
        return Deed(session, self.registry, self.registry[batch.entity], who, self._now(), by)

    async def _account(
        self, bringing: Bringing, deed: Deed, plans: Sequence[Plan], rows: Sequence[Row]
    ) -> None:
        """Write down what became of the block, in its own transaction."""
        batch, telling = bringing.batch, bringing.telling
        counts = msgspec.convert(batch.counts, Counts)
        count(counts, plans)
        errors = Report(self.store.report(batch.id, "errors"), telling.error_heading())
        told = telling.errors(plans, rows)
        counts.errors_bytes = await asyncio.to_thread(errors.extend, counts.errors_bytes, told)
        if bringing.dry:
            changes = Report(self.store.report(batch.id, "changes"), telling.change_heading())
            named = telling.changes(plans, await telling.names(deed, plans))
            counts.changes_bytes = await asyncio.to_thread(
                changes.extend, counts.changes_bytes, named
            )
            async with self.database.write() as session:
                await self._progress(session, batch, counts, len(plans))
        else:
            await self._progress(deed.session, batch, counts, len(plans))

    async def _progress(self, session: Any, batch: ImportBatch, counts: Counts, rows: int) -> None:
        """Move the batch on. Raises MovedOn if it does not stand where the block began."""
        moved = await session.execute(
            update(ImportBatch)
            .where(
                ImportBatch.id == batch.id,
                ImportBatch.status == batch.status,
                ImportBatch.rows_done == batch.rows_done,
            )
            .values(rows_done=batch.rows_done + rows, counts=msgspec.to_builtins(counts))
        )
        if not moved.rowcount:
            raise MovedOn
        batch.rows_done += rows
        batch.counts = msgspec.to_builtins(counts)

    # ------------------------------------------------------------ taking back

    async def _take_back(self, batch: ImportBatch, who: Identity) -> None:
        telling = reports.Kept(self.registry.fields(batch.entity), batch.language)
        report = Report(self.store.report(batch.id, "kept"), telling.heading())
        while True:
            async with self._writing(batch, who) as deed:
                counts = msgspec.convert(batch.counts, Counts)
                done = await undoing.take_back(deed, batch.id, self._block_rows, counts.undone_to)
                counts.undone += sum(not row.kept and row.entity == batch.entity for row in done)
                counts.kept += sum(bool(row.kept) for row in done)
                counts.undone_to = done[-1].number if done else counts.undone_to
                kept = await telling.rows(deed, done)
                counts.changes_bytes = await asyncio.to_thread(
                    report.extend, counts.changes_bytes, kept
                )
                await self._progress(deed.session, batch, counts, 0)
            if len(done) < self._block_rows:
                break
        await self._end(batch, "undone")

    async def _end(self, batch: ImportBatch, status: str) -> None:
        async with self.database.write() as session:
            await session.execute(
                update(ImportBatch)
                .where(ImportBatch.id == batch.id, ImportBatch.status == batch.status)
                .values(status=status, ended_at=self._now())
            )
        if status in ("done", "failed"):
            self.store.forget_rows(batch.id)
        brought_in = self.registry[batch.entity].brought_in
        if brought_in is not None and status != "checked":
            self._publish(brought_in(self._clock()))

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clock(), UTC)

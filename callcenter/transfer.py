"""`callcenter import` and `callcenter export`: files of rows from the command line.

They work on the installation's database, in the name of one of its people, by the same rules
and with the same rights as that person's pages; the service may be running meanwhile.
"""

import asyncio
import shutil
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import click
import msgspec
from rich.console import Console
from rich.progress import Progress
from sqlalchemy import select

from callcenter import audit, phone, settings
from callcenter.agents.models import User
from callcenter.agents.sign_in import SignIn
from callcenter.app.entities import registry_of
from callcenter.bus.memory import MemoryBus
from callcenter.company import details, kept
from callcenter.db import CannotOpen, Database, new_id
from callcenter.entity import exporting
from callcenter.entity.conditions import Asker
from callcenter.entity.description import Entity
from callcenter.entity.exporting import Writer
from callcenter.entity.importing.batches import RULES, Options
from callcenter.entity.importing.desk import Desk, columns_of, counts_of, layout_of, options_of
from callcenter.entity.importing.models import ImportBatch
from callcenter.entity.importing.store import Store
from callcenter.entity.importing.working import AT_WORK, Imports
from callcenter.entity.listing import Wanted, order_of, readable
from callcenter.entity.registry import Registry
from callcenter.errors import BadInput, Problem
from callcenter.migrations import migrate
from callcenter.server.actor import Actor
from callcenter.server.identity import Identity, may
from callcenter.settings import Settings

LOOK_AGAIN_S = 0.2


class Office(NamedTuple):
    """The installation, and who works in it now."""

    settings: Settings
    database: Database
    registry: Registry
    who: Identity
    sign_in: SignIn
    regions: Sequence[str]

    @property
    def by(self) -> Actor:
        return {"actor_kind": "user", "actor_id": self.who.user_id, "request_id": None, "ip": None}

    @property
    def language(self) -> str:
        return self.who.locale or self.settings.language

    def entity(self, plural: str) -> Entity:
        found = self.registry.by_plural(plural)
        if found is None or not found.has_pages:
            raise click.ClickException(f"There are no {plural} here.")
        return found


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--login", required=True, help="In whose name and with whose rights.")
@click.option("--entity", "plural", default="contacts", show_default=True, help="What is in it.")
@click.option(
    "--rule", type=click.Choice(RULES), default="skip", show_default=True,
    help="What happens to a record that is there already.",
)  # fmt: skip
@click.option("--key", "keys", multiple=True, help="Field by which it is found. [default: all]")
@click.option(
    "--column", "columns", multiple=True, metavar="HEADING=FIELD",
    help="Where a column goes; nothing after = leaves it out.",
)  # fmt: skip
@click.option("--lenient", is_flag=True, help="Bring rows in without cells that cannot be read.")
@click.option("--make", is_flag=True, help="Make the contact of a lead whom none is known of.")
@click.option("--check", is_flag=True, help="Name each change and make none.")
def import_(
    file: Path, login: str, plural: str, rule: Any, keys: tuple[str, ...],
    columns: tuple[str, ...], lenient: bool, make: bool, check: bool,
) -> None:  # fmt: skip
    """Bring rows of FILE in: CSV, workbook or vCards."""

    async def work(office: Office) -> None:
        imports = Imports(
            office.database, office.registry, Store(office.settings.data_path / "imports"),
            office.sign_in.identity_of, office.regions, time.time,
        )  # fmt: skip
        desk = Desk(imports, office.who, datetime.now(UTC), office.by, office.language)
        batch = await _received(desk, office.entity(plural), file)
        known = options_of(batch)
        options = Options(rule=rule, keys=list(keys) or known.keys, lenient=lenient, make=make)
        goes = dict(column.rpartition("=")[::2] for column in columns)
        chosen = [_sent(column, goes) for column in columns_of(batch)]
        batch = await desk.choose(batch, chosen, options)
        batch = await desk.go(batch, "checking" if check else "importing")
        _tell(imports, await _watched(desk, batch), check=check)

    _run(login, work)


@click.command()
@click.argument("plural", metavar="ENTITY")
@click.argument("file", type=click.Path(dir_okay=False, writable=True, path_type=Path))
@click.option("--login", required=True, help="In whose name and with whose rights.")
@click.option("--columns", help="Fields with commas between them. [default: all that are readable]")
def export(plural: str, file: Path, login: str, columns: str | None) -> None:
    """Take all rows of ENTITY ("contacts") out into FILE: .csv or .xlsx."""

    async def work(office: Office) -> None:
        entity = office.entity(plural)
        if may(office.who, entity.name, "export") == "none":
            raise click.ClickException(f"{login} may not export {plural}.")
        zone = office.who.time_zone or office.settings.time_zone
        asker = Asker(office.who, datetime.now(UTC), zone)
        fields = readable(office.registry, entity, asker)
        names = [name for name in columns.split(",") if name in fields] if columns else list(fields)
        async with office.database.write() as session:
            audit.record(
                session, asker.now, entity=entity.name, action="export",
                diff={"columns": [None, names]}, **office.by,
            )  # fmt: skip
        wanted = Wanted(tuple(names), order_of(entity, office.who))
        widths = await exporting.widths(office.database, office.registry, entity, asker, wanted)
        writer = Writer(
            office.registry, entity, [fields[name] for name in names], office.who,
            office.language, zone, widths,
        )  # fmt: skip
        found = exporting.pages(office.database, office.registry, entity, asker, wanted)
        if file.suffix.lower() == ".xlsx":
            await exporting.workbook(writer, found, file)
            return
        with file.open("wb") as target:
            async for piece in exporting.csv(writer, found, ";"):
                target.write(piece)

    _run(login, work)


async def _received(desk: Desk, entity: Entity, file: Path) -> ImportBatch:
    batch_id = new_id(desk.at.timestamp())
    desk.imports.store.make()
    await asyncio.to_thread(shutil.copy, file, desk.imports.store.upload(batch_id))
    return await desk.receive(batch_id, entity, file.name)


def _sent(column: Any, goes: dict[str, str]) -> Any:
    if column.heading not in goes:
        return column
    return msgspec.structs.replace(column, field=goes[column.heading])


async def _watched(desk: Desk, batch: ImportBatch) -> ImportBatch:
    """Work on the batch, showing how far it is; return it as it is then."""
    work = asyncio.create_task(desk.imports.work(batch))
    with Progress(console=Console(stderr=True)) as progress:
        task = progress.add_task(batch.name, total=layout_of(batch).rows)
        while not work.done():
            await asyncio.wait([work], timeout=LOOK_AGAIN_S)
            progress.update(task, completed=(await desk.find(batch.id)).rows_done)
    await work
    # Where the service runs too, it may have taken the batch first: in another process.
    while (now := await desk.find(batch.id)).status in AT_WORK:  # noqa: ASYNC110
        await asyncio.sleep(LOOK_AGAIN_S)
    return now


def _tell(imports: Imports, batch: ImportBatch, *, check: bool) -> None:
    if batch.status == "failed":
        raise click.ClickException("The import failed; the log of the service says why.")
    counts = counts_of(batch)
    click.echo(
        f"{counts.added} added, {counts.changed} changed, {counts.same} unchanged, "
        f"{counts.skipped} left out, {counts.wrong} with errors"
    )
    if check:
        click.echo(f"Each change: {imports.store.report(batch.id, 'changes')}")
    if counts.wrong or counts.partly:
        click.echo(f"Rows with errors: {imports.store.report(batch.id, 'errors')}")


@asynccontextmanager
async def _office(login: str) -> AsyncIterator[Office]:
    known = settings.read()
    await migrate(known.database)
    async with Database(known.database) as database:
        regions = phone.Regions(known.region_list)
        async with database.read() as session:
            company = await kept.read(session, details.KEY, details.Details)
        regions.choose(company.region_list)
        registry = registry_of(regions)
        await registry.load(database)
        sign_in = SignIn(database, MemoryBus(), known.session_h)
        async with database.read() as session:
            user_id = await session.scalar(select(User.id).where(User.login == login.lower()))
        who = await sign_in.identity_of(user_id) if user_id is not None else None
        if who is None:
            raise click.ClickException(f"Nobody active has the login {login}.")
        yield Office(known, database, registry, who, sign_in, regions)


def _run(login: str, work: Callable[[Office], Awaitable[None]]) -> None:
    async def in_office() -> None:
        async with _office(login) as office:
            await work(office)

    try:
        asyncio.run(in_office())
    except BadInput as problem:
        wrong = "; ".join(f"{name}: {text}" for name, text in problem.fields.items())
        raise click.ClickException(wrong) from problem
    except (Problem, CannotOpen, settings.SettingsError) as problem:
        raise click.ClickException(str(problem)) from problem

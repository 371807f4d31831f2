"""`callcenter trace`: the raw streams the service keeps, and one call out of them.

Nothing runs for it: it reads the database and the files beside it, so it can be used while the
service does its work, and after it is stopped.
"""

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from zoneinfo import ZoneInfo

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from callcenter import settings
from callcenter.ami.evidence import Subject, trace_of
from callcenter.ami.segments import Segment, pbxs, segments
from callcenter.calls.models import PbxRow
from callcenter.calls.traced import Traced, traced
from callcenter.cutting import cut as cut_out
from callcenter.db import CannotOpen, Database
from callcenter.pbx import Evidence

_PIPE_COLUMNS = 160
_MIB = 1 << 20
#: Why a part of a call's time is not kept.
_REASONS = {
    "link": "the link to the PBX was lost",
    "hole": "the disk was too slow or full",
    "too-long": "it is more than is looked through",
    "not-kept": "it was too long ago, or not recorded",
}


@click.group()
def trace() -> None:
    """Look at what the PBXs said, and take one call out of it."""


@trace.command("list")
def list_() -> None:
    """List what is kept: one line a PBX and connection."""
    known = _settings()
    names = asyncio.run(_names(known))
    zone = ZoneInfo(known.time_zone)
    table = Table("PBX", "Connection", "From", "To", "Files", "MiB")
    for pbx in pbxs(known.traces):
        kept = segments(known.traces / str(pbx))
        for epoch, run in groupby(kept, key=lambda one: one.epoch):
            table.add_row(names.get(pbx, str(pbx)), str(epoch), *_span(list(run), zone))
    _console().print(table)


def _span(run: list[Segment], zone: ZoneInfo) -> Iterable[str]:
    size = sum(one.size for one in run) / _MIB
    began, ended = (
        f"{datetime.fromtimestamp(at, zone):%Y-%m-%d %H:%M:%S}"
        for at in (run[0].began_at, run[-1].written_at)
    )
    return began, ended, str(len(run)), f"{size:.1f}"


@trace.command()
@click.argument("number", metavar="ID", type=int)
@click.option("--full", is_flag=True, help="Show each message as it stood.")
def show(number: int, full: bool) -> None:
    """Show, message by message, what was concluded about a call.

    ID is the number in the address of the call's page.
    """
    known = _settings()
    call = _call(known, number)
    found = trace_of(known.traces, _subject(call))
    zone = ZoneInfo(known.time_zone)
    table = Table("Time", "Message", "Channels", "Concluded")
    for one in found.evidence:
        table.add_row(_clock(one.at, zone), _message(one), " ".join(one.channels), _events(one))
        if full and one.text:
            table.add_row("", escape(one.text), "", "", style="dim")
    console = _console()
    console.print(table)
    for from_at, to_at, reason in found.missing:
        console.print(
            f"Not kept from {_clock(from_at, zone)} to {_clock(to_at, zone)}: {_REASONS[reason]}."
        )
    if not found.evidence:
        raise click.ClickException("Nothing of this call is kept.")


def _message(one: Evidence) -> str:
    return escape({"time": "(time passed)"}.get(one.source, one.name))


def _events(one: Evidence) -> str:
    told = (type(event).__name__ + (" *" if event.inferred else "") for event in one.events)
    return "\n".join(told)


@trace.command()
@click.argument("number", metavar="ID", type=int)
@click.option(
    "--anonymise", is_flag=True, help="Replace numbers, names, addresses, accounts, file names."
)
@click.option(
    "-o",
    "--output",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(),
    help="Folder to write to; this one if not given.",
)
@click.option("--name", help="How the files are called; call-ID if not given.")
def cut(number: int, anonymise: bool, folder: Path, name: str | None) -> None:
    """Write a call's part of the streams to files that `callcenter replay` reads.

    ID is the number in the address of the call's page. Beside the streams (NAME.ami,
    NAME.times.jsonl) lies NAME.record.json: what the replay says.
    """
    known = _settings()
    call = _call(known, number)
    stem = name or f"call-{number}"
    made = cut_out(known.traces, _subject(call), stem, call.region, anonymise=anonymise)
    if made is None:
        raise click.ClickException("Nothing of this call is kept.")
    folder.mkdir(parents=True, exist_ok=True)
    for file, data in made.files.items():
        (folder / file).write_bytes(data)
        click.echo(str(folder / file))
    click.echo(f"\nIn {folder.resolve()}:\n{made.command}", err=True)


# ---------------------------------------------------------------- what is asked about


def _settings() -> settings.Settings:
    try:
        return settings.read()
    except settings.SettingsError as error:
        raise click.ClickException(str(error)) from error


def _call(known: settings.Settings, number: int) -> Traced:
    call = asyncio.run(_find(known, number))
    if call is None:
        raise click.ClickException(
            f"There is no call {number}. The number stands in the address of the call's page."
        )
    return call


async def _find(known: settings.Settings, number: int) -> Traced | None:
    try:
        async with Database(known.database) as database, database.read() as session:
            return await traced(session, number, datetime.now(UTC))
    except (CannotOpen, DBAPIError) as error:
        raise click.ClickException(f"The database cannot be read: {error}") from error


async def _names(known: settings.Settings) -> dict[int, str]:
    try:
        async with Database(known.database) as database, database.read() as session:
            rows = await session.execute(select(PbxRow.id, PbxRow.name))
            return {row.id: row.name for row in rows}
    except (CannotOpen, DBAPIError):
        # The streams can be looked at without it.
        return {}


def _subject(call: Traced) -> Subject:
    return Subject(call.pbx, call.names, call.from_at, call.to_at)


def _clock(at: float, zone: ZoneInfo) -> str:
    return f"{datetime.fromtimestamp(at, zone):%H:%M:%S.%f}"[:-3]


def _console() -> Console:
    console = Console(highlight=False)
    # A pipe has no width, and a table cut to 80 columns says nothing.
    console.width = console.width if console.is_terminal else _PIPE_COLUMNS
    return console

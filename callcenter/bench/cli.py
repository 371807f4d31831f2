"""`callcenter bench [NAME]`: measure the product on this machine; without a name, all of it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from callcenter.bench.report import Report


def _(message: str) -> str:
    """Mark `message` for translation."""
    return message


Tell = Callable[[int, int], None]

_as_json = click.option("--json", "as_json", is_flag=True, help=_("Print one JSON object."))


@click.group(invoke_without_command=True)
@_as_json
@click.pass_context
def bench(context: click.Context, as_json: bool) -> None:
    """Measure the product beside its peers and the machine's limit.

    Without a name every bench is run at its usual size.
    """
    if context.invoked_subcommand is None:
        for command in (ingest, pop, resync, flood, soak, lookup, store, crm, bring, web):
            context.invoke(command, as_json=as_json)
    elif as_json:
        raise click.UsageError("Give --json after the bench's name.")


@bench.command()
@_as_json
@click.option(
    "--calls",
    type=click.IntRange(1, 10_000),
    default=500,
    show_default=True,
    help=_("Calls in a round."),
)
@click.option("--rounds", default=5, show_default=True, help=_("Rounds that count."))
@click.option("--agents", default=300, show_default=True, help=_("People with an open page."))
def ingest(as_json: bool, **size: int) -> None:
    """From bytes of the PBX to the last row in the database, at full speed."""
    from callcenter.bench import ingest as room

    with _progress("ingest", as_json) as tell:
        report = room.run(room.Size(**size), tell)
    _print(report, as_json)


@bench.command()
@_as_json
@click.option("--agents", default=300, show_default=True, help=_("People with an open page."))
@click.option(
    "--events-per-s", default=1000, show_default=True, help=_("Pace of the PBX's events.")
)
@click.option("--seconds", default=3, show_default=True, help=_("Length of a round."))
@click.option("--rounds", default=5, show_default=True, help=_("Rounds that count."))
@click.option("--customers", default=40_000, show_default=True, help=_("Customers to look up in."))
@click.option(
    "--interactions", default=200_000, show_default=True, help=_("Their past calls, all told.")
)
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    help=_("Keep the made-up customers in this folder, and use them again the next time."),
)
def pop(as_json: bool, data: Path | None, **size: int) -> None:
    """From the PBX's word that a phone rings to the card in the agent's browser."""
    from callcenter.bench import pop as room

    with _progress("pop", as_json) as tell:
        report = room.run(room.Size(**size), tell, data)
    _print(report, as_json)


@bench.command()
@_as_json
@click.option(
    "--channels",
    type=click.IntRange(2, 20_000),
    default=5_000,
    show_default=True,
    help=_("Channels that are up, two to a call."),
)
@click.option("--rounds", default=5, show_default=True, help=_("Rounds that count."))
@click.option("--agents", default=300, show_default=True, help=_("People with an open page."))
def resync(as_json: bool, **size: int) -> None:
    """From the PBX's list of its channels to calls that are known again."""
    from callcenter.bench import resync as room

    with _progress("resync", as_json) as tell:
        report = room.run(room.Size(**size), tell)
    _print(report, as_json)


@bench.command()
@_as_json
@click.option("--seconds", default=30, show_default=True, help=_("Length of the flood."))
@click.option(
    "--pause", "pause_s", default=5, show_default=True, help=_("Seconds without the database.")
)
@click.option(
    "--burst", "burst_events", default=20_000, show_default=True, help=_("Events in a burst.")
)
@click.option("--bursts", default=3, show_default=True, help=_("Bursts before the flood."))
@click.option("--agents", default=300, show_default=True, help=_("People with an open page."))
def flood(as_json: bool, **size: int) -> None:
    """All that a PBX can send, with a database that stops answering meanwhile."""
    from callcenter.bench import flood as room

    with _progress("flood", as_json) as tell:
        report = room.run(room.Size(**size), tell)
    _print(report, as_json)


@bench.command()
@_as_json
@click.option("--calls", default=1_000, show_default=True, help=_("Calls in a round."))
@click.option("--rounds", default=10, show_default=True, help=_("Rounds that count."))
@click.option("--agents", default=30, show_default=True, help=_("People with an open page."))
def soak(as_json: bool, **size: int) -> None:
    """A day's calls at full speed, and what is left of them in memory."""
    from callcenter.bench import soak as room

    with _progress("soak", as_json) as tell:
        report = room.run(room.Size(**size), tell)
    _print(report, as_json)


_database = click.option(
    "--database",
    "url",
    default="",
    help=_("An empty PostgreSQL database to measure in, instead of SQLite."),
)


@bench.command()
@_as_json
@_database
@click.option("--numbers", default=500_000, show_default=True, help=_("Customers with a number."))
@click.option("--lookups", default=5_000, show_default=True, help=_("Look-ups in a round."))
@click.option("--rounds", default=5, show_default=True, help=_("Rounds that count."))
def lookup(as_json: bool, url: str, **size: int) -> None:
    """Whose number it is, among very many."""
    from callcenter.bench import lookup as room

    with _progress("lookup", as_json) as tell:
        report = room.run(room.Size(**size), tell, url)
    _print(report, as_json)


@bench.command()
@_as_json
@_database
@click.option("--contacts", default=100_000, show_default=True, help=_("Customers."))
@click.option("--leads", default=50_000, show_default=True, help=_("Their leads."))
@click.option(
    "--imports", default=5_000, show_default=True, help=_("Rows of a file that comes in.")
)
@click.option("--asks", default=30, show_default=True, help=_("Questions of a kind in a round."))
@click.option("--rounds", default=3, show_default=True, help=_("Rounds that count."))
def crm(as_json: bool, url: str, **size: int) -> None:
    """Lists, search, boards and who gets a lead, among very many customers and leads."""
    from callcenter.bench import crm as room

    with _progress("crm", as_json) as tell:
        report = room.run(room.Size(**size), tell, url)
    _print(report, as_json)


@bench.command("import")
@_as_json
@_database
@click.option("--rows", default=20_000, show_default=True, help=_("Rows of the file."))
@click.option("--contacts", default=100_000, show_default=True, help=_("Customers before it."))
def bring(as_json: bool, url: str, **size: int) -> None:
    """A very long file comes in while phones ring, and is taken back."""
    from callcenter.bench import bringing_many as room

    with _progress("import", as_json) as tell:
        report = room.run(room.Size(**size), tell, url)
    _print(report, as_json)


@bench.command()
@_as_json
@_database
@click.option("--calls", default=5_000, show_default=True, help=_("Calls in a round."))
@click.option("--rounds", default=5, show_default=True, help=_("Rounds that count."))
def store(as_json: bool, url: str, **size: int) -> None:
    """Calls that are over become rows, as fast as the writer can."""
    from callcenter.bench import store as room

    with _progress("store", as_json) as tell:
        report = room.run(room.Size(**size), tell, url)
    _print(report, as_json)


@bench.command()
@_as_json
@click.option("--contacts", default=5_000, show_default=True, help=_("Customers."))
@click.option("--asks", default=300, show_default=True, help=_("Questions of a kind in a round."))
@click.option("--rounds", default=5, show_default=True, help=_("Rounds that count."))
def web(as_json: bool, **size: int) -> None:
    """Answers beside aiohttp's bare hello, pages beside bare Jinja."""
    from callcenter.bench import web as room

    with _progress("web", as_json) as tell:
        report = room.run(room.Size(**size), tell)
    _print(report, as_json)


def _print(report: Report, as_json: bool) -> None:
    if as_json:
        click.echo(report.as_json())
    else:
        report.show(Console())


@contextmanager
def _progress(name: str, as_json: bool) -> Iterator[Tell]:
    columns: tuple[Any, ...] = (
        TextColumn("{task.description}"),
        BarColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=as_json) as bar:
        task = bar.add_task(f"bench {name}", total=None)
        yield lambda done, of: bar.update(task, completed=done, total=of)

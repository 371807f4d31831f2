"""`callcenter demo`: the service on a fresh SQLite database, with a pretend PBX full of people."""

import asyncio
import shutil
from pathlib import Path

import click
import msgspec
from rich.console import Console
from rich.table import Table

from callcenter import serve, settings
from callcenter.db import Database
from callcenter.demo import customers, seed
from callcenter.demo.caught import PostOffice
from callcenter.demo.pretend import PretendPbx
from callcenter.migrations import migrate
from callcenter.server.application import now

#: Stands in a folder that a demo has made: only such a one is emptied.
MARK = ".callcenter-demo"


#: Customers who call all the time.
REGULARS = 25


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    default=8080,
    show_default=True,
    help="Port to listen on; 0 for any free.",
)
@click.option(
    "--rate",
    type=click.FloatRange(0.1, 600),
    default=8.0,
    show_default=True,
    help="New calls a minute.",
)
@click.option(
    "--data",
    default="./var/demo",
    show_default=True,
    help="Folder; emptied first if it is a demo's.",
)
def demo(host: str, port: int, rate: float, data: str) -> None:
    """Show everything: sample people and customers, and calls coming in from a pretend PBX."""
    folder = _emptied(Path(data))
    with PretendPbx(_callers(), rate, seed.recordings(folder)) as pbx, PostOffice() as post:
        known = msgspec.structs.replace(
            settings.Settings(), host=host, port=port, data=data, log_level="warning",
            smtp_url=post.smtp_url, sms_url="file:sms.jsonl",
        )  # fmt: skip
        asyncio.run(_fill(known, folder, pbx.account))
        serve.run(known, ready=lambda address: _tell(address, post.address))


def _emptied(folder: Path) -> Path:
    """Make the demo's folder, without what an earlier demo left in it."""
    made_by_demo = folder / MARK
    if folder.is_dir() and not made_by_demo.exists() and any(folder.iterdir()):
        raise click.ClickException(
            f"{folder} holds something that no demo has made, so it is left alone. "
            "Name another folder with --data."
        )
    try:
        if folder.is_dir():
            shutil.rmtree(folder)
        folder.mkdir(mode=0o700, parents=True)
        made_by_demo.touch()
    except OSError as error:
        raise click.ClickException(
            f"The folder {folder} cannot be made: {error.strerror}."
        ) from error
    return folder


async def _fill(known: settings.Settings, folder: Path, account: seed.Account) -> None:
    await migrate(known.database)
    async with Database(known.database) as database:
        await seed.fill(database, folder, account, now())


def _callers() -> list[tuple[str, str]]:
    """Return (number, name) of the customers who call, those who always do more than once."""
    people = [customer for customer in customers.make(seed.CUSTOMERS) if customer.kind == "person"]
    return [(customer.phones[0], "") for customer in [*people, *people[:REGULARS] * 4]]


def _tell(address: str, letters: str) -> None:
    console = Console()
    logins = Table("Login", "Name", "Role", "Phone", title="Sign in as")
    for worker in seed.OFFICE:
        logins.add_row(worker.login, worker.name, worker.role, worker.extension or "")
    console.print()
    console.print(logins)
    console.print(f"Password of all: [bold]{seed.PASSWORD}[/bold]")
    console.print(f"Letters it sends go nowhere; they are shown at [bold]{letters}[/bold]")
    console.print("Messages by SMS go nowhere either; they are lines of sms.jsonl in its folder.")
    console.print(
        f"Open [bold]{address}[/bold] and sign in as [bold]aygun[/bold]. Ctrl-C stops it."
    )

"""`callcenter serve`: the service, with one option for each setting."""

import asyncio
import signal
import sys
from collections.abc import Callable
from typing import Any

import click
import msgspec

from callcenter import app, settings
from callcenter.app import memory
from callcenter.db import CannotOpen
from callcenter.server import log


def options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give `command` one option for each setting; what is given wins over file and environment."""
    for name, (kind, default, sentence) in reversed(settings.fields().items()):
        flag = f"--{name.replace('_', '-')}"
        shown = "empty" if default == "" else default
        declaration = f"{flag}/--no-{name.replace('_', '-')}" if kind is bool else flag
        command = click.option(
            declaration, name, type=kind, default=None, help=f"{sentence} [default: {shown}]"
        )(command)
    return command


@click.command()
@options
def serve(**given: Any) -> None:
    """Run the service until it is told to stop."""
    chosen = {name: value for name, value in given.items() if value is not None}
    try:
        known = settings.checked(msgspec.structs.asdict(settings.read()) | chosen)
    except settings.SettingsError as error:
        raise click.ClickException(str(error)) from error
    run(known)


def run(
    known: settings.Settings, ready: Callable[[str], None] = lambda _address: None, **parts: Any
) -> None:
    """Run the service in this thread until SIGINT or SIGTERM; tell `ready` its address."""
    log.set_up(known)
    try:
        asyncio.run(_until_stopped(known, ready, parts))
    except (CannotOpen, app.CannotStart) as error:
        click.echo(str(error), err=True)
        sys.exit(1)


async def _until_stopped(
    known: settings.Settings, ready: Callable[[str], None], parts: dict[str, Any]
) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stop.set)
    async with app.running(known, **parts) as house:
        memory.spare()
        ready(house.address)
        await stop.wait()

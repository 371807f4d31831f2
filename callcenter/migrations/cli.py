"""`callcenter migrate`: the database, brought to the form this version needs."""

import asyncio

import click

from callcenter import settings
from callcenter.db import CannotOpen
from callcenter.migrations import migrate as bring


@click.command()
def migrate() -> None:
    """Bring the database to the form this version needs; an empty one gets all tables."""
    try:
        before, after = asyncio.run(bring(settings.read().database))
    except (settings.SettingsError, CannotOpen) as error:
        raise click.ClickException(str(error)) from error
    if before == after:
        click.echo(f"The database is up to date (revision {after}).")
    elif before is None:
        click.echo(f"The database is new and has all tables now (revision {after}).")
    else:
        click.echo(f"The database was brought from revision {before} to {after}.")

"""`callcenter user`: people from the command line; the way in on a new installation."""

import asyncio
import getpass
import secrets
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import TypeVar

import click
from rich.console import Console
from rich.table import Table
from sqlalchemy import select

from callcenter import audit, settings
from callcenter.agents import passwords, people, roles, tokens
from callcenter.agents.models import Role, User
from callcenter.agents.person_form import SCOPES
from callcenter.db import CannotOpen, Database
from callcenter.errors import BadInput, Problem
from callcenter.migrations import migrate
from callcenter.server.actor import SYSTEM

T = TypeVar("T")


@click.group()
def user() -> None:
    """Add people, list them, set passwords, make API tokens."""


@user.command()
@click.argument("login")
@click.option("--name", help="The person's name; the login if not given.")
@click.option("--email", help="Where a reset link is mailed to.")
@click.option(
    "--role",
    type=click.Choice(list(roles.SEEDS)),
    default="agent",
    show_default=True,
    help="What the person may do.",
)
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
def add(login: str, name: str | None, email: str | None, role: str, password_stdin: bool) -> None:
    """Add a person who can sign in.

    Asks for the password; where nobody can be asked, draws one, prints it, and has it changed at
    the first sign-in.
    """
    typed = _typed_password(from_stdin=password_stdin)
    password = typed or secrets.token_urlsafe(9)

    async def work(database: Database) -> None:
        at = datetime.now(UTC)
        hash_ = await passwords.hashed(password)
        async with database.write() as session:
            role_row = (await roles.seed(session, at))[role]
            form = people.PersonForm(
                login=login.lower(), name=name or login, email=email, role_id=role_row.id
            )
            person = await people.add(session, form, at, SYSTEM)
            if typed is not None:
                passwords.check(typed, typed, person)
            await passwords.store(session, person, hash_, at, SYSTEM)
            person.password_expired = typed is None

    _run(work)
    click.echo(f"{login.lower()} can sign in" + (f" with {password}" if typed is None else "."))


@user.command("list")
def list_() -> None:
    """Show everybody with role and state."""

    async def work(database: Database) -> list[tuple[str, ...]]:
        query = select(User, Role.key).join(Role, Role.id == User.role_id).order_by(User.login)
        async with database.read() as session:
            return [
                (person.login, person.name, role, "yes" if person.active else "no")
                for person, role in await session.execute(query)
            ]

    table = Table("Login", "Name", "Role", "Active")
    for row in _run(work):
        table.add_row(*row)
    Console().print(table)


@user.command()
@click.argument("login")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
def password(login: str, password_stdin: bool) -> None:
    """Set a person's password; all sessions of that person end."""
    typed = _typed_password(from_stdin=password_stdin)
    chosen = typed or secrets.token_urlsafe(9)

    async def work(database: Database) -> None:
        at = datetime.now(UTC)
        hash_ = await passwords.hashed(chosen)
        async with database.write() as session:
            person = await passwords.person_by_name(session, login)
            if person is None:
                raise click.ClickException(f"Nobody active has the login {login}.")
            if typed is not None:
                passwords.check(typed, typed, person)
            await passwords.store(session, person, hash_, at, SYSTEM)
            person.password_expired = typed is None

    _run(work)
    click.echo("The password is set" + (f": {chosen}" if typed is None else "."))


@user.command()
@click.argument("login")
@click.option("--name", required=True, help="What the token is for.")
@click.option(
    "--scope", "scopes", multiple=True, type=click.Choice(SCOPES), default=("*",),
    help="What it may be used for; several may be given. [default: everything the person may do]",
)  # fmt: skip
def token(login: str, name: str, scopes: tuple[str, ...]) -> None:
    """Make an API token; it is printed this once."""

    async def work(database: Database) -> str:
        at = datetime.now(UTC)
        async with database.write() as session:
            person = await passwords.person_by_name(session, login)
            if person is None:
                raise click.ClickException(f"Nobody active has the login {login}.")
            secret, _row = tokens.issue(session, "api", person.id, at, name=name, scopes=scopes)
            audit.record(
                session, at, entity="user", entity_id=person.id, action="token-made",
                diff={"name": [None, name], "scopes": [None, list(scopes)]}, **SYSTEM,
            )  # fmt: skip
        return secret

    click.echo(_run(work))


def _typed_password(*, from_stdin: bool) -> str | None:
    """Return the password that somebody typed or piped in; None if nobody can be asked."""
    if from_stdin:
        return sys.stdin.readline().rstrip("\n")
    if not sys.stdin.isatty():
        return None
    return getpass.getpass("Password (empty: draw one): ") or None


def _run(work: Callable[[Database], Awaitable[T]]) -> T:
    """Run `work` on the installation's database, brought up to date first."""

    async def on_database() -> T:
        known = settings.read()
        known.data_path.mkdir(mode=0o700, parents=True, exist_ok=True)
        await migrate(known.database)
        async with Database(known.database) as database:
            return await work(database)

    try:
        return asyncio.run(on_database())
    except BadInput as problem:
        wrong = "; ".join(f"{name}: {text}" for name, text in problem.fields.items())
        raise click.ClickException(wrong) from problem
    except (Problem, CannotOpen, settings.SettingsError) as problem:
        raise click.ClickException(str(problem)) from problem

"""Whose secret it is, remembered for just as long as nothing has been written."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, select, update

from callcenter.agents import roles, tokens
from callcenter.agents.credentials import Credentials
from callcenter.agents.models import Role, Team, Token, User
from callcenter.db import Database

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)


async def issued(database: Database, lasts: timedelta | None = None) -> str:
    """Return the secret of a person who works in a team that has another below it."""
    stamps = {"created_at": AT, "updated_at": AT}
    async with database.write() as session:
        role = (await roles.seed(session, AT))["agent"]
        session.add_all((Team(id=1, name="Sales", **stamps), Team(id=2, name="Baku", **stamps)))
        await session.flush()
        session.add(User(id=7, login="anna", name="Anna", role_id=role.id, team_id=1, **stamps))
        await session.flush()
        secret, _token = tokens.issue(session, "api", 7, AT, lasts=lasts, scopes=("*",))
    return secret


async def test_what_another_process_changes_holds_with_the_next_request(
    database: Database, database_url: str
):
    secret, credentials = await issued(database), Credentials(database)
    before = await credentials.known_by("api", secret, AT)

    async with Database(database_url) as other, other.write() as session:
        await session.execute(update(Team).where(Team.id == 2).values(parent_id=1))
        await session.execute(update(User).where(User.id == 7).values(name="Anna Smith"))
    after = await credentials.known_by("api", secret, AT)

    assert before is not None
    assert after is not None
    assert (before.who.name, before.who.teams) == ("Anna", {1})
    assert (after.who.name, after.who.teams) == ("Anna Smith", {1, 2})


async def test_a_role_that_lost_a_right_has_lost_it_at_once(database: Database):
    secret, credentials = await issued(database), Credentials(database)
    before = await credentials.known_by("api", secret, AT)

    async with database.write() as session:
        row = await session.scalar(select(Role).where(Role.key == "agent"))
        assert row is not None
        row.grants = {}
    after = await credentials.known_by("api", secret, AT)

    assert before is not None
    assert before.who.grants
    assert after is not None
    assert not after.who.grants


async def test_a_token_that_was_withdrawn_lets_nobody_in_any_more(database: Database):
    secret, credentials = await issued(database), Credentials(database)
    assert await credentials.known_by("api", secret, AT)

    async with database.write() as session:
        await session.execute(delete(Token))

    assert await credentials.known_by("api", secret, AT) is None


async def test_a_token_ends_in_time_though_nothing_was_written_meanwhile(
    sqlite_database: Database,
):
    secret = await issued(sqlite_database, timedelta(hours=1))
    credentials = Credentials(sqlite_database)

    assert await credentials.known_by("api", secret, AT)
    assert await credentials.known_by("api", secret, AT + timedelta(minutes=59))
    assert await credentials.known_by("api", secret, AT + timedelta(hours=1)) is None


async def test_as_long_as_nothing_is_written_the_same_person_is_not_read_again(
    sqlite_database: Database,
):
    secret, credentials = await issued(sqlite_database), Credentials(sqlite_database)

    first = await credentials.known_by("api", secret, AT)

    assert first is not None
    assert await credentials.known_by("api", secret, AT) is first
    assert await credentials.known_by("session", secret, AT) is None

"""A made-up office in a database: people with phones and a token each, and one PBX."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from sqlalchemy import delete, insert, select

from callcenter.agents import roles, tokens
from callcenter.agents.models import Device, Token, User
from callcenter.bench.stories import TRUNK, Agent
from callcenter.calls.models import PbxRow
from callcenter.calls.pbxs import keep_secret
from callcenter.db import Database
from callcenter.migrations import migrate
from callcenter.settings import Settings

PBX: Final = 1
#: The person of the phone "2001" is 2001.
_LONG_AGO: Final = datetime(2020, 1, 1, tzinfo=UTC)


def settings(folder: Path) -> Settings:
    return Settings(
        host="127.0.0.1",
        port=0,
        data=str(folder),
        log_level="error",
        wrap_up_s=0,
        ami_retry_max_s=0.1,
    )


async def furnish(folder: Path, people: list[Agent], ami_port: int) -> dict[int, str]:
    """Make the office in `folder`, or set it up anew; return each person's API token."""
    known = settings(folder)
    await migrate(known.database)
    async with Database(known.database) as database:
        await _move_in(database, folder, people)
        return await _connect(database, people, ami_port)


async def _move_in(database: Database, folder: Path, people: list[Agent]) -> None:
    stamp = {"created_at": _LONG_AGO, "updated_at": _LONG_AGO}
    async with database.write() as session:
        role = (await roles.seed(session, _LONG_AGO))["agent"]
        if await session.get(PbxRow, PBX) is None:
            secret_ref = keep_secret("bench", PBX, folder)
            session.add(
                PbxRow(
                    id=PBX, name="bench", host="127.0.0.1", username="bench",
                    secret_ref=secret_ref, trunks=[TRUNK], **stamp,
                )
            )  # fmt: skip
            await session.flush()
        here = set(await session.scalars(select(User.id)))
        new = [agent for agent in people if int(agent.extension) not in here]
        if not new:
            return
        await session.execute(
            insert(User),
            [
                {
                    "id": int(agent.extension), "login": agent.extension, "name": agent.name,
                    "role_id": role.id, "locale": "az", **stamp,
                }
                for agent in new
            ],
        )  # fmt: skip
        await session.execute(
            insert(Device),
            [
                {
                    "id": int(agent.extension), "user_id": int(agent.extension), "pbx_id": PBX,
                    "endpoint": agent.endpoint, "extension": agent.extension,
                    "from_at": _LONG_AGO,
                }
                for agent in new
            ],
        )  # fmt: skip


async def _connect(database: Database, people: list[Agent], ami_port: int) -> dict[int, str]:
    async with database.write() as session:
        pbx = await session.get_one(PbxRow, PBX)
        pbx.port = ami_port
        await session.execute(delete(Token))
        now = datetime.now(UTC)
        return {
            user_id: tokens.issue(session, "api", user_id, now, scopes=["live:read"])[0]
            for user_id in (int(agent.extension) for agent in people)
        }

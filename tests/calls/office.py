"""People, a PBX and the recordings of its calls, for tests of what is made of them."""

from collections.abc import Iterator
from datetime import UTC, datetime

from callcenter import phone
from callcenter.agents.models import Role, User
from callcenter.ami.tracker import Tracker
from callcenter.calls.models import PbxRow
from callcenter.db import Database
from callcenter.events import CallEvent
from tests import recordings

PBX = 1
NOW = datetime(2026, 1, 1, tzinfo=UTC)

#: Whose phone is whose: "PJSIP/1001" is user 1001's.
AGENTS = (*range(1001, 1007), *range(2001, 2041))


def user_of(pbx: int, endpoint: str) -> int | None:
    extension = endpoint.rpartition("/")[2]
    if pbx != PBX or not extension.isdigit() or int(extension) not in AGENTS:
        return None
    return int(extension)


def read_number(_pbx: int, raw: str) -> phone.Number:
    return phone.read(raw, ["AZ"])


def told(name: str) -> Iterator[CallEvent]:
    """Give the events about calls in a recording."""
    tracker = Tracker(PBX, recordings.ENDPOINTS)
    at = 0.0
    for recorded in recordings.messages(name):
        at = at if recorded.at is None else recorded.at
        for event in tracker.feed(recorded.message, at):
            if isinstance(event, CallEvent):
                yield event


async def move_in(database: Database) -> None:
    """Store the people and the PBX that calls refer to."""
    stamp = {"created_at": NOW, "updated_at": NOW}
    async with database.write() as session:
        session.add(Role(id=1, key="agent", name="Agent", **stamp))
        session.add(
            PbxRow(
                id=PBX,
                name="main",
                host="127.0.0.1",
                username="crm",
                secret_ref="env:NONE",
                **stamp,
            )
        )
        await session.flush()
        for user_id in AGENTS:
            session.add(
                User(id=user_id, login=str(user_id), name=f"Agent {user_id}", role_id=1, **stamp)
            )

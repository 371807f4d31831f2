"""What is stored of a call is enough to tell its whole course again."""

from typing import Any

import pytest
from sqlalchemy import select

from callcenter.calls.call import Call
from callcenter.calls.course import rebuild
from callcenter.calls.models import CallLeg, CallRow, QueueVisit
from callcenter.calls.why.checking import differences
from callcenter.db import Database
from tests import recordings
from tests.calls import office
from tests.calls.evidence import all_told
from tests.calls.test_writer import desk

#: One of each kind of course; all others are made of the same parts.
NAMES = (
    "att_to_agent", "att_ami_atxfer", "blind_to_queue", "blind_to_external", "park_retrieve", "pickup_group",
    "conference_three", "hold_inbound", "queue_ringall_local", "queue_timeout_overflow", "in_ivr_rich",
    "in_direct_noanswer_voicemail", "out_busy", "c2c_answered", "reconnect_mid_call",
)  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
async def test_a_stored_call_tells_the_same_as_the_call_itself(
    name: str, sqlite_database: Database
) -> None:
    await stored(sqlite_database, name)

    for call in recordings.replayed(recordings.messages(name)).interactions():
        again = await read(sqlite_database, call)

        assert differences(again, call) == []
        assert again.connected_s == pytest.approx(call.connected_s, abs=0.01)
        assert [(one.kind, one.by_leg, one.to) for one in again.transfers] == [
            (one.kind, one.by_leg, one.to) for one in call.transfers
        ]


async def test_a_call_stored_before_there_was_a_course_still_tells_an_uninterrupted_talk(
    sqlite_database: Database,
) -> None:
    [call] = recordings.replayed(recordings.messages("in_direct_answered")).interactions()
    await stored(sqlite_database, "in_direct_answered")
    again = await read(sqlite_database, call, course=None)

    assert again.talk_s == pytest.approx(call.talk_s, abs=0.01)


async def stored(database: Database, name: str) -> None:
    await office.move_in(database)
    async with desk(database) as at_work:
        await at_work.play(all_told(name))


async def read(database: Database, call: Call, **changed: Any) -> Call:
    async with database.read() as session:
        row = (
            await session.scalars(select(CallRow).where(CallRow.first_uniqueid == call.id))
        ).one()
        legs = await session.scalars(
            select(CallLeg).where(CallLeg.call_id == row.id).order_by(CallLeg.seq)
        )
        visits = await session.scalars(
            select(QueueVisit).where(QueueVisit.call_id == row.id).order_by(QueueVisit.seq)
        )
        for name, value in changed.items():
            setattr(row, name, value)
        return rebuild(row, list(legs), list(visits))

"""What passed between a contact and us, newest first, and nobody else's."""

from datetime import timedelta

import pytest

from callcenter import audit
from callcenter.agents.models import Team
from callcenter.app.entities import ENTITIES
from callcenter.calls.models import CallLeg, CallRecording, QueueVisit
from callcenter.crm.linker import link
from callcenter.db import Database
from callcenter.entity import saving
from callcenter.entity.registry import Registry
from callcenter.errors import BadInput
from callcenter.interactions import timeline
from callcenter.interactions.description import INTERACTION
from callcenter.interactions.models import Participant
from tests.entity.plans import plans_of
from tests.fixtures.customers import NOW, Office, by, signed_in
from tests.interactions.diary import ALL

READS_ALL = {"read": "all"}
OWN = {"read": "own"}


async def page(
    office: Office, contact_id: int, after: str | None = None, **grants: str
) -> timeline.Timeline:
    user = await office.user("Reader")
    who = signed_in(user, interaction=grants or READS_ALL, contact=READS_ALL)
    async with office.database.read() as session:
        return await timeline.of_contact(session, who, contact_id, after)


async def test_a_call_shows_what_became_of_it(office: Office) -> None:
    anna = await office.user("Anna")
    zoe = await office.contact("Zoë", "0502345678")
    call = await office.call(
        "0502345678", agent=anna, body="Wants an offer", talk_ms=200_000, hold_ms=7_000,
        wait_ms=12_000,
    )  # fmt: skip
    await link(office.database, [call.id])

    (item,) = (await page(office, zoe.id)).items

    assert (item.kind, item.direction, item.result, item.who) == ("call", "in", "answered", "Anna")
    assert (item.talk_s, item.wait_s, item.note, item.live) == (200, 12, "Wants an offer", False)
    assert (item.interaction_id, item.call_id, item.at) == (call.id, call.id, NOW)


async def test_pages_follow_one_another_without_a_gap_or_a_double(office: Office) -> None:
    zoe = await office.contact("Zoë", "0502345678")
    # Several at the same moment, across the border of a page.
    moments = [NOW - timedelta(minutes=number // 3) for number in range(timeline.PAGE_ROWS + 7)]
    calls = [await office.call("0502345678", at=moment) for moment in moments]
    await link(office.database, [call.id for call in calls])

    first = await page(office, zoe.id)
    second = await page(office, zoe.id, first.after)

    assert len(first.items) == timeline.PAGE_ROWS
    assert second.after is None
    shown = [item.interaction_id for item in first.items + second.items]
    assert (len(shown), set(shown)) == (len(calls), {call.id for call in calls})
    times = [item.at for item in first.items + second.items]
    assert times == sorted(times, reverse=True)


async def test_whoever_takes_part_twice_is_told_once_however_often_that_was(office: Office) -> None:
    zoe = await office.contact("Zoë", "0502345678")
    count = timeline.PAGE_ROWS + 7
    calls = [
        await office.call("0502345678", at=NOW - timedelta(minutes=number))
        for number in range(count)
    ]
    await link(office.database, [call.id for call in calls])
    async with office.database.write() as session:
        # As if whoever was called and whoever called had become one.
        for call in calls:
            session.add(
                Participant(
                    interaction_id=call.id, role="attendee", contact_id=zoe.id, at=call.start_at
                )
            )

    first = await page(office, zoe.id)
    second = await page(office, zoe.id, first.after)

    assert (len(first.items), len(second.items)) == (timeline.PAGE_ROWS, 7)
    assert {item.interaction_id for item in first.items + second.items} == {
        call.id for call in calls
    }


async def test_a_company_shows_the_calls_of_its_people(office: Office) -> None:
    company = await office.contact("Nar Mebel MMC", kind="company")
    zoe = await office.contact("Zoë", "0502345678", company_id=company.id)
    call = await office.call("0502345678")
    await link(office.database, [call.id])

    (item,) = (await page(office, company.id)).items

    assert (item.contact_id, item.contact_name) == (zoe.id, "Zoë")


async def test_notable_changes_stand_between_the_calls(office: Office) -> None:
    anna = await office.user("Anna")
    zoe = await office.contact("Zoë", "0502345678")
    calls = [await office.call("0502345678", at=NOW + timedelta(hours=hours)) for hours in (-1, 1)]
    await link(office.database, [call.id for call in calls])
    async with office.database.write() as session:
        for notable, action in ((True, "create"), (False, "edit")):
            audit.record(
                session, NOW, entity="contact", entity_id=zoe.id, contact_id=zoe.id,
                action=action, notable=notable, **by(anna),
            )  # fmt: skip

    items = (await page(office, zoe.id)).items

    assert [(item.kind, item.action, item.who) for item in items] == [
        ("call", None, None), ("change", "create", "Anna"), ("call", None, None),
    ]  # fmt: skip


async def test_pages_of_changes_of_one_moment_follow_one_another(sqlite_database: Database) -> None:
    office = Office(sqlite_database)
    anna, zoe = await office.user("Anna"), await office.contact("Zoë")
    count = timeline.PAGE_ROWS + 7
    async with office.database.write() as session:
        for _ in range(count):
            audit.record(
                session, NOW, entity="contact", entity_id=zoe.id, contact_id=zoe.id,
                action="merge", notable=True, **by(anna),
            )  # fmt: skip

    first = await page(office, zoe.id)
    second = await page(office, zoe.id, first.after)

    assert (len(first.items), len(second.items)) == (timeline.PAGE_ROWS, 7)
    assert len({item.id for item in first.items + second.items}) == count


async def test_a_contact_with_no_calls_has_an_empty_timeline(office: Office) -> None:
    zoe = await office.contact("Zoë", "0502345678")
    await office.call("0559999999")

    assert await page(office, zoe.id) == timeline.Timeline([])


async def test_one_who_may_read_only_his_own_sees_only_those(office: Office) -> None:
    anna, orxan = await office.user("Anna"), await office.user("Orxan")
    zoe = await office.contact("Zoë", "0502345678")
    owned = await office.call("0502345678", agent=anna)
    rang = await office.call("0502345678", at=NOW - timedelta(hours=1))
    await office.rang(rang, anna)
    others = await office.call("0502345678", agent=orxan, at=NOW - timedelta(hours=2))
    await link(office.database, [owned.id, rang.id, others.id])

    async with office.database.read() as session:
        seen = await timeline.of_contact(
            session, signed_in(anna, interaction={"read": "own"}), zoe.id
        )
        nothing = await timeline.of_contact(session, signed_in(anna), zoe.id)

    assert [item.interaction_id for item in seen.items] == [owned.id, rang.id]
    assert nothing.items == []


async def test_a_team_sees_what_its_people_own(office: Office) -> None:
    async with office.database.write() as session:
        session.add(Team(id=1, name="Sales", created_at=NOW, updated_at=NOW))
    anna, orxan = await office.user("Anna", team_id=1), await office.user("Orxan", team_id=1)
    stranger = await office.user("Stranger")
    zoe = await office.contact("Zoë", "0502345678")
    ours = await office.call("0502345678", agent=orxan)
    theirs = await office.call("0502345678", agent=stranger)
    await link(office.database, [ours.id, theirs.id])

    async with office.database.read() as session:
        seen = await timeline.of_contact(
            session, signed_in(anna, interaction={"read": "team"}), zoe.id
        )

    assert [item.interaction_id for item in seen.items] == [ours.id]


@pytest.mark.parametrize("after", ["x", "1", "1.", ".1", "1.2.3", "-1.2", "١.٢", "9" * 30 + ".1"])
async def test_a_cursor_of_somebodys_own_making_is_refused(
    sqlite_database: Database, after: str
) -> None:
    office = Office(sqlite_database)
    with pytest.raises(BadInput):
        await page(office, 1, after)


async def test_pinned_ones_stand_above_once_and_all_of_them_are_a_filter(office: Office) -> None:
    zoe, anna = await office.contact("Zoë", "0502345678"), await office.user("Anna")
    count = timeline.PAGE_ROWS + 20
    calls = [
        await office.call("0502345678", at=NOW - timedelta(minutes=number), agent=anna)
        for number in range(count)
    ]
    ids = [call.id for call in calls]
    pinned = ids[3:58:9]
    await link(office.database, ids)
    registry = Registry(ENTITIES)
    await registry.load(office.database)
    who = signed_in(anna, interaction=ALL, contact=READS_ALL)
    async with office.database.write() as session:
        deed = saving.Deed(session, registry, INTERACTION, who, NOW, by(anna))
        for one in pinned:
            await saving.change(deed, one, {"pinned": True}, None)

    async with office.database.read() as session:
        first = await timeline.of_contact(session, who, zoe.id)
        second = await timeline.of_contact(session, who, zoe.id, first.after)
        only = await timeline.of_contact(session, who, zoe.id, kinds=["pinned"])
        table = await timeline.of_contact(session, who, zoe.id, in_place=True)
        nobody = await timeline.of_contact(session, signed_in(anna, interaction=OWN), zoe.id)

    above = pinned[: timeline.ABOVE]
    assert ([item.id for item in first.pinned], first.more_pinned) == (above, True)
    shown = [item.id for item in (*first.items, *second.items)]
    assert shown == [one for one in ids if one not in above]
    assert (list(second.pinned), second.after) == ([], None)
    assert ([item.id for item in only.items], list(only.pinned)) == (pinned, [])
    assert ([item.id for item in table.items], list(table.pinned)) == (ids[:50], [])
    assert [item.id for item in nobody.pinned] == above

    async def asked() -> None:
        async with office.database.read() as session:
            await session.execute(timeline.IS_PINNED.statement, {"row": zoe.id})
            await timeline._pinned(session, who, zoe.id, past=False)

    whether, which = (await plans_of(office.database, "participant", asked))[:2]
    for plan in (whether, which):
        assert "ix_participant_pinned" in plan
        assert "SORT" not in plan.upper()

    async with office.database.write() as session:
        deed = saving.Deed(session, registry, INTERACTION, who, NOW, by(anna))
        for one in pinned:
            await saving.change(deed, one, {"pinned": False}, None)
    async with office.database.read() as session:
        after = await timeline.of_contact(session, who, zoe.id)
    assert (list(after.pinned), [item.id for item in after.items]) == ([], ids[:50])


async def test_a_page_reads_an_index_and_no_more_rows_than_it_shows(
    sqlite_database: Database,
) -> None:
    office = Office(sqlite_database)
    await office.contact("Zoë", "0502345678")
    plan = await sqlite_database.fetch(
        "EXPLAIN QUERY PLAN SELECT interaction_id FROM participant WHERE contact_id = 1 "
        "AND (at, interaction_id) < (5, 6) ORDER BY at DESC, interaction_id DESC LIMIT 51"
    )
    steps = " ".join(row[3] for row in plan)
    assert "ix_participant_contact" in steps
    assert "TEMP B-TREE" not in steps
    assert Participant.__tablename__ in steps


async def test_a_call_shows_the_way_it_took_and_whether_it_can_be_heard(office: Office) -> None:
    anna, orxan = await office.user("Anna"), await office.user("Orxan")
    zoe = await office.contact("Zoë", "0502345678")
    call = await office.call("0502345678", agent=anna)
    await link(office.database, [call.id])
    async with office.database.write() as session:
        for seq, (user, talk_ms) in enumerate(((orxan, 9_000), (anna, 200_000))):
            session.add(
                CallLeg(
                    call_id=call.id, seq=seq, uniqueid=f"1.{seq}", party="agent", user_id=user.id,
                    endpoint="PJSIP/1", ring_at=NOW, answer_at=NOW + timedelta(seconds=seq),
                    talk_ms=talk_ms,
                )
            )  # fmt: skip
        session.add(QueueVisit(call_id=call.id, seq=0, queue="support", joined_at=NOW))
        session.add(CallRecording(call_id=call.id, seq=0, source="1.0", file="a.wav", began_at=NOW))

    (item,) = (await page(office, zoe.id)).items

    assert item.way is not None
    assert (item.way.queues, item.way.has_recording) == (["support"], True)
    assert [(leg.name, leg.talk_s) for leg in item.way.legs] == [("Orxan", 9), ("Anna", 200)]


async def test_who_takes_part_twice_is_told_of_it_once(office: Office) -> None:
    zoe = await office.contact("Zoë", "0502345678")
    call = await office.call("0502345678")
    await link(office.database, [call.id])
    async with office.database.write() as session:
        session.add(
            Participant(interaction_id=call.id, role="cc", seq=0, contact_id=zoe.id, at=NOW)
        )

    assert [item.id for item in (await page(office, zoe.id)).items] == [call.id]

"""The list of past calls: every call once, by any filter, and only those a person may see."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import event

from callcenter import phone
from callcenter.agents.models import Team
from callcenter.calls.history import PAGE_ROWS, CallFilter, CallLine, list_calls, queue_names
from callcenter.calls.models import CallRow, QueueVisit
from callcenter.crm.linker import link
from callcenter.db import Database
from callcenter.errors import BadInput
from callcenter.interactions.models import Interaction
from callcenter.server.identity import Identity
from tests.calls.plans import plan_of, scans
from tests.fixtures.customers import NOW, REGIONS, Office, reader

BAKU = ZoneInfo("Asia/Baku")
#: Its clocks go forward on 29 March 2026 and back on 25 October 2026.
BERLIN = ZoneInfo("Europe/Berlin")
ALL = reader("all")


async def listed(
    office: Office, who: Identity = ALL, zone: ZoneInfo = BAKU, **wanted: Any
) -> list[CallLine]:
    async with office.database.read() as session:
        return (await list_calls(session, CallFilter(**wanted), who, zone)).lines


async def ids(
    office: Office, who: Identity = ALL, zone: ZoneInfo = BAKU, **wanted: Any
) -> set[int]:
    return {line.id for line in await listed(office, who, zone, **wanted)}


async def called(office: Office, number: str, **facts: Any) -> Interaction:
    """A past call, found by the last digits of its number as the writer stores it."""
    return await office.call(number, customer_rev=phone.read(number, REGIONS).rev, **facts)


async def queued(office: Office, call: Interaction, *queues: str) -> None:
    async with office.database.write() as session:
        for seq, queue in enumerate(queues):
            session.add(QueueVisit(call_id=call.id, seq=seq, queue=queue, joined_at=NOW))


async def internal_call(office: Office) -> None:
    """Colleagues who talk with each other: a call, but no contact with a customer."""
    pbx = await office.pbx()
    async with office.database.write() as session:
        session.add(
            CallRow(
                id=5, pbx_id=pbx.id, first_uniqueid="5", origin="phone",
                direction="internal", ring_at=NOW,
            )
        )  # fmt: skip


# ---------------------------------------------------------------- pages


async def test_two_pages_have_every_call_once_also_of_one_moment(office: Office) -> None:
    moments = [NOW - timedelta(minutes=number // 3) for number in range(PAGE_ROWS + 7)]
    calls = {(await office.call("0502345678", at=at)).id for at in moments}

    async with office.database.read() as session:
        first = await list_calls(session, CallFilter(), ALL, BAKU)
        second = await list_calls(session, CallFilter(after=first.after), ALL, BAKU)

    lines = first.lines + second.lines
    assert (len(first.lines), len(second.lines), second.after) == (PAGE_ROWS, 7, None)
    assert {line.id for line in lines} == calls
    order = [(line.ring_at, line.id) for line in lines]
    assert order == sorted(order, reverse=True)


async def test_a_page_that_is_just_full_is_the_last(office: Office) -> None:
    for _ in range(PAGE_ROWS):
        await office.call("0502345678")

    async with office.database.read() as session:
        page = await list_calls(session, CallFilter(), ALL, BAKU)

    assert (len(page.lines), page.after) == (PAGE_ROWS, None)


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "1",
        "1.",
        ".1",
        "1.x",
        "-1.1",
        "١.١",
        "9" * 40 + ".1",
        "1." + "9" * 40,
        "253402300800000.1",
    ],
)
async def test_a_cursor_that_no_page_gave_is_refused(
    sqlite_database: Database, cursor: str
) -> None:
    with pytest.raises(BadInput) as refused:
        await listed(Office(sqlite_database), after=cursor)

    assert list(refused.value.fields) == ["after"]


# ---------------------------------------------------------------- what a line says


async def test_a_line_says_who_called_who_answered_and_through_which_queues(
    office: Office,
) -> None:
    anna = await office.user("Anna")
    zoe = await office.contact("Zoë", "0502345678")
    call = await office.call(
        "0502345678", agent=anna, wait_ms=12_000, talk_ms=200_500, hold_ms=0, body="Wants an offer"
    )
    await queued(office, call, "support", "sales")
    await link(office.database, [call.id])

    (line,) = await listed(office)

    assert (line.number, line.contact_id, line.contact_name) == ("+994502345678", zoe.id, "Zoë")
    assert (line.owner_id, line.owner_name, line.queues) == (anna.id, "Anna", ["support", "sales"])
    assert (line.wait_s, line.talk_s, line.hold_s) == (12, 200.5, 0)
    assert (line.ring_at, line.note) == (NOW, "Wants an offer")


async def test_calls_among_colleagues_are_not_listed(office: Office) -> None:
    await internal_call(office)

    assert await listed(office) == []


async def test_a_call_that_became_part_of_another_is_not_listed_again(office: Office) -> None:
    main, part = await office.call("0502345678"), await office.call("0502345678")
    async with office.database.write() as session:
        (await session.get_one(CallRow, part.id)).merged_into_id = main.id

    assert await ids(office) == {main.id}


# ---------------------------------------------------------------- filters


@pytest.mark.parametrize("digits", ["994502345678", "502345678", "2345678", "678"])
async def test_a_call_is_found_by_the_last_digits_of_its_number(
    office: Office, digits: str
) -> None:
    call = await called(office, "0502345678")
    await called(office, "0502345679")
    await called(office, "0556782345")
    await office.call(None)

    assert await ids(office, digits=digits) == {call.id}


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_last_digits_are_compared_byte_by_byte_whatever_the_servers_language(
    database: Database,
) -> None:
    order = "SELECT collation_name FROM information_schema.columns WHERE column_name = ?1"

    assert [tuple(row) for row in await database.fetch(order, "customer_rev")] == [("C",)]


async def test_a_call_is_found_by_its_whole_number(office: Office) -> None:
    call = await called(office, "0502345678")
    await called(office, "0552345678")

    assert await ids(office, e164="+994502345678") == {call.id}


async def test_calls_are_found_by_the_contacts_that_a_name_means(office: Office) -> None:
    zoe = await office.contact("Zoë", "0502345678")
    await office.contact("Tural", "0552345678")
    hers, _his = await office.call("0502345678"), await office.call("0552345678")
    await link(office.database, [hers.id, _his.id])

    assert await ids(office, contact_ids=(zoe.id,)) == {hers.id}
    assert await ids(office, contact_ids=()) == set()


async def test_calls_are_found_by_the_person_whose_phone_rang(office: Office) -> None:
    anna, boris = await office.user("Anna"), await office.user("Boris")
    hers, his = await office.call("0502345678"), await office.call("0502345678")
    await office.rang(hers, anna)
    await office.rang(his, boris)

    assert await ids(office, person_id=anna.id) == {hers.id}


async def test_calls_are_found_by_any_of_their_queues(office: Office) -> None:
    both, one = await office.call("0502345678"), await office.call("0502345678")
    await queued(office, both, "support", "sales")
    await queued(office, one, "support")

    assert await ids(office, queue="sales") == {both.id}
    assert await ids(office, queue="support") == {both.id, one.id}
    async with office.database.read() as session:
        assert await queue_names(session) == ["sales", "support"]


async def test_calls_are_found_by_result_and_direction(office: Office) -> None:
    came = await office.call("0502345678", result="abandoned")
    went = await office.call("0502345678", direction="out", result="busy")

    assert await ids(office, result="abandoned") == {came.id}
    assert await ids(office, direction="outbound") == {went.id}
    assert await ids(office, result="abandoned", direction="outbound") == set()


@pytest.mark.parametrize(
    ("zone", "day", "first", "last"),
    [
        # Midnight in Baku is 20:00 UTC of the day before.
        (BAKU, date(2026, 11, 22), "2026-11-21T20:00:00", "2026-11-22T19:59:59.999"),
        # The day on which the clocks go forward has 23 hours, the one on which they go back 25.
        (BERLIN, date(2026, 3, 29), "2026-03-28T23:00:00", "2026-03-29T21:59:59.999"),
        (BERLIN, date(2026, 10, 25), "2026-10-24T22:00:00", "2026-10-25T22:59:59.999"),
    ],
)
async def test_a_day_lasts_from_midnight_to_midnight_where_the_reader_is(
    office: Office, zone: ZoneInfo, day: date, first: str, last: str
) -> None:
    begin, end = (datetime.fromisoformat(each).replace(tzinfo=UTC) for each in (first, last))
    inside = {(await office.call("0502345678", at=at)).id for at in (begin, end)}
    await office.call("0502345678", at=begin - timedelta(milliseconds=1))
    await office.call("0502345678", at=end + timedelta(milliseconds=1))

    assert await ids(office, zone=zone, day=day) == inside


# ---------------------------------------------------------------- whose


async def test_each_sees_his_own_calls_his_teams_or_all(office: Office) -> None:
    async with office.database.write() as session:
        session.add(Team(id=7, name="Front", created_at=NOW, updated_at=NOW))
    anna, boris = await office.user("Anna", team_id=7), await office.user("Boris", team_id=7)
    stranger = await office.user("Clara")
    calls = {}
    for person in (anna, boris, stranger):
        calls[person.name] = (await office.call("0502345678")).id
        await office.rang(await _interaction(office, calls[person.name]), person)
    nobodys = (await office.call("0502345678")).id

    assert await ids(office, reader("own", anna.id, 7)) == {calls["Anna"]}
    assert await ids(office, reader("team", anna.id, 7)) == {calls["Anna"], calls["Boris"]}
    # Whoever has no team is in no team with others who have none.
    assert await ids(office, reader("team", stranger.id, None)) == {calls["Clara"]}
    assert await ids(office, reader("all", anna.id, 7)) == {*calls.values(), nobodys}
    assert await ids(office, reader("none", anna.id, 7)) == set()


async def _interaction(office: Office, call_id: int) -> Interaction:
    async with office.database.read() as session:
        return await session.get_one(Interaction, call_id)


# ---------------------------------------------------------------- the way there


@pytest.mark.parametrize(
    "wanted",
    [
        {},
        {"after": "1766000000000.7"},
        {"digits": "2345678"},
        {"digits": "502345678", "e164": "+994502345678", "contact_ids": (1, 2)},
        {"person_id": 7},
        {"day": date(2026, 11, 22)},
        {"result": "abandoned"},
    ],
    ids=repr,
)
async def test_no_list_reads_the_whole_table_of_calls(
    sqlite_database: Database, wanted: dict[str, Any]
) -> None:
    async with sqlite_database.read() as session:
        asked = list_calls(session, CallFilter(**wanted), ALL, BAKU)
        plan = await plan_of(sqlite_database, asked)

    assert plan
    # "SCAN ... USING INDEX" follows the order of the list and stops with the page.
    assert [step for step in scans(plan) if " ix_call_ring_at" not in step] == []


async def test_the_names_of_queues_are_found_without_reading_every_visit(office: Office) -> None:
    call = await called(office, "+994502345678")
    await queued(office, call, "support", "sales", "support")
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, sql: str, *_more: Any) -> None:
        asked.append(sql)

    engine = office.database._engine.reading.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    async with office.database.read() as session:
        assert await queue_names(session) == ["sales", "support"]
    event.remove(engine, "before_cursor_execute", note)

    assert not any("DISTINCT" in sql for sql in asked)

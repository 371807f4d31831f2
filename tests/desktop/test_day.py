"""A day on one screen: who is on it, what it counts, the report in place, and what a role may see."""

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, select, update

from callcenter.interactions.models import Interaction, Participant
from callcenter.leads.models import Lead
from tests.desktop.conftest import Day, chosen, counters, rows
from tests.fixtures.customers import ALL
from tests.fixtures.house import Page

WORK = dict.fromkeys(("create", "read", "edit"), "own")


async def test_a_day_has_each_counterparty_once_with_all_that_is_arranged(day: Day) -> None:
    firm = await day.office.contact("Nar Mebel", kind="company", country="AZ")
    zoe = await day.office.contact(
        "Zoë Müller", "+994501112233", company_id=firm.id, title="Director"
    )
    ivan = await day.office.contact("Ivan Petrov", "+79161234567", country="RU")
    await day.office.contact("Leyla Kərimova", "+994552223344", company_id=firm.id)
    await day.plan("17:30", zoe, "Show the samples", kind="meeting")
    await day.plan("15:00", zoe, "Ask for the order")
    await day.plan("16:00", ivan, "Invoice of October")
    await day.plan("13:00", None, "Write the report", kind="task")
    await day.plan("12:00", ivan, "Morning call", status="held", result_note="Pays on Friday")
    await day.plan("11:00", zoe, "Called off", status="cancelled", result_note="no need")
    await day.plan("11:00", zoe, "Of tomorrow", day=23)
    call = await day.office.call("+994501112233", agent=day.me, at=day.house.clock())
    async with day.house.database.write() as session:
        (await session.get_one(Interaction, call.id)).owner_id = day.me.id

    page = await day.anna.open("/my-day")

    # Ivan's number does not say in which of Russia's zones he is: the browser tells the range.
    assert rows(page) == [
        "12:00 Ivan Petrov Phone call Morning call Completed Phone call 16:00 Invoice of October",
        "13:00 Write the report Task Overdue",
        "15:00 Zoë Müller Nar Mebel Phone call Ask for the order Customer meeting 17:30 Show the samples",
    ]
    assert re.search(r'data-zones="Asia/\S+ \S+', page.text)
    assert chosen(page) == "Ivan Petrov"
    assert "Pays on Friday" in page.text, "what was is told below"
    assert counters(page)["planned"][0] == 5
    assert counters(page)["overdue"][0] == 1
    tomorrow = await day.anna.open("/my-day?day=2026-11-23")
    assert [row[:16] for row in rows(tomorrow)] == ["11:00 Zoë Müller"]
    # The small month knows how full each day is.
    assert 'aria-label="Monday, 23 November 2026, 1 entry"' in page.text

    shown = await day.anna.open(f"/my-day?contact={zoe.id}")
    assert chosen(shown) == "Zoë Müller"
    beside = shown.text.partition('id="my-side"')[2]
    assert "Leyla Kərimova" in beside, "his company's people stand beside him"
    assert 'data-zones="Asia/Baku"' in beside
    assert 'data-dial="+994552223344"' in beside
    assert 'data-press="c"' in shown.text
    assert f'action="/my-day/report/{(await _planned(day, "Ask for the order")).id}"' in shown.text


async def test_ones_own_calls_stand_in_the_same_place_and_lead_to_their_report(day: Day) -> None:
    zoe = await day.office.contact("Zoë Müller", "+994501112233")
    at = day.house.clock()
    for number, hours in (("+994501112233", 1), ("+994559998877", 2), ("+994501112233", 30)):
        call = await day.office.call(number, agent=day.me, at=at - timedelta(hours=hours))
        await day.office.rang(call, day.me)
    async with day.house.database.write() as session:
        linked = update(Participant).where(Participant.point == "+994501112233")
        await session.execute(linked.values(contact_id=zoe.id))
    await day.grant(interaction=ALL, contact=ALL, call={"read": "own"})

    page = await day.anna.open("/my-day?list=calls")

    assert rows(page) == ["13:00 Zoë Müller –", "12:00 +994 55 999 88 77 –"]
    assert chosen(page) == "Zoë Müller"
    report = page.text.partition('action="/my-day/report/')[2].partition('"')[0]
    fields = {
        "status": "held", "result_note": "Asked for a price", "day": "2026-11-22", "list": "calls",
        "contact": str(zoe.id), "version": page.value("version"),
    }  # fmt: skip
    saved = await day.anna.submit(f"/my-day/report/{report}", fields)
    assert saved.location == f"/my-day?day=2026-11-22&list=calls&contact={zoe.id}"
    assert "Asked for a price" in (await day.anna.open(saved.location)).text
    # Nothing is left to report of him.
    assert "/my-day/report/" not in (await day.anna.open(saved.location)).text
    assert len(rows(await day.anna.open("/my-day?list=calls&day=2026-11-21"))) == 1

    await day.grant(interaction=ALL, contact=ALL)
    assert rows(await day.anna.open("/my-day?list=calls")) == []


async def _planned(day: Day, subject: str) -> Interaction:
    async with day.house.database.read() as session:
        return (
            await session.scalars(select(Interaction).where(Interaction.subject == subject))
        ).one()


async def test_each_number_leads_to_the_rows_it_counts(day: Day) -> None:
    zoe = await day.office.contact("Zoë Müller", "+994501112233")
    await day.plan("09:00", zoe, "Late one")
    await day.plan("18:00", zoe, "Later one")
    at = day.house.clock()
    async with day.house.database.write() as session:
        for place, (owner, closed, answered) in enumerate(
            [
                (day.me.id, None, None),
                (day.me.id, None, at),
                (day.me.id, at, None),
                (None, None, None),
            ]
        ):
            session.add(
                Lead(
                    id=place + 1, number=f"L-{place}", subject=f"Inquiry {place}", owner_id=owner,
                    closed_at=closed, respond_by=at, first_response_at=answered, created_at=at,
                    updated_at=at,
                )
            )  # fmt: skip
    await day.grant(interaction=ALL, contact=ALL, lead=ALL)

    told = counters(await day.anna.open("/my-day"))

    numbers = {name: number for name, (number, _) in told.items()}
    assert numbers == {
        "planned": 2, "overdue": 1, "loose": 1, "letters": 0, "leads": 2, "waiting": 1,
    }  # fmt: skip
    pages = {name: await day.anna.open(link) for name, (_, link) in told.items()}
    assert {name: page.status for name, page in pages.items()} == dict.fromkeys(told, 200)
    assert ("Late one" in pages["overdue"].text, "Later one" in pages["overdue"].text) == (
        True,
        False,
    )
    assert "Later one" in pages["planned"].text
    assert _named(pages["leads"], "Inquiry") == [0, 1]
    assert _named(pages["waiting"], "Inquiry") == [0]


def _named(page: Page, word: str) -> list[int]:
    return [place for place in range(4) if f"{word} {place}" in page.text]


async def test_a_report_is_saved_in_place_and_leads_to_whoever_is_next(day: Day) -> None:
    zoe = await day.office.contact("Zoë Müller", "+994501112233")
    ivan = await day.office.contact("Ivan Petrov")
    first = await day.plan("15:00", zoe, "Ask for the order")
    await day.plan("16:00", ivan, "Invoice")
    page = await day.anna.open("/my-day")
    choice = page.text.partition('name="result_id" value="')[2].partition('"')[0]
    report = {
        "status": "held", "result_id": choice, "result_note": "Takes two", "ask_next": "1",
        "version": page.value("version"), "day": "2026-11-22", "contact": str(zoe.id),
    }  # fmt: skip

    # Nothing is lost of what was typed, and nobody leaves the screen, when something lacks.
    refused = await day.anna.submit(f"/my-day/report/{first.id}", report)
    assert refused.status == 422
    assert "What is next?" in refused.text
    assert "Takes two</textarea>" in refused.text
    assert (chosen(refused), len(rows(refused))) == ("Zoë Müller", 2)

    step = {"step_kind": "call", "step_subject": "Ask again", "step_start_at": "2026-11-23T10:00"}
    saved = await day.anna.submit(f"/my-day/report/{first.id}", report | step)
    assert (saved.status, saved.location) == (303, f"/my-day?day=2026-11-22&after={zoe.id}")
    stored = await day.diary.stored(first)
    assert (stored.status, stored.result_note, str(stored.result_id)) == (
        "held",
        "Takes two",
        choice,
    )
    assert (await _planned(day, "Ask again")).thread_id == first.id

    onward = await day.anna.open(saved.location)
    assert chosen(onward) == "Ivan Petrov"
    # Reported before its time, it took place now.
    assert rows(onward)[0] == "14:00 Zoë Müller Phone call Ask for the order Completed"
    assert f'data-person="{ivan.id}"' in onward.text.partition(" autofocus")[0].rpartition("<a ")[2]

    # Somebody else was faster: both are told.
    late = await day.anna.submit(
        f"/my-day/report/{first.id}", report | step | {"result_note": "Takes three"}
    )
    assert late.status == 409
    assert "Takes three</textarea>" in late.text
    assert "Takes two" in late.text


@pytest.mark.parametrize(
    ("contact", "fields", "told", "secret"),
    [
        ("own", {}, "Ask for the order", "Zoë"),  # somebody else's customer
        ("none", {}, "Ask for the order", "Zoë"),
        ("all", {"contact": {"phone": "masked"}}, "Zoë Müller", "994501112233"),
        ("all", {"contact": {"phone": "hidden"}}, "Zoë Müller", "2233"),
        ("all", {"interaction": {"participants": "hidden"}}, "Ask for the order", "Zoë"),
        ("all", {"interaction": {"subject": "hidden"}}, "Zoë Müller", "Ask for the order"),
    ],
)
async def test_a_day_tells_no_more_than_a_role_may_know(
    day: Day, contact: str, fields: dict[str, Any], told: str, secret: str
) -> None:
    firm = await day.office.contact("Nar Mebel", kind="company")
    zoe = await day.office.contact("Zoë Müller", "+994501112233", company_id=firm.id)
    await day.plan("15:00", zoe, "Ask for the order")
    await day.grant(fields, interaction=WORK, contact={"read": contact})

    # Whom it is with may be hidden, and the customer may still be looked at by whoever names him.
    asks_for_him = contact == "all" and secret.startswith("Zoë")
    for path in ("/my-day", *(() if asks_for_him else (f"/my-day?contact={zoe.id}",))):
        page = await day.anna.open(path)
        assert page.status == 200
        assert told in page.text
        assert secret not in page.text
    if "phone" in fields.get("contact", {}) and fields["contact"]["phone"] == "masked":
        # It is called all the same, by the id of what it belongs to.
        assert f'data-point="{zoe.points[0].id}"' in page.text


async def test_who_may_not_read_what_is_arranged_has_no_day(day: Day) -> None:
    await day.grant(contact=ALL)
    assert (await day.anna.open("/my-day")).status == 403


async def test_a_full_day_costs_as_many_questions_as_an_empty_one(day: Day) -> None:
    firm = await day.office.contact("Nar Mebel", kind="company")

    async def fill(count: int) -> None:
        for place in range(count):
            one = await day.office.contact(
                f"Customer {place}", f"+99450{1_000_000 + place}", company_id=firm.id
            )
            await day.plan(f"{9 + place % 9:02}:{place % 60:02}", one, f"Call {place}")

    async with day.house.database.read() as session:
        connection = (await session.connection()).sync_connection
        assert connection is not None
        engine = connection.engine
    asked: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        asked.append(statement)

    async def questions() -> int:
        asked.clear()
        assert (await day.anna.open("/my-day")).status == 200
        return len(asked)

    await fill(2)
    event.listen(engine, "before_cursor_execute", note)
    try:
        few = await questions()
        event.remove(engine, "before_cursor_execute", note)
        await fill(40)
        event.listen(engine, "before_cursor_execute", note)
        many = await questions()
    finally:
        event.remove(engine, "before_cursor_execute", note)

    assert few == many
    assert many < 70


async def test_a_days_address_may_be_anything(day: Day) -> None:
    for query in ("day=never", "day=2026-02-31", "contact=1", "contact=x", "event=5", "after=7"):
        page = await day.anna.open(f"/my-day?{query}")
        assert (page.status, rows(page), chosen(page)) == (200, [], "Nobody is chosen")

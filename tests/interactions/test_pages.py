"""Planning interactions and saying what came of them, as a browser meets it."""

import html
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from callcenter.agents.models import Role, User
from callcenter.db import Database
from callcenter.events import InteractionChanged
from callcenter.interactions import checklist_pages, expected_pages, outcome_pages, pages
from callcenter.interactions.models import Participant
from callcenter.interactions.participants import rows_of
from tests.fixtures.customers import Office
from tests.fixtures.house import Browser, House, Page

ROUTES = [
    route
    for room in (pages, outcome_pages, expected_pages, checklist_pages)
    for route in room.routes
]


@pytest.fixture
def office(crm: House) -> Office:
    return Office(crm.database)


def form(**values: Any) -> list[tuple[str, Any]]:
    """Return a filled form; `people` are (contact, user, text, point)."""
    people = values.pop("people", [])
    whole = {
        "kind": "meeting", "subject": "Offer", "start_at": "2026-11-23T14:00", "minutes": "30",
    } | values  # fmt: skip
    rows = [
        (f"person_{name}", value)
        for one in people
        for name, value in zip(
            ("contact", "user", "text", "point", "response"), (*one, ""), strict=True
        )
    ]
    return [*whole.items(), *rows]


async def planned(browser: Browser, **values: Any) -> str:
    """Plan something; return the address of its page."""
    saved = await browser.submit("/interactions", form(**values))
    assert saved.status == 303, saved.text
    return saved.location


def id_of(location: str) -> int:
    return int(location.rpartition("/")[2])


async def facts(house: House, location: str, *columns: str) -> tuple[Any, ...]:
    (row,) = await house.database.fetch(
        f"SELECT {', '.join(columns)} FROM interaction WHERE id = ?1", id_of(location)
    )
    return tuple(row)


def millis(*moment: int) -> int:
    return int(datetime(*moment, tzinfo=UTC).timestamp() * 1000)  # type: ignore[misc]


def checked(page: Page, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)" checked', page.text)
    return found[1] if found else ""


async def test_the_form_is_filled_from_the_call_it_is_planned_in(
    crm: House, anna: Browser, office: Office
) -> None:
    call = await office.call("0502345678")

    page = await anna.open(f"/interactions/new?from={call.id}&kind=visit")

    assert (checked(page, "kind"), page.value("person_point")) == ("visit", "+994502345678")
    assert f'<option value="{call.id}" selected' in page.text
    # The next half hour, where its reader is.
    assert page.value("start_at") == "2026-11-22T14:30"


async def test_a_meeting_is_planned_with_those_who_come(
    crm: House, me: User, anna: Browser, office: Office
) -> None:
    zoe = await office.contact("Zoë")

    made = await planned(
        anna, remind="10",
        people=[(zoe.id, "", "Zoë", ""), ("", me.id, "Anna", ""), ("", "", "Orxan", "0502345678")],
    )  # fmt: skip
    page = await anna.open(made)

    assert await facts(crm, made, "status", "start_at", "end_at", "due_at", "remind_at") == (
        "planned", millis(2026, 11, 23, 10), millis(2026, 11, 23, 10, 30),
        millis(2026, 11, 23, 10), millis(2026, 11, 23, 9, 50),
    )  # fmt: skip
    for shown in ("Offer", "Zoë", "Anna", "Orxan", f"/interactions/{id_of(made)}/people/"):
        assert shown in page.text
    assert [e.interaction_id for e in crm.events if isinstance(e, InteractionChanged)] == [
        id_of(made)
    ]


async def test_a_wrong_form_comes_back_as_it_was_filled(anna: Browser) -> None:
    refused = await anna.submit(
        "/interactions",
        form(subject="", start_at="tomorrow", people=[("", "", "Orxan", "0502345678")]),
    )
    assert refused.status == 422
    assert "This is not a date and time" in refused.text
    assert refused.value("person_text") == "Orxan"
    assert refused.value("start_at") == "tomorrow"

    nameless = await anna.submit("/interactions", form(subject="", body=""))
    assert (nameless.status, "This is needed." in nameless.text) == (422, True)


async def test_the_later_of_two_editors_sees_both_texts(
    crm: House, me: User, anna: Browser
) -> None:
    await crm.person("boss", "supervisor", name="Boss", locale="en")
    boss = await crm.signed_in("boss")
    made = await planned(anna)
    page = await anna.open(f"{made}/edit")
    same = {"version": 1, "priority": "normal", "owner_id": me.id}
    await boss.submit(f"{made}/edit", form(subject="Price", **same))

    refused = await anna.submit(f"{made}/edit", form(subject="Colour", **same))
    joined = await anna.submit(f"{made}/edit", form(body="Bring the list", **same))

    assert page.value("version") == "1"
    assert refused.status == 409
    for shown in ("Boss", "Price", "Colour"):
        assert shown in refused.text
    assert joined.status == 303
    assert await facts(crm, made, "subject", "body") == ("Price", "Bring the list")


async def test_whoever_has_compared_both_texts_saves_again(
    crm: House, me: User, anna: Browser
) -> None:
    await crm.person("boss", "supervisor", name="Boss", locale="en")
    boss = await crm.signed_in("boss")
    made = await planned(anna, place="Office", body="Old")
    same = {"version": 1, "priority": "normal", "owner_id": me.id}
    theirs = form(subject="Price", place="Café", body="Bring the list", **same)
    assert (await boss.submit(f"{made}/edit", theirs)).status == 303

    mine = form(subject="Colour", place="Hall", body="Old", **same)
    refused = await anna.submit(f"{made}/edit", mine)
    again = await anna.submit(f"{made}/edit", [*mine, ("compared", refused.value("compared"))])

    assert refused.status == 409
    for shown in ("Price", "Café"):
        assert shown in refused.text
    assert again.status == 303
    assert await facts(crm, made, "subject", "place", "body") == (
        "Colour", "Hall", "Bring the list",
    )  # fmt: skip


async def test_what_was_not_yet_compared_is_refused_again(
    crm: House, me: User, anna: Browser
) -> None:
    await crm.person("boss", "supervisor", name="Boss", locale="en")
    boss = await crm.signed_in("boss")
    made = await planned(anna)
    same = {"version": 1, "priority": "normal", "owner_id": me.id}
    await boss.submit(f"{made}/edit", form(subject="Price", **same))
    refused = await anna.submit(f"{made}/edit", form(subject="Colour", **same))
    await boss.submit(f"{made}/edit", form(subject="Delivery", **same | {"version": 2}))

    compared = {"compared": refused.value("compared")}
    again = await anna.submit(f"{made}/edit", form(subject="Colour", **same, **compared))
    last = {"compared": again.value("compared")}
    saved = await anna.submit(f"{made}/edit", form(subject="Colour", **same, **last))

    assert (again.status, "Delivery" in again.text) == (409, True)
    assert saved.status == 303
    assert await facts(crm, made, "subject") == ("Colour",)


async def test_whom_others_add_link_or_remove_meanwhile_is_not_put_back_by_a_form(
    crm: House, me: User, anna: Browser, office: Office
) -> None:
    zoe, ali = await office.contact("Zoë"), await office.contact("Əli")
    orxan, kept = ("", "", "Orxan", "+994502345678"), (zoe.id, "", "Zoë", "")
    made = await planned(anna, people=[kept, orxan, ("", "", "Driver", "")])
    first = await anna.open(f"{made}/edit")
    opened = {"version": 1, "priority": "normal", "owner_id": me.id}
    before = {"people_before": html.unescape(first.value("people_before"))}
    # Meanwhile somebody else adds Əli, removes the driver, and Orxan becomes a contact.
    others = form(people=[kept, orxan, (ali.id, "", "Əli", "")], **opened, **before)
    assert (await anna.submit(f"{made}/edit", others)).status == 303
    contact = await office.contact("Orxan Əliyev")
    async with crm.database.write() as session:
        await session.execute(
            update(Participant)
            .where(Participant.interaction_id == id_of(made), Participant.text == "Orxan")
            .values(contact_id=contact.id, certainty="chosen")
        )

    mine = [orxan, ("", "", "Driver", ""), ("", me.id, "Anna", "")]
    saved = await anna.submit(
        f"{made}/edit", form(subject="Prices", people=mine, **opened, **before)
    )

    assert saved.status == 303
    async with crm.database.read() as session:
        taking = await rows_of(session, id_of(made))
    assert {(one.contact_id, one.user_id) for one in taking} == {
        (contact.id, None), (ali.id, None), (None, me.id),
    }  # fmt: skip
    assert await facts(crm, made, "subject") == ("Prices",)


async def test_a_form_that_says_nonsense_of_who_took_part_is_refused(anna: Browser) -> None:
    made = await planned(anna)
    for said in ("[", '[{"contact": 7}]', '["x"]'):
        refused = await anna.submit(f"{made}/edit", form(people_before=said))
        assert refused.status == 422


async def test_what_came_of_it_and_the_next_step_are_said_in_one_form(
    crm: House, anna: Browser, office: Office
) -> None:
    zoe = await office.contact("Zoë")
    made = await planned(anna, people=[(zoe.id, "", "Zoë", "")])

    saved = await anna.submit(
        f"{made}/result",
        {
            "version": 1, "status": "held", "result_note": "Wants red", "step_kind": "task",
            "step_subject": "Send the offer", "step_start_at": "2026-11-24T09:00",
        },
    )  # fmt: skip
    page = await anna.open(saved.location)

    assert await facts(crm, made, "status", "result_note") == ("held", "Wants red")
    following = await crm.database.fetch(
        "SELECT i.kind, i.status, i.due_at, i.thread_id, p.contact_id FROM interaction AS i "
        "JOIN participant AS p ON p.interaction_id = i.id WHERE i.subject = ?1",
        "Send the offer",
    )
    assert [tuple(row) for row in following] == [
        ("task", "planned", millis(2026, 11, 24, 5), id_of(made), zoe.id)
    ]
    for shown in ("The whole matter", "Send the offer"):
        assert shown in page.text


async def test_what_is_called_off_needs_a_reason(crm: House, anna: Browser) -> None:
    made = await planned(anna)

    silent = await anna.submit(f"{made}/result", {"version": 1, "status": "cancelled"})
    said = await anna.submit(
        f"{made}/result", {"version": 1, "status": "cancelled", "result_note": "Bought elsewhere"}
    )

    assert (silent.status, "Say in a word why" in silent.text) == (422, True)
    assert said.status == 303
    assert await facts(crm, made, "status") == ("cancelled",)


async def test_a_next_step_needs_its_time(crm: House, anna: Browser) -> None:
    made = await planned(anna)
    refused = await anna.submit(
        f"{made}/result", {"version": 1, "status": "held", "step_kind": "task"}
    )
    assert (refused.status, await facts(crm, made, "status")) == (422, ("planned",))


async def test_what_is_moved_keeps_its_length_and_its_reminder(crm: House, anna: Browser) -> None:
    made = await planned(anna, remind="10")

    await anna.submit(f"{made}/reschedule", {"version": 1, "start_at": "2026-11-30T18:00"})

    assert await facts(crm, made, "start_at", "end_at", "due_at", "remind_at") == (
        millis(2026, 11, 30, 14), millis(2026, 11, 30, 14, 30), millis(2026, 11, 30, 14),
        millis(2026, 11, 30, 13, 50),
    )  # fmt: skip


async def test_nothing_has_taken_place_at_a_time_to_come_but_a_task_is_done_before_its_term(
    crm: House, anna: Browser
) -> None:
    made = await planned(anna, subject="Offer")
    to_come = {"done": "1", "start_at": "2026-11-29T15:00", "subject": "Typed"}

    refused = [
        await anna.submit("/interactions", form(kind="note", **to_come)),
        await anna.submit(f"{made}/edit", form(version="1", **to_come)),
    ]
    rest = [
        await anna.call(method, address, {"kind": "meeting", "status": "held", **facts_})
        for method, address, facts_ in (
            ("POST", "/api/v1/interactions", {"subject": "Now", "start_at": "2026-11-29T15:00Z"}),
            ("PATCH", f"/api/v1{made}", {}),
            ("PATCH", f"/api/v1{made}", {"start_at": "2026-11-23T10:15Z"}),
        )
    ]

    for page in refused:
        assert (page.status, page.value("subject")) == (422, "Typed")
        assert "This time is still to come" in page.text
    for answer in rest:
        assert (answer.status, list(answer.json["error"]["fields"])) == (422, ["start_at"])
        assert "This time is still to come" in answer.text
    assert await facts(crm, made, "status", "subject") == ("planned", "Offer")
    task = await planned(anna, kind="task", **to_come)
    assert await facts(crm, task, "status") == ("held",)
    begun = (await anna.open("/interactions/new?kind=note")).value("start_at")
    assert begun == f"{crm.clock() + timedelta(hours=4):%Y-%m-%dT%H:%M}"


async def test_what_is_done_before_its_time_took_place_when_that_was_said(
    crm: House, anna: Browser, office: Office
) -> None:
    zoe = await office.contact("Zoë")
    held = {"version": 1, "status": "held"}
    call = await planned(anna, kind="call", people=[(zoe.id, "", "Zoë", "")])
    task = await planned(anna, kind="task")
    off = await planned(anna)

    for made, said in ((call, held), (task, held), (off, held | {"status": "missed"})):
        assert (await anna.submit(f"{made}/result", said)).status == 303

    now, then = (int(crm.clock().timestamp() * 1000), millis(2026, 11, 23, 10))
    half_hour = 30 * 60 * 1000
    assert await facts(crm, call, "status", "start_at", "end_at", "due_at") == (
        "held", now, now + half_hour, now,
    )  # fmt: skip
    assert await facts(crm, task, "status", "start_at") == ("held", then)
    assert await facts(crm, off, "status", "start_at") == ("missed", then)
    (seen,) = await crm.database.fetch("SELECT last_contact_at FROM contact WHERE id = ?1", zoe.id)
    assert seen[0] == now
    assert (await anna.call("PATCH", f"/api/v1{call}", {"subject": "Later"})).status == 200


async def test_what_is_pinned_stands_above_for_all_who_come_and_goes_with_those_who_join(
    crm: House, anna: Browser, office: Office
) -> None:
    nar = await office.contact("Nar", kind="company")
    zoe, leyla = [await office.contact(name, company_id=nar.id) for name in ("Zoë", "Leyla")]
    made = await planned(anna, people=[(zoe.id, "", "Zoë", "")])

    async def pins() -> list[int]:
        rows = await crm.database.fetch(
            "SELECT contact_id FROM participant WHERE interaction_id = ?1 AND pinned "
            "ORDER BY contact_id",
            id_of(made),
        )
        return [row[0] for row in rows]

    offered = await anna.open(made)
    await anna.submit(f"{made}/pin", {"pinned": "1"})
    page = await anna.open(made)
    assert await pins() == [nar.id, zoe.id]
    await anna.call(
        "PATCH",
        f"/api/v1{made}",
        {"participants": [{"contact_id": zoe.id}, {"contact_id": leyla.id}]},
    )
    assert await pins() == [nar.id, zoe.id, leyla.id]
    assert (await anna.call("GET", f"/api/v1{made}")).json["pinned"] is True
    await anna.submit(f"{made}/pin", {})

    assert await pins() == []
    assert (">Pin<" in offered.text, ">Unpin<" in page.text) == (True, True)


async def test_what_takes_the_whole_day_is_not_late_on_that_day(crm: House, anna: Browser) -> None:
    made = await planned(anna, all_day="1", start_at="2026-11-22T00:00")
    assert await facts(crm, made, "all_day", "due_at") == (True, millis(2026, 11, 22, 20))
    page = await anna.open("/interactions/expected?when=overdue")
    assert "Offer" not in page.text


async def test_nobody_sees_or_changes_what_is_not_his(crm: House, anna: Browser) -> None:
    await crm.person("boss", "supervisor", locale="en")
    boss = await crm.signed_in("boss")
    theirs = await planned(boss)

    assert (await anna.open(theirs)).status == 200
    assert (await anna.open(f"{theirs}/edit")).status == 404
    for action in ("edit", "result", "reschedule"):
        refused = await anna.submit(f"{theirs}/{action}", form(status="held"))
        assert refused.status == 404, action


# ---------------------------------------------------------------- what is expected


async def test_the_list_shows_mine_and_counts_what_is_late(
    crm: House, me: User, anna: Browser
) -> None:
    await crm.person("boss", "supervisor", locale="en")
    boss = await crm.signed_in("boss")
    await planned(anna, subject="Late call", kind="call", start_at="2026-11-22T09:00")
    await planned(anna, subject="Later meeting")
    await planned(anna, subject="A note", kind="note", done="1", start_at="2026-11-22T09:00")
    theirs = await planned(boss, subject="Boss's visit", kind="visit")

    mine = await anna.open("/interactions/expected")
    late = await anna.open("/interactions/expected?when=overdue")
    visits = await anna.open("/interactions/expected?whose=all&kind=visit")

    order = [mine.text.index(subject) for subject in ("Late call", "Later meeting")]
    assert order == sorted(order)
    for absent in ("A note", "Boss&#39;s visit"):
        assert absent not in mine.text
    assert ("Expected: 2" in mine.text, "Overdue: 1" in mine.text) == (True, True)
    assert ("Late call" in late.text, "Later meeting" in late.text) == (True, False)
    assert (theirs in visits.text, "Late call" in visits.text) == (True, False)


async def test_pages_of_the_expected_follow_one_another(
    crm: House, anna: Browser, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("callcenter.interactions.expected.PAGE_ROWS", 2)
    for number in range(5):
        # Two at one moment stand across the border of a page.
        await planned(anna, subject=f"Nr {number}", start_at=f"2026-11-2{3 + number // 2}T10:00")

    shown: list[str] = []
    address: str | None = "/interactions/expected"
    while address is not None:
        page = await anna.open(address)
        shown += re.findall(r"Nr \d", page.text)
        found = re.search(r'hx-get="(/interactions/expected\?[^"]+)"', page.text)
        address = found[1].replace("&amp;", "&") if found else None

    assert shown == [f"Nr {number}" for number in range(5)]


async def test_by_matter_a_chain_stands_once_with_what_came_before(
    crm: House, anna: Browser
) -> None:
    first = await planned(anna, subject="First talk", done="1", start_at="2026-11-20T10:00")
    await planned(
        anna, subject="Second talk", done="1", start_at="2026-11-21T10:00",
        thread_id=str(id_of(first)),
    )  # fmt: skip
    await planned(anna, subject="Alone", done="1", start_at="2026-11-20T12:00")

    page = await anna.open("/interactions/matters")

    titles = re.findall(r'class="event__title"><a data-row href="[^"]+">([^<]+)', page.text)
    assert titles == ["Second talk", "Alone"]
    assert page.text.index("First talk") < page.text.index("Alone")


async def test_a_cursor_of_somebodys_own_making_is_refused(anna: Browser) -> None:
    for path in ("/interactions/expected?after=x", "/interactions/matters?after=1"):
        assert (await anna.open(path)).status == 422


async def test_colleagues_are_offered_by_a_part_of_their_name(crm: House, anna: Browser) -> None:
    await crm.person("orxan", name="Orxan Məmmədov")
    page = await anna.open("/interactions/people?q=məm", HX_Request="true")
    assert "Orxan Məmmədov" in page.text


async def test_the_list_of_the_expected_reads_an_index(sqlite_database: Database) -> None:
    plan = await sqlite_database.fetch(
        "EXPLAIN QUERY PLAN SELECT id FROM interaction WHERE status = 'planned' "
        "AND deleted_at IS NULL AND owner_id = 1 AND (due_at, id) > (5, 6) "
        "ORDER BY due_at, id LIMIT 51"
    )
    steps = " ".join(row[3] for row in plan)
    assert "ix_interaction_owner_id_due_at" in steps
    assert "TEMP B-TREE" not in steps


async def test_an_interaction_is_added_over_rest_with_its_people(
    crm: House, anna: Browser, office: Office
) -> None:
    zoe = await office.contact("Zoë")
    made = await anna.call(
        "POST", "/api/v1/interactions",
        {
            "kind": "email", "direction": "in", "subject": "Re: Offer",
            "start_at": "2026-11-22T09:00Z",
            "participants": [{"contact_id": zoe.id, "point": "Zoe@Example.az"}],
        },
    )  # fmt: skip
    assert (made.status, made.json["status"]) == (201, "held")
    assert made.json["participants"] == [
        {
            "role": "from", "contact_id": zoe.id, "user_id": None, "text": None,
            "point": "zoe@example.az", "response": None,
        }
    ]  # fmt: skip


async def test_two_programs_that_name_others_over_the_same_version_are_both_heard(
    crm: House, anna: Browser, office: Office
) -> None:
    zoe, ali, nar = [await office.contact(name) for name in ("Zoë", "Əli", "Nar")]
    first = [{"contact_id": zoe.id}, {"contact_id": nar.id}]
    made = await anna.call(
        "POST", "/api/v1/interactions",
        {"kind": "meeting", "start_at": "2026-11-23T09:00Z", "subject": "Offer", "participants": first},
    )  # fmt: skip
    path = f"/api/v1/interactions/{made.json['id']}"
    seen = made.headers["ETag"]

    added = {"participants": [*first, {"contact_id": ali.id}]}
    await anna.call("PATCH", path, added, If_Match=seen)
    exchanged = {"participants": [{"contact_id": nar.id}, {"text": "Driver"}]}
    both = await anna.call("PATCH", path, exchanged, If_Match=seen)
    whole = await anna.call("PATCH", path, {"participants": [{"contact_id": zoe.id}]})

    names = [(one["contact_id"], one["text"]) for one in both.json["participants"]]
    assert sorted(names, key=str) == sorted(
        [(nar.id, None), (ali.id, None), (None, "Driver")], key=str
    )
    # Whoever names no version overwrites.
    assert [one["contact_id"] for one in whole.json["participants"]] == [zoe.id]


def test_a_day_is_a_day() -> None:
    assert expected_pages._term("today", datetime(2026, 11, 22, 10, tzinfo=UTC), "Asia/Baku") == (
        datetime(2026, 11, 22, 20, tzinfo=UTC)
    )
    assert timedelta(days=1) == pages.form.DAY


async def test_whom_one_may_not_see_is_covered_and_stays(
    crm: House, me: User, anna: Browser, office: Office
) -> None:
    zoe = await office.contact("Zoë", "0502345678")
    own = {
        "contact": {"read": "own"},
        "interaction": {"create": "own", "read": "own", "edit": "own"},
    }
    made = await planned(anna, people=[(zoe.id, "", "Zoë", "")])
    async with crm.database.write() as session:
        await session.execute(update(Role).where(Role.key == "agent").values(grants=own))

    page = await anna.open(made)
    edit = await anna.open(f"{made}/edit")
    same = {"version": 1, "priority": "normal", "owner_id": me.id, "subject": "Price"}
    saved = await anna.submit(f"{made}/edit", form(people=[(zoe.id, "", "", "")], **same))
    other = await office.contact("Orxan")
    refused = await anna.submit(
        f"{made}/edit", form(people=[(other.id, "", "Orxan", "")], **same | {"version": 2})
    )

    for shown in (page, edit):
        assert ("Another customer" in shown.text, "Zoë" in shown.text) == (True, False)
    assert (saved.status, refused.status) == (303, 422)
    rows = await crm.database.fetch(
        "SELECT contact_id FROM participant WHERE interaction_id = ?1", id_of(made)
    )
    assert [tuple(row) for row in rows] == [(zoe.id,)]


async def test_what_is_next_is_asked_when_a_customer_would_be_left_with_nothing(
    crm: House, anna: Browser, office: Office
) -> None:
    zoe = await office.contact("Zoë")
    with_zoe = {"people": [(zoe.id, "", "Zoë", "")]}
    made, other = await planned(anna, **with_zoe), await planned(anna, **with_zoe)
    closing = {"version": 1, "status": "held", "ask_next": "1"}

    assert "Nothing more to do" not in (await anna.open(made)).text
    await anna.submit(f"{made}/result", {"version": 1, "status": "held"})
    assert "Nothing more to do" in (await anna.open(other)).text
    silent = await anna.submit(f"{other}/result", closing)
    said = await anna.submit(f"{other}/result", closing | {"step_kind": "none"})

    assert (silent.status, "What is next? Plan a step" in silent.text) == (422, True)
    assert said.status == 303


async def test_a_task_has_steps_and_comes_again_as_its_form_says(
    crm: House, anna: Browser, me: User
) -> None:
    made = await planned(
        anna, kind="task", steps="Ring them\nSend it", repeat="weekly", repeat_times="3"
    )
    page = await anna.open(made)
    edited = await anna.submit(
        f"{made}/edit",
        form(
            version="1",
            kind="task",
            subject="New",
            repeat="weekly",
            repeat_times="3",
            priority="normal",
            owner_id=me.id,
        ),
    )
    kept = await facts(crm, made, "series_id", "zone", "subject")
    await anna.submit(f"{made}/checklist", {"deed": "tick", "step": "Ring them"})
    await anna.submit(f"{made}/checklist", {"deed": "add", "step": "File it"})
    twice = await anna.submit(
        f"{made}/checklist", {"deed": "add", "step": "File it"}, HX_Request="true"
    )
    await anna.submit(f"{made}/checklist", {"deed": "remove", "step": "Send it"})
    shown = await anna.open(made)

    for word in ("Ring them", "Send it", "Every week", "0 of 2 done"):
        assert word in page.text
    assert edited.status == 303
    assert kept == (id_of(made), "Asia/Baku", "New")
    assert (twice.status, "stands there already" in twice.text) == (422, True)
    assert "1 of 2 done" in shown.text
    assert "Send it" not in shown.text

    await anna.submit(f"{made}/result", {"version": shown.value("version"), "status": "held"})
    series = await crm.database.fetch(
        "SELECT status, start_at FROM interaction WHERE series_id = ?1 ORDER BY start_at",
        id_of(made),
    )
    assert [tuple(row) for row in series] == [
        ("held", millis(2026, 11, 23, 10)), ("planned", millis(2026, 11, 30, 10)),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"repeat_until": "2026-11-22"}, "repeat_until"),
        ({"repeat_until": "soon"}, "repeat_until"),
        ({"repeat_times": "0"}, "repeat_times"),
        ({"repeat_times": "2", "repeat_until": "2026-12-01"}, "repeat_times"),
    ],
)
async def test_an_end_that_cannot_be_is_said_beside_its_field(
    anna: Browser, typed: dict[str, str], field: str
) -> None:
    refused = await anna.submit("/interactions", form(repeat="daily", **typed))
    assert (refused.status, f'id="e-{field}"' in refused.text) == (422, True)


async def test_what_one_has_given_to_others_stands_in_a_list_of_its_own(
    crm: House, anna: Browser
) -> None:
    orxan = await crm.person("orxan", "supervisor", locale="en", name="Orxan")
    given = await planned(anna, subject="Send the offer", owner_id=orxan.id)
    await planned(anna, subject="My own")

    listed = await anna.open("/interactions/expected?whose=given")
    seen_by_him = await (await crm.signed_in("orxan")).open(given)

    assert "Send the offer" in listed.text
    assert "My own" not in listed.text
    assert "Given by" in seen_by_him.text
    assert "Expected: 1" in listed.text

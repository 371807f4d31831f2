"""Whoever may not read numbers, or not see a customer, is told neither, wherever a call is told."""

import re
from typing import Any

import pytest
from sqlalchemy import select, update

from callcenter.agents.models import Role
from callcenter.audit import Audit
from callcenter.calls.models import CallIntent
from callcenter.crm.contacts.models import ContactPoint
from callcenter.interactions.models import Participant
from tests.service.office import PretendOffice as Office
from tests.service.screen import Screen

ZOE = "+994501234567"
STRANGER = "0557654321"
#: What no spelling of either number is without.
TELLING = ("1234567", "7654321", "123 45 67", "765 43 21", "501234", "557654")
ALL = {
    name: dict.fromkeys(("create", "read", "edit", "delete", "export"), "all")
    for name in ("contact", "call", "interaction", "recording", "board", "state")
}


async def role(office: Office, key: str, *flags: str, **more: Any) -> None:
    """Give a role all rights but for `more`."""
    async with office.house.database.write() as session:
        values = {"grants": ALL, "flags": [*flags, "trace"]} | more
        await session.execute(update(Role).where(Role.key == key).values(**values))
    await office.house.devices.load()


async def calls_of_both(office: Office, screen: Screen) -> list[int]:
    """Let a customer and a stranger call and be answered; return the calls."""
    ids = []
    for number in (ZOE, STRANGER):
        call = await office.pbx.call(from_=number, to="1001", name=number)
        await screen.next("pop", lambda told: told["pop"]["phase"] == "ringing")
        await call.answer()
        await screen.next(
            "calls", lambda told: [each["phase"] for each in told.get("calls", ())] == ["talking"]
        )
        await screen.open("/board")
        await screen.ask("GET", "/board")
        await call.hangup()
        ids.append(await office.stored_call())
    return ids


async def everything(screen: Screen, calls: list[int], contact: int) -> dict[str, str]:
    """Return all that is told of them, by where."""
    meetings = (await screen.ask("GET", "/interactions")).json["rows"]
    paths = [
        "/desk", "/calls", "/calls?q=a", "/interactions", "/interactions/matters", "/contacts",
        f"/desk?contact={contact}", "/my-day", f"/my-day?contact={contact}", f"/contacts/{contact}", f"/contacts/{contact}/events",
        f"/contacts/{contact}/history", f"/contacts/{contact}/timeline", "/search?q=zo",
        "/interactions/expected", "/api/v1/calls", "/api/v1/search?q=zo", "/api/v1/events",
        "/api/v1/interactions", f"/api/v1/contacts/{contact}", "/board", "/api/v1/board",
        "/interactions/export?format=csv", "/notices",
        *(f"{root}/{id_}" for root in ("/calls", "/api/v1/calls") for id_ in calls),
        *(f"/api/v1/calls/{id_}/why" for id_ in calls),
    ]  # fmt: skip
    for row in meetings:
        one = f"interactions/{row['id']}"
        paths += [f"/{one}", f"/{one}/edit", f"/api/v1/{one}", f"/{one}/history"]
        paths += [f"/{one}/people/from/0", f"/interactions/new?from={row['id']}"]
    told = {}
    for path in paths:
        page = await screen.open(path)
        assert page.status in (200, 404), (path, page.status)
        told[path] = page.text
    told["the line"] = str(screen.tab.told)
    return told


def leaks(told: dict[str, str], *secrets: str) -> list[tuple[str, str]]:
    return [(where, each) for where, text in told.items() for each in secrets if each in text]


@pytest.mark.parametrize("cover", ["masked", "hidden"])
async def test_a_covered_number_is_told_nowhere_and_can_be_called(
    office: Office, cover: str
) -> None:
    await role(office, "agent", fields={"contact": {"phone": cover}})
    anna = await office.agent("Anna", "1001")
    zoe = await office.contact("Zoë Müller", ZOE)

    async with office.browser(anna) as screen:
        await screen.tab.ask("subscribe", topic="board")
        calls = await calls_of_both(office, screen)
        told = await everything(screen, calls, zoe)

        assert leaks(told, *TELLING) == []
        assert "Zoë Müller" in told["/calls"]
        ends = "•••67" in told["/calls"], "•••21" in told["the line"]
        assert ends == (cover == "masked",) * 2
        # Digit by digit one would find it out; whole, one knows it already.
        assert [await listed(screen, typed) for typed in ("34567", "0501234567")] == [0, 1]

        wish = {"intent_id": "click-by-call", "call_id": calls[0]}
        placed = await screen.ask("POST", "/calls", wish)
        assert placed.status == 202, placed.text
        await screen.next("calls", lambda told: bool(told.get("calls")))
        async with office.house.database.read() as session:
            assert await session.scalar(select(CallIntent.number)) == ZOE
        told = {"placed": placed.text, "the line": str(await screen.caught_up())}
        assert leaks(told, *TELLING) == []


async def listed(screen: Screen, typed: str) -> int:
    return len((await screen.ask("GET", f"/calls?q={typed}")).json["calls"])


async def test_a_masked_number_is_shown_to_whoever_may_and_that_is_written_down(
    office: Office,
) -> None:
    await role(office, "agent", fields={"contact": {"phone": "masked"}})
    await role(office, "supervisor", "unmask", fields={"contact": {"phone": "masked"}})
    anna = await office.agent("Anna", "1001")
    boss = await office.agent("Boss", role="supervisor")
    zoe = await office.contact("Zoë Müller", ZOE)

    async with office.browser(anna) as screen, office.browser(boss) as other:
        [call, strange] = await calls_of_both(office, screen)
        async with office.house.database.read() as session:
            point = await session.scalar(select(ContactPoint.id))
        ways = [f"/calls/{call}/number", f"/contacts/{zoe}/points/{point}/show"]
        pages = [await other.open(path) for path in (f"/calls/{call}", f"/contacts/{zoe}")]
        plain = [await screen.open(path) for path in (f"/calls/{call}", f"/contacts/{zoe}")]
        refused = [await screen.browser.submit(way) for way in ways]
        refused += [await screen.ask("POST", way) for way in ways]
        shown = [await other.browser.submit(way) for way in ways]
        shown += [await other.ask("POST", way) for way in ways]
        strangers = await other.ask("POST", f"/calls/{strange}/number")
        history = await other.open(f"/contacts/{zoe}/history")

    for way, page, without in zip(ways, pages, plain, strict=True):
        assert f'action="{way}"' in page.text
        assert f'action="{way}"' not in without.text
    assert [answer.status for answer in refused] == [403] * 4
    assert [ZOE in answer.text for answer in shown] == [True] * 4
    assert strangers.json == {"number": "+994557654321"}
    assert leaks({"history": history.text, "refused": str(refused)}, *TELLING) == []
    async with office.house.database.read() as session:
        lines = list(await session.scalars(select(Audit).where(Audit.action == "unmask")))
    told = sorted((line.entity, line.entity_id, line.actor_id) for line in lines)
    assert told == sorted(
        [("call", call, boss.id)] * 2
        + [("call", strange, boss.id)]
        + [("contact", zoe, boss.id)] * 2
    )
    assert {tuple(line.diff["shown"]) for line in lines} == {(None, "•••67"), (None, "•••21")}


async def test_a_customer_one_may_not_see_is_another_customer(office: Office) -> None:
    rights = ALL | {"contact": dict.fromkeys(("read", "edit"), "own")}
    await role(office, "agent", grants=rights)
    anna = await office.agent("Anna", "1001")
    zoe = await office.contact("Zoë Müller", ZOE, company="Kür MMC")

    async with office.browser(anna) as screen:
        await screen.tab.ask("subscribe", topic="board")
        calls = await calls_of_both(office, screen)
        told = await everything(screen, calls, zoe)

    assert leaks(told, "Zoë", "Müller", "Kür MMC", f"/contacts/{zoe}/", f'/contacts/{zoe}"') == []
    assert "Another customer" in told["/calls"]
    assert "Another customer" in told[f"/calls/{calls[0]}"]


async def test_the_number_of_a_caller_goes_to_the_card_also_if_its_maker_may_not_read_it(
    office: Office,
) -> None:
    await role(office, "agent", fields={"contact": {"phone": "masked"}})
    anna = await office.agent("Anna", "1001")

    async with office.browser(anna) as screen:
        [_zoes, strange] = await calls_of_both(office, screen)
        page = await screen.open(f"/calls/{strange}")
        found = re.search(r'href="(/contacts/new\?[^"]*interaction=\d+)"', page.text)
        assert found, page.text
        form = await screen.open(found[1].replace("&amp;", "&"))
        made = await screen.browser.submit(
            "/contacts",
            {"kind": "person", "name": "Orxan", "interaction": form.value("interaction")},
        )
        line = (await screen.ask("GET", f"/calls/{strange}")).json

    assert made.status == 303, made.text
    async with office.house.database.read() as session:
        points = list(await session.execute(select(ContactPoint.kind, ContactPoint.norm)))
        linked = await session.scalar(
            select(Participant.contact_id).where(Participant.point == "+994557654321")
        )
    assert points == [("phone", "+994557654321")]
    assert (line["contact"]["id"], line["contact"]["name"]) == (linked, "Orxan")

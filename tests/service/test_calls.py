"""The list of calls as people ask for it: by anything they type, over the page and the API."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from callcenter import phone
from callcenter.calls.history import PAGE_ROWS
from callcenter.calls.models import CallLeg, QueueVisit
from callcenter.crm.linker import link
from callcenter.interactions.models import Interaction
from tests.fixtures.customers import NOW, REGIONS
from tests.fixtures.customers import Office as Archive
from tests.service.office import Person
from tests.service.office import PretendOffice as Office
from tests.service.screen import Screen

ZOE, TURAL = "+994502345678", "+994552345679"


async def past_call(office: Office, number: str = ZOE, **facts: Any) -> Interaction:
    """A call of the past in the running service, linked as the product does."""
    agent: Person | None = facts.pop("rang", None)
    queue: str | None = facts.pop("queue", None)
    archive = Archive(office.house.database)
    call = await archive.call(number, customer_rev=phone.read(number, REGIONS).rev, **facts)
    async with office.house.database.write() as session:
        if agent is not None:
            session.add(
                CallLeg(
                    call_id=call.id, seq=0, uniqueid="1.1", party="agent", user_id=agent.id,
                    endpoint="PJSIP/1001", ring_at=NOW,
                )
            )  # fmt: skip
        if queue is not None:
            session.add(QueueVisit(call_id=call.id, seq=0, queue=queue, joined_at=NOW))
    await link(office.house.database, [call.id])
    return call


async def ids(screen: Screen, query: str = "") -> list[int]:
    page = await screen.ask("GET", f"/calls{query}")
    assert page.status == 200, page.text
    return [call["id"] for call in page.json["calls"]]


@pytest.mark.parametrize(
    "typed",
    [
        "050 234 56 78",  # as people write it at home
        "+994 50 234 56 78",
        "%2B994502345678",
        "00994502345678",
        "0502345678",
        "(050) 234-56-78",
        "234 56 78",  # the last digits
        "678",
        "Zoë",
        "zoe mul",  # the beginnings of the words of a name
    ],
)
async def test_a_call_is_found_by_whatever_is_typed_of_its_customer(
    office: Office, typed: str
) -> None:
    boss = await office.agent("Boss", role="supervisor")
    await office.contact("Zoë Müller", ZOE)
    await office.contact("Tural", TURAL)
    hers, _his = await past_call(office, ZOE), await past_call(office, TURAL)

    async with office.browser(boss) as screen:
        assert await ids(screen, f"?q={typed}") == [hers.id]


@pytest.mark.parametrize("typed", ["Nobody", "999999", "12", "00", "' OR 1=1", "%", "٠٥٠"])
async def test_what_means_nobody_finds_nothing(office: Office, typed: str) -> None:
    boss = await office.agent("Boss", role="supervisor")
    await past_call(office, ZOE)

    async with office.browser(boss) as screen:
        assert await ids(screen, f"?q={typed}") == []


async def test_filters_narrow_each_other_on_the_page_and_in_the_api(office: Office) -> None:
    boss = await office.agent("Boss", role="supervisor")
    anna, boris = await office.agent("Anna"), await office.agent("Boris")
    await office.contact("Zoë Müller", ZOE)
    wanted = await past_call(office, rang=anna, queue="support", result="abandoned")
    await past_call(office, rang=anna, queue="support")
    await past_call(office, rang=boris, queue="support", result="abandoned")
    await past_call(office, rang=anna, queue="sales", result="abandoned")
    await past_call(office, rang=anna, queue="support", result="abandoned", direction="out")
    await past_call(
        office, rang=anna, queue="support", result="abandoned", at=NOW - timedelta(days=1)
    )
    query = (
        f"?q=zoë&person={anna.id}&queue=support&result=abandoned&direction=inbound&day={NOW.date()}"
    )

    async with office.browser(boss) as screen:
        assert await ids(screen, query) == [wanted.id]
        page = await screen.open(f"/calls{query}")
        assert page.status == 200
        assert set(re.findall(r'"/calls/(\d+)"', page.text)) == {str(wanted.id)}
        assert len(await ids(screen)) == 6


async def test_the_day_is_the_readers_day(office: Office) -> None:
    boss = await office.agent("Boss", role="supervisor")
    # Half past midnight in Baku, where the installation is, is still the day before in UTC.
    late = await past_call(office, at=datetime(2026, 11, 20, 20, 30, tzinfo=UTC))

    async with office.browser(boss) as screen:
        assert await ids(screen, "?day=2026-11-21") == [late.id]
        assert await ids(screen, "?day=2026-11-20") == []


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("?day=tomorrow", "day"),
        ("?day=2026-02-30", "day"),
        ("?day=0001-01-01", "day"),
        ("?day=9999-12-31", "day"),
        ("?after=x", "after"),
        ("?after=1.2.3", "after"),
        ("?after=99999999999999999999.1", "after"),
        ("?after=1.99999999999999999999", "after"),
    ],
)
async def test_a_day_or_place_that_is_none_is_named(office: Office, query: str, field: str) -> None:
    boss = await office.agent("Boss", role="supervisor")

    async with office.browser(boss) as screen:
        answer = await screen.ask("GET", f"/calls{query}")
        page = await screen.open(f"/calls{query}")

    assert (answer.status, answer.json["error"]["code"]) == (422, "bad-input")
    assert list(answer.json["error"]["fields"]) == [field]
    assert page.status == 422


@pytest.mark.parametrize("call_id", ["0", "999", "9" * 16, "9" * 17, "-1", "x", "1.5", "%20"])
async def test_a_call_that_is_none_is_not_there(office: Office, call_id: str) -> None:
    boss = await office.agent("Boss", role="supervisor")

    async with office.browser(boss) as screen:
        answer = await screen.ask("GET", f"/calls/{call_id}")
        page = await screen.open(f"/calls/{call_id}")

    assert (answer.status, answer.json["error"]["code"], page.status) == (404, "not-found", 404)


async def test_pages_follow_one_another_by_the_cursor_of_the_page_before(office: Office) -> None:
    boss = await office.agent("Boss", role="supervisor")
    calls = {(await past_call(office)).id for _ in range(PAGE_ROWS + 3)}

    async with office.browser(boss) as screen:
        first = (await screen.ask("GET", "/calls")).json
        second = (await screen.ask("GET", f"/calls?after={first['after']}")).json
        more = await screen.open(f"/calls?after={first['after']}")

    shown = [call["id"] for call in first["calls"] + second["calls"]]
    assert (len(shown), set(shown), second["after"]) == (len(calls), calls, None)
    assert "<html" not in more.text, "only the rows that follow"
    assert all(f"/calls/{call['id']}" in more.text for call in second["calls"])


async def test_an_agent_sees_the_calls_of_his_own_phones_only(office: Office) -> None:
    anna, boris = await office.agent("Anna"), await office.agent("Boris")
    hers, his = await past_call(office, rang=anna), await past_call(office, rang=boris)

    async with office.browser(anna) as screen:
        assert await ids(screen) == [hers.id]
        # Naming somebody else shows only what both were rung for.
        assert await ids(screen, f"?person={boris.id}") == []
        assert (await screen.ask("GET", f"/calls/{his.id}")).status == 404
        page = await screen.open("/calls")
        assert "Boris" not in page.text


async def test_a_token_reads_calls_only_within_its_scopes(office: Office) -> None:
    boss = await office.agent("Boss", role="supervisor")
    call = await past_call(office)
    reader = await office.token(boss, "call:read")
    other = await office.token(boss, "contact:read")

    async with office.browser(boss) as screen:
        seen = await screen.ask("GET", f"/calls/{call.id}", Authorization=f"Bearer {reader}")
        refused = await screen.ask("GET", "/calls", Authorization=f"Bearer {other}")

    assert (seen.status, seen.json["id"]) == (200, call.id)
    assert (refused.status, refused.json["error"]["code"]) == (403, "out-of-scope")

"""The stream of changes over REST: what each may know, in order, resumed by its cursor."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import msgspec
import pytest

from callcenter import audit
from callcenter.entity import events_api
from tests.entity.library import BOOKS, Library, library
from tests.fixtures.house import Browser

__all__ = ["library"]

EVENTS = "/api/v1/events"


async def told(browser: Browser, query: str = "?entity=book") -> list[dict[str, Any]]:
    """Return all events, part by part."""
    events: list[dict[str, Any]] = []
    page = (await browser.call("GET", EVENTS + query)).json
    for _ in range(50):
        events += page["events"]
        if not page["more"]:
            return events
        after = page["after"]
        page = (await browser.call("GET", f"{EVENTS}{query}&after={after}")).json
    raise AssertionError("the stream has no end")


async def test_changes_are_told_once_and_in_order(library: Library) -> None:
    book = await library.add("Koroğlu", pages=320)
    await library.anna.call("PATCH", f"{BOOKS}/{book['id']}", {"pages": 300})
    await library.anna.call("DELETE", f"{BOOKS}/{book['id']}")

    events = await told(library.anna, "?entity=book&limit=1")

    assert [(event["action"], event["entity_id"]) for event in events] == [
        ("create", book["id"]), ("edit", book["id"]), ("delete", book["id"]),
    ]  # fmt: skip
    assert events[1]["diff"]["pages"] == [320, 300]
    assert events[1]["actor_id"] == library.person.id
    # By the word that addresses have, too.
    assert await told(library.anna, "?entity=books&limit=1") == events


async def test_whoever_asks_for_now_is_told_nothing_of_the_past(library: Library) -> None:
    await library.add("Koroğlu")
    now = (await library.anna.call("GET", f"{EVENTS}?after=now")).json
    book = await library.add("Leyli və Məcnun")

    later = (await library.anna.call("GET", f"{EVENTS}?after={now['after']}")).json

    assert now["events"] == []
    assert [event["entity_id"] for event in later["events"]] == [book["id"]]


async def test_of_rows_that_one_may_not_see_nothing_is_told(library: Library) -> None:
    await library.add("Anna's")
    boris = await library.visitor("boris", read="own", create="all")
    own = (await boris.call("POST", BOOKS, {"name": "Boris's"})).json

    events = await told(boris)

    assert [event["entity_id"] for event in events] == [own["id"]]
    # Nor of people, roles and settings.
    assert [event["entity"] for event in await told(boris, "?")] == ["book"]


async def test_hidden_fields_are_left_out_of_a_change_and_masked_ones_covered(
    library: Library,
) -> None:
    book = await library.add("Koroğlu", pages=123456)
    await library.anna.call("PATCH", f"{BOOKS}/{book['id']}", {"pages": 654321, "state": "lent"})
    boris = await library.visitor("boris", read="all")
    await library.may("supervisor", {"read": "all"}, pages="masked", state="hidden")

    created, edited = await told(boris)

    assert created["diff"]["pages"] == [None, "•••56"]
    assert edited["diff"] == {"pages": ["•••56", "•••21"], "version": [1, 2]}
    assert edited["masked"] == ["pages"]


async def test_a_token_is_told_of_what_its_scopes_let_it_read(library: Library) -> None:
    await library.add("Koroğlu")
    stranger = await library.house.browser()

    seen = {
        scope: [
            event["entity"]
            for event in (
                await stranger.call("GET", EVENTS, None, **await library.bearer(scope))
            ).json["events"]
        ]
        for scope in ("book:read", "call:read")
    }

    assert seen == {"book:read": ["book"], "call:read": []}
    bearer = await library.bearer("call:read")
    named = await stranger.call("GET", f"{EVENTS}?entity=call,book", None, **bearer)
    assert (named.status, named.json["error"]["code"]) == (403, "out-of-scope")
    assert "book:read" in named.json["error"]["message"]


@pytest.mark.parametrize(
    "query", ["after=yesterday", "after=1", "limit=0", "limit=5000", "limit=x"]
)
async def test_what_cannot_be_understood_is_said(library: Library, query: str) -> None:
    assert (await library.anna.call("GET", f"{EVENTS}?{query}")).status == 422


async def test_nobody_is_told_who_is_not_signed_in(library: Library) -> None:
    stranger = await library.house.browser()
    assert (await stranger.call("GET", EVENTS)).status == 401


# ---------------------------------------------------------------- told on and on


class Line:
    """A line over which one is told on and on."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._response = response
        self.last_id = ""

    async def next(self) -> dict[str, Any]:
        """Return the next change."""
        async with asyncio.timeout(30):
            async for raw in self._response.content:
                name, _, value = raw.decode().rstrip("\n").partition(": ")
                if name == "id":
                    self.last_id = value
                elif name == "data":
                    event: dict[str, Any] = msgspec.json.decode(value)
                    return event
        raise AssertionError("the line has ended")

    async def ended(self) -> bool:
        async with asyncio.timeout(30):
            await self._response.content.read()
        return True


class Lines:
    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._responses: list[aiohttp.ClientResponse] = []

    async def open(self, query: str = "?entity=book", **headers: str) -> Line:
        response = await self._browser.client.get(
            EVENTS + query, headers={"Accept": "text/event-stream", **headers}
        )
        self._responses.append(response)
        assert response.status == 200
        return Line(response)

    def close(self) -> None:
        for response in self._responses:
            response.close()


@pytest.fixture
async def lines(library: Library) -> AsyncIterator[Lines]:
    opened = Lines(library.anna)
    yield opened
    opened.close()


async def test_one_is_told_of_what_was_and_of_what_comes(library: Library, lines: Lines) -> None:
    before = await library.add("before")
    line = await lines.open()

    assert (await line.next())["entity_id"] == before["id"]
    after = await library.add("after")
    assert (await line.next())["entity_id"] == after["id"]


async def test_a_line_that_is_opened_again_goes_on_where_it_was(
    library: Library, lines: Lines
) -> None:
    books = [await library.add(name) for name in ("one", "two", "three")]
    line = await lines.open()
    assert (await line.next())["entity_id"] == books[0]["id"]

    again = await lines.open(**{"Last-Event-ID": line.last_id})

    assert [(await again.next())["entity_id"] for _ in range(2)] == [
        books[1]["id"], books[2]["id"],
    ]  # fmt: skip


async def test_nobody_has_more_lines_than_he_needs(library: Library, lines: Lines) -> None:
    for _ in range(events_api.STREAMS_OF_ONE):
        await lines.open()

    refused = await library.anna.request("GET", EVENTS, headers={"Accept": "text/event-stream"})

    assert refused.status == 429


async def test_whoever_has_signed_out_is_told_no_more(
    library: Library, lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events_api, "BEAT_S", 0.0)
    line = await lines.open()
    other = await library.house.browser()
    other.client.session.cookie_jar.update_cookies(
        {cookie.key: cookie.value for cookie in library.anna.client.session.cookie_jar},
        response_url=other.client.make_url("/"),
    )
    await other.open("/account")
    await other.submit("/sign-out")

    assert await line.ended()


async def test_an_end_of_the_service_ends_the_lines(library: Library, lines: Lines) -> None:
    line = await lines.open()

    await library.house.app[events_api.STREAMS].close(library.house.app)

    with pytest.raises(aiohttp.ClientPayloadError):
        await line.ended()


async def test_changes_that_nobody_may_know_of_still_bring_the_cursor_forward(
    library: Library,
) -> None:
    async with library.house.database.write() as session:
        for _ in range(3):
            audit.record(session, library.house.clock(), entity="pbx", action="edit")

    page = (await library.anna.call("GET", f"{EVENTS}?entity=pbx")).json

    assert (page["events"], page["more"]) == ([], False)
    assert page["after"] != "0.0"

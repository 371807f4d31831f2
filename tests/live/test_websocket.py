"""What a browser meets at the door: who is let in, and how each is sent away."""

import asyncio

import pytest

from callcenter.live.hub import Limits
from callcenter.live.protocol import Dialled, State, StateView
from callcenter.server.identity import Identity
from tests.live.conftest import House


async def test_a_page_is_told_the_whole_picture_and_then_what_changes(house: House):
    async with house.page("anna") as page:
        assert await page.next() == {"type": "result", "id": 1, "ok": True}
        snapshot = await page.next()
        house.hub.say(1, State(seq=0, state=StateView(state="paused", since=5)))
        change = await page.next()

    assert (snapshot["type"], snapshot["state"]["state"]) == ("snapshot", "ready")
    assert (change["type"], change["state"]["state"]) == ("state", "paused")
    assert change["seq"] == snapshot["seq"] + 1


async def test_nobody_is_let_in_without_a_session(house: House):
    async with house.page("stranger") as page:
        assert await page.closed() == 4001


async def test_a_page_of_another_site_is_sent_away_although_the_cookie_came_along(house: House):
    async with house.page("anna", origin="https://evil.example") as page:
        assert await page.closed() == 4003


async def test_a_program_without_origin_and_token_is_taken_for_a_foreign_page(house: House):
    async with house.page("anna", origin=None) as page:
        assert await page.closed() == 4003


async def test_a_program_comes_in_by_token_if_its_scopes_allow_it(house: House):
    house.sign_in("all", 3, via="token", scopes=frozenset({"*"}))
    house.sign_in("contacts", 4, via="token", scopes=frozenset({"contact:read"}))

    async with house.page(origin=None, headers={"Authorization": "Bearer all"}) as page:
        assert (await page.next("snapshot"))["state"]["state"] == "ready"
    async with house.page(origin=None, headers={"Authorization": "Bearer contacts"}) as page:
        assert await page.closed() == 4001


async def test_whoever_must_choose_a_new_password_does_that_first(house: House):
    house.sign_in("new", 3, password_expired=True)

    async with house.page("new") as page:
        assert await page.closed() == 4001


async def test_a_page_whose_session_ended_is_sent_to_sign_in_at_once(house: House):
    async with house.page("anna") as ended, house.page("boris") as other:
        await ended.next("snapshot")
        await other.next("snapshot")
        del house.sessions["anna"]
        house.hub.check_sessions(1)
        house.hub.check_sessions(2)

        assert await ended.closed() == 4002
        await other.ask("ping")
        assert (await other.next())["type"] == "pong"


@pytest.mark.parametrize("limits", [Limits(session_check_s=0.02)])
async def test_a_session_that_runs_out_by_itself_ends_the_page_too(house: House):
    async with house.page("anna") as page:
        await page.next("snapshot")
        del house.sessions["anna"]

        assert await page.closed() == 4002


@pytest.mark.parametrize(
    "nonsense",
    [
        b"garbage",  # no JSON
        b'{"type": "shout", "id": 2}',  # no request of ours
        b'{"type": "subscribe", "id": 2, "topic": "secrets"}',
        b'{"type": "hello", "id": 2}',  # a second hello
        b'{"id": 2}',
        b"[]",
    ],
)
async def test_a_browser_that_speaks_nonsense_is_sent_away(house: House, nonsense: bytes):
    async with house.page("anna") as page:
        await page.socket.send(nonsense, text=True)

        assert await page.closed() == 4009


async def test_a_browser_that_sends_bytes_is_sent_away(house: House):
    async with house.page("anna") as page:
        await page.socket.send(b"\x00\x01")

        assert await page.closed() == 4009


async def test_a_request_before_hello_is_nonsense(house: House):
    async with house.page("anna", hello=False) as page:
        await page.ask("ping")

        assert await page.closed() == 4009


@pytest.mark.parametrize("limits", [Limits(hello_s=0.02)])
async def test_a_browser_that_says_nothing_is_sent_away(house: House):
    async with house.page("anna", hello=False) as page:
        assert await page.closed() == 4009


async def test_an_endless_request_is_not_even_kept(house: House):
    async with house.page("anna") as page:
        await page.next("snapshot")
        await page.socket.send("x" * 100_000)

        assert await page.closed() == 1009


async def test_every_page_learns_that_the_service_restarts(house: House):
    async with house.page("anna") as one, house.page("boris") as other:
        await one.next("snapshot")
        await other.next("snapshot")
        stopping = asyncio.create_task(house.stop())

        assert [await one.closed(), await other.closed()] == [1012, 1012]
        await stopping


async def test_the_painting_of_a_pop_is_acknowledged(house: House):
    async with house.page("anna") as page:
        await page.ask("seen", pop_id="7-1-0", ms=12.5)

        assert await house.seen.get() == (1, "7-1-0", 12.5)


async def test_a_message_that_cannot_be_rendered_comes_without_its_picture(house: House):
    def broken(message: object, who: Identity) -> object:
        raise LookupError("no such template")

    house.dress = broken
    async with house.page("anna") as page:
        assert (await page.next("snapshot"))["state"]["state"] == "ready"


@pytest.mark.parametrize(
    "limits", [Limits(held_bytes=20_000, leave_after_s=0.01, close_s=2, heartbeat_s=60)]
)
async def test_a_browser_that_stops_reading_is_let_go_and_nobody_else_notices(house: House):
    big = "x" * 4000
    async with (
        house.page("anna", max_queue=1) as slow,
        house.page("boris") as healthy,
    ):
        await slow.next("snapshot")
        await healthy.next("snapshot")
        # More than all the buffers between us take: the kernel's and both libraries'.
        for number in range(5000):
            house.hub.say(1, dialled(big))
            house.hub.say(2, dialled(str(number)))
            told = await healthy.next("dial")
            assert told["text"] == str(number)
            if not house.comings.empty() and house.comings.get_nowait() == (1, False):
                break
        else:
            pytest.fail("the slow browser was kept for 20 MB")

        assert await slow.closed() == 4008


def dialled(text: str) -> Dialled:
    return Dialled(seq=0, intent_id="i", status="placed", text=text)

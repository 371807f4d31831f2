"""What goes wrong out there: it is said in the log and on the screen, and made good by itself."""

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from structlog.testing import capture_logs

from callcenter.live.protocol import Dialled
from tests.service.office import PretendOffice as Office
from tests.service.screen import TEST_LIMIT_S, Screen, Told

#: What a PBX may send that means nothing, or half of something.
GARBAGE = [
    b"\x00\xff\xfe\r\n\r\n",
    b"no colon at all\r\n\r\n",
    b"Event: Newchannel\r\n\r\n",
    b"Event: DialBegin\r\nDestChannel: PJSIP/1001-00000099\r\n\r\n",
    b"Event: Hangup\r\nUniqueid: never-seen\r\nCause: sixteen\r\n\r\n",
    b"Event: QueueMemberPause\r\nQueue: support\r\nInterface: PJSIP/1001\r\nPaused: perhaps\r\n\r\n",
    b"Event: BridgeEnter\r\nBridgeUniqueid: \r\nUniqueid: \r\n\r\n",
    b"Response: Success\r\nActionID: nobody-asked\r\n\r\n",
    b"Event: " + b"x" * 100_000 + b"\r\n\r\n",
    "Event: Newchannel\r\nCallerIDName: \u202e\ufffdƏ\r\nUniqueid: \r\n\r\n".encode(),
]


@pytest.fixture
def log() -> Iterator[list[Any]]:
    """What the service logs."""
    with capture_logs() as lines:
        yield lines


def texts(log: list[Any], level: str) -> str:
    return "\n".join(line["event"] for line in log if line["log_level"] == level)


async def test_a_wrong_secret_is_said_once_and_works_when_it_is_corrected(
    log: list[Any], office: Office
) -> None:
    anna = await office.agent("Anna", "1001")
    admin = await office.agent("Admin", role="admin")

    async with office.browser(admin) as screen, office.browser(anna) as agent:
        await save_pbx(office, screen, secret="wrong")
        await office.refused()
        await agent.next("link", lambda told: not told["link"]["up"])
        page = await screen.open("/admin/pbx")
        assert "The PBX refuses the account or the secret" in page.text
        assert texts(log, "error").count("PBX refuses user “crm”") == 1

        await save_pbx(office, screen, secret="crm-secret")
        await office.linked()
        await agent.next("link", lambda told: told["link"]["up"])
        await office.pbx.call(from_="0501234567", to="1001")
        await agent.next("pop")


async def test_an_account_corrected_on_the_pbx_works_once_the_form_is_saved_again(
    office: Office,
) -> None:
    admin = await office.agent("Admin", role="admin")
    office.sim.reject_logins()
    office.sim.drop_connections()
    await office.refused()
    office.sim.accept_logins()

    async with office.browser(admin) as screen:
        await save_pbx(office, screen, secret="")
        await office.linked()


async def test_a_pbx_that_is_not_there_at_the_start_is_found_when_it_comes(
    log: list[Any], office: Office
) -> None:
    anna = await office.agent("Anna", "1001")
    await office.close()
    await office.sim.stop_listening()
    office.sim.drop_connections()
    await office.open(linked=False)

    async with office.browser(anna) as screen:
        desk = await screen.open("/desk")
        (snapshot,) = await screen.has_been_told("snapshot")
        await until(lambda: "trying again in" in texts(log, "warning"))
        await office.sim.listen()
        await office.linked()
        back = await screen.next("link", lambda told: told["link"]["up"])
        await office.pbx.call(from_="0501234567", to="1001")
        await screen.next("pop")

    assert desk.status == 200
    assert [link["up"] for link in snapshot["links"]] == [False]
    assert back["link"]["name"] == "Main"


async def test_a_call_that_goes_on_while_the_link_is_lost_ends_as_it_really_does(
    log: list[Any], office: Office
) -> None:
    anna = await office.agent("Anna", "1001")

    async with office.browser(anna) as screen:
        call = await office.pbx.call(from_="0501234567", to="1001")
        await call.answer()
        await screen.next("calls", talking)
        office.wire.cut()
        await screen.next("link", lambda told: not told["link"]["up"])
        assert len((await screen.has_been_told("calls"))[-1]["calls"]) == 1, "it stays in the bar"
        await office.linked()
        await screen.next("link", lambda told: told["link"]["up"])
        await call.hangup()
        call_id = await office.stored_call()
        record = (await screen.ask("GET", f"/calls/{call_id}")).json

    assert "PBX link lost after" in texts(log, "warning")
    assert (record["result"], record["inferred"]) == ("answered", [])
    (gap,) = record["gaps"]
    assert gap["reason"] == "the link was lost"


async def test_a_call_that_ends_while_the_link_is_lost_is_ended_and_marked(
    office: Office,
) -> None:
    anna = await office.agent("Anna", "1001")

    async with office.browser(anna) as screen:
        call = await office.pbx.call(from_="0501234567", to="1001")
        await call.answer()
        await screen.next("calls", talking)
        await office.sim.stop_listening()
        office.sim.drop_connections()
        await office.unlinked()
        await call.hangup()
        await office.sim.listen()
        await office.linked()
        await screen.next("pop.withdrawn")
        await screen.next("calls", lambda told: not told.get("calls"))
        call_id = await office.stored_call()
        record = (await screen.ask("GET", f"/calls/{call_id}")).json
        page = await screen.open(f"/calls/{call_id}")

    assert record["result"] == "answered"
    assert record["inferred"] != []
    assert len(record["gaps"]) == 1
    assert page.status == 200


@pytest.mark.parametrize("ping_s", [0.5])
async def test_a_half_open_link_is_noticed_and_replaced(log: list[Any], office: Office) -> None:
    anna = await office.agent("Anna", "1001")

    async with office.browser(anna) as screen:
        office.sim.go_silent()
        await screen.next("link", lambda told: not told["link"]["up"])
        office.sim.speak_again()
        await screen.next("link", lambda told: told["link"]["up"])
        await office.pbx.call(from_="0501234567", to="1001")
        await screen.next("pop")

    reasons = [line["reason"] for line in log if "PBX link lost" in line["event"]]
    assert reasons == ["not a byte for 1 s"]


async def test_garbage_from_the_pbx_costs_nothing_but_itself(
    log: list[Any], office: Office
) -> None:
    anna = await office.agent("Anna", "1001")
    zoe = await office.contact("Zoë Müller", "+994 50 123 45 67")

    async with office.browser(anna) as screen:
        call = await office.pbx.call(from_="0501234567", to="1001")
        pop = (await screen.next("pop"))["pop"]
        for garbage in GARBAGE:
            office.sim.send_raw(garbage)
        await call.answer()
        await screen.next("calls", talking)
        for garbage in GARBAGE:
            office.sim.send_raw(garbage)
        await call.hangup()
        call_id = await office.stored_call()
        record = (await screen.ask("GET", f"/calls/{call_id}")).json
        links = await screen.has_been_told("link")

    assert pop["candidates"][0]["contact_id"] == zoe
    assert (record["result"], record["inferred"], record["gaps"]) == ("answered", [], [])
    assert links == [], "the link stands"
    assert "Traceback" not in texts(log, "error")


async def test_a_browser_that_stops_reading_is_let_go_and_nobody_else_waits(
    log: list[Any], office: Office
) -> None:
    anna = await office.agent("Anna", "1001")
    boris = await office.agent("Boris", "1002")
    big = Dialled(seq=0, intent_id="x" * 64_000, status="placed")

    async with office.browser(anna) as screen, office.browser(boris) as other:
        # More than all the buffers between us take: the kernel's and both libraries'.
        await until(
            lambda: "does not read" in texts(log, "warning"),
            meanwhile=lambda: office.house.hub.say(anna.id, big),
        )
        await screen.tab.cut()
        await office.pbx.queue_call("0501234567", "all")
        await other.next("pop")
        # The one who was let go comes back and is told all there is.
        async with screen.another_tab() as back:
            picture = await back.next("snapshot")

    assert len(picture["pops"]) == 1


async def test_whose_session_has_ended_signs_in_again_and_has_lost_nothing(
    office: Office,
) -> None:
    anna = await office.agent("Anna", "1001")

    async with office.browser(anna) as screen:
        await office.pbx.call(from_="0501234567", to="1001")
        pop = (await screen.next("pop"))["pop"]
        office.skip(hours=13)
        refused = await screen.ask("GET", "/me/state")
        page = await screen.open("/contacts")
        async with screen.another_tab() as tab:
            code = await tab.closed()

    assert (refused.status, refused.json["error"]["code"]) == (401, "not-signed-in")
    assert "Sign in again" in refused.json["error"]["message"]
    assert (page.status, page.location) == (303, "/sign-in?next=/contacts")
    assert code == 4001
    async with office.browser(anna) as screen:
        (snapshot,) = await screen.has_been_told("snapshot")
        assert [shown["id"] for shown in snapshot["pops"]] == [pop["id"]]


async def test_signing_out_in_one_tab_ends_the_others(office: Office) -> None:
    anna = await office.agent("Anna", "1001")

    async with office.browser(anna) as screen, screen.another_tab() as tab:
        await tab.next("snapshot")
        await screen.browser.submit("/sign-out")

        assert [await screen.tab.closed(), await tab.closed()] == [4002, 4002]


async def until(
    true: Callable[[], bool], *, meanwhile: Callable[[], object] = lambda: None
) -> None:
    """Let the service go on until `true`."""
    async with asyncio.timeout(TEST_LIMIT_S):
        while not true():
            meanwhile()
            await asyncio.sleep(0.001)


async def save_pbx(office: Office, screen: Screen, **changed: str) -> None:
    address = f"/admin/pbx/{office.pbx_id}"
    form = await screen.open(address)
    values = office.pbx_values() | {"version": form.value("version")} | changed
    saved = await screen.browser.submit(address, values)
    assert saved.status == 303, saved.text


def talking(told: Told) -> bool:
    return [call["phase"] for call in told.get("calls", [])] == ["talking"]

"""A click on a number rings the agent's phone, then the customer's, at most once; and its ends."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy import update

from callcenter.agents.models import User
from callcenter.events import RequestSettled
from callcenter.simulator import Call
from tests.service.office import PretendOffice as Office
from tests.service.screen import TEST_LIMIT_S, Screen, Told

ZOE = "+994 50 123 45 67"
#: What a click comes to in the end.
FINAL = ("refused", "done")


async def test_a_click_rings_the_agent_first_and_shows_both_sides(office: Office) -> None:
    anna = await office.agent("Anna", "1001")
    zoe = await office.contact("Zoë Müller", ZOE)

    async with office.browser(anna) as screen:
        intent = await click(screen, ZOE)
        call = await office.pbx.originated()
        (bar,) = (await screen.next("calls", one_call))["calls"]
        assert (bar["intent_id"], bar["phase"], sides(bar)) == (intent, "ringing", ["ringing"])

        await call.answer("1001")
        (bar,) = (await screen.next("calls", lambda told: len(sides_of(told)) == 2))["calls"]
        assert (bar["title"], sides(bar)) == ("Zoë Müller", ["up", "ringing"])
        pop = (await screen.next("pop"))["pop"]
        assert (pop["direction"], pop["candidates"][0]["contact_id"]) == ("outbound", zoe)

        await call.far_answers()
        (bar,) = (await screen.next("calls", talking))["calls"]
        assert sides(bar) == ["up", "up"]
        await call.hangup(by="agent")
        assert (await dial_ended(screen, intent)) == ["asked", "placed", "done"]
        call_id = await office.stored_call()
        record = (await screen.ask("GET", f"/calls/{call_id}")).json

    assert (record["direction"], record["origin"]) == ("outbound", "click-to-call")
    assert (record["result"], record["owner"]["name"]) == ("answered", "Anna")
    assert record["contact"] == {"id": zoe, "name": "Zoë Müller"}


async def test_a_click_that_was_placed_names_its_call(office: Office) -> None:
    anna = await office.agent("Anna", "1001")
    settled: list[RequestSettled] = []
    office.house.bus.listen(settled.append, RequestSettled)

    async with office.browser(anna) as screen:
        intent = await click(screen, ZOE)
        await office.pbx.originated()
        (bar,) = (await screen.next("calls", one_call))["calls"]

    calls = {each.status: each.call_id for each in settled if each.intent_id == intent}
    assert calls == {"asked": None, "placed": bar["call_id"]}


async def test_the_same_click_sent_twice_is_one_call(office: Office) -> None:
    anna = await office.agent("Anna", "1001")

    async with office.browser(anna) as screen:
        wish = {"intent_id": str(uuid.uuid4()), "number": ZOE}
        answers = await asyncio.gather(*(screen.ask("POST", "/calls", wish) for _ in range(3)))
        await office.pbx.originated()
        again = await screen.ask("POST", "/calls", wish)

        assert [answer.status for answer in (*answers, again)] == [202] * 4
        assert {answer.json["intent_id"] for answer in answers} == {wish["intent_id"]}
        assert len(office.pbx.calls) == 1


@pytest.mark.parametrize(
    ("number", "status", "code"),
    [
        ("call me", 422, "not-a-phone-number"),
        ("050-CALL-NOW", 422, "not-a-phone-number"),
        ("", 422, "bad-input"),
        ("+994 50 123 45 67\r\nAction: Logoff", 422, "not-a-phone-number"),
    ],
)
async def test_what_is_no_number_is_not_dialled(
    office: Office, number: str, status: int, code: str
) -> None:
    anna = await office.agent("Anna", "1001")

    async with office.browser(anna) as screen:
        answer = await screen.ask("POST", "/calls", {"intent_id": new_id(), "number": number})

    assert (answer.status, answer.json["error"]["code"]) == (status, code)
    assert office.pbx.calls == []


async def test_whoever_has_no_phone_is_told_so(office: Office) -> None:
    anna = await office.agent("Anna")

    async with office.browser(anna) as screen:
        answer = await screen.ask("POST", "/calls", {"intent_id": new_id(), "number": ZOE})

    assert (answer.status, answer.json["error"]["code"]) == (409, "agent-has-no-phone")
    assert "Anna has no phone to ring first" in answer.json["error"]["message"]


async def test_nobody_rings_another_ones_phone(office: Office) -> None:
    anna = await office.agent("Anna", "1001")
    boris = await office.agent("Boris", "1002")
    (phone,) = office.house.devices.phones_of(boris.id)

    async with office.browser(anna) as screen:
        wish = {"intent_id": new_id(), "number": ZOE, "device_id": phone.id}
        answer = await screen.ask("POST", "/calls", wish)

    assert (answer.status, answer.json["error"]["code"]) == (409, "agent-has-no-phone")
    assert office.pbx.calls == []


async def test_a_token_without_the_right_may_not_dial(office: Office) -> None:
    anna = await office.agent("Anna", "1001")
    token = await office.token(anna, "contact:read")

    async with office.browser(anna) as screen:
        wish = {"intent_id": new_id(), "number": ZOE}
        answer = await screen.ask("POST", "/calls", wish, Authorization=f"Bearer {token}")

    assert (answer.status, answer.json["error"]["code"]) == (403, "out-of-scope")
    assert office.pbx.calls == []


async def test_without_the_pbx_a_click_is_refused_at_once(office: Office) -> None:
    anna = await office.agent("Anna", "1001")

    async with office.browser(anna) as screen:
        await office.sim.stop_listening()
        office.sim.drop_connections()
        await office.unlinked()
        answer = await screen.ask("POST", "/calls", {"intent_id": new_id(), "number": ZOE})
        await office.sim.listen()
        await office.linked()

    assert (answer.status, answer.json["error"]["code"]) == (503, "pbx-unreachable")
    assert office.pbx.calls == [], "nothing rings when the PBX is back"


async def test_a_phone_that_is_off_is_named(office: Office) -> None:
    anna = await office.agent("Anna", "1001")
    office.pbx.set_phone("1001", registered=False)

    async with office.browser(anna) as screen:
        intent = await click(screen, ZOE)
        told = await screen.next("dial", lambda told: told["status"] == "refused")

    assert (told["intent_id"], told["problem"]) == (intent, "phone-not-registered")
    assert told["text"]


@pytest.mark.parametrize(
    ("deed", "problem"),
    [
        (lambda call: call.no_answer(), "agent-no-answer"),
        (lambda call: call.decline("1001"), "agent-hung-up"),
        (lambda call: call.busy("1001"), "agent-busy"),
    ],
)
async def test_an_agent_whose_phone_is_not_picked_up_is_told_why(
    office: Office, deed: Callable[[Call], Awaitable[None]], problem: str
) -> None:
    anna = await office.agent("Anna", "1001")

    async with office.browser(anna) as screen:
        intent = await click(screen, ZOE)
        call = await office.pbx.originated()
        await screen.next("calls", one_call)
        await deed(call)
        refused = await screen.next("dial", lambda told: told["status"] in FINAL)
        await screen.next("calls", lambda told: not told.get("calls"))
        call_id = await office.stored_call()
        record = (await screen.ask("GET", f"/calls/{call_id}")).json

    assert (refused["intent_id"], refused["status"]) == (intent, "refused")
    assert (refused["problem"], bool(refused["text"])) == (problem, True)
    assert record["result"] != "answered"


async def test_a_customer_who_is_busy_ends_the_call_as_busy(office: Office) -> None:
    anna = await office.agent("Anna", "1001")

    async with office.browser(anna) as screen:
        intent = await click(screen, ZOE)
        call = await office.pbx.originated()
        await call.answer("1001")
        await call.far_busy()
        assert (await dial_ended(screen, intent))[-1] == "done"
        call_id = await office.stored_call()
        record = (await screen.ask("GET", f"/calls/{call_id}")).json

    assert (record["result"], record["talk_s"] or 0) == ("busy", 0)


async def test_a_call_dialled_on_the_phone_opens_the_card_too(office: Office) -> None:
    anna = await office.agent("Anna", "1001")
    zoe = await office.contact("Zoë Müller", ZOE)

    async with office.browser(anna) as screen:
        call = await office.pbx.dial("1001", "0501234567")
        pop = (await screen.next("pop"))["pop"]
        await call.far_answers()
        await screen.next("calls", talking)
        await call.hangup()
        call_id = await office.stored_call()
        record = (await screen.ask("GET", f"/calls/{call_id}")).json

    assert (pop["direction"], pop["candidates"][0]["contact_id"]) == ("outbound", zoe)
    assert (record["direction"], record["origin"]) == ("outbound", "phone")
    assert record["contact"]["id"] == zoe


async def test_the_agent_hangs_up_on_the_screen(office: Office) -> None:
    anna = await office.agent("Anna", "1001")
    boris = await office.agent("Boris", "1002")

    async with office.browser(anna) as screen, office.browser(boris) as other:
        call = await office.pbx.call(from_="0501234567", to="1001")
        await call.answer()
        (bar,) = (await screen.next("calls", talking))["calls"]
        refused = await other.ask("DELETE", f"/calls/{bar['call_id']}")
        ended = await screen.ask("DELETE", f"/calls/{bar['call_id']}")
        await asyncio.wait_for(call.until(lambda call: call.ended), TEST_LIMIT_S)
        await office.stored_call()
        late = await screen.ask("DELETE", f"/calls/{bar['call_id']}")

    assert (refused.status, ended.status, late.status) == (409, 204, 409)
    assert late.json["error"]["code"] == "call-not-live"


@pytest.mark.parametrize(
    ("role", "in_the_team", "status"),
    [
        ("agent", True, 409),  # a colleague's call is no concern of theirs
        ("supervisor", True, 204),
        ("supervisor", False, 409),  # another team's
        ("admin", False, 204),
    ],
)
async def test_whoever_controls_calls_ends_those_of_their_people(
    office: Office, role: str, in_the_team: bool, status: int
) -> None:
    anna = await office.agent("Anna", "1001")
    boss = await office.agent("Boss", role=role)
    if not in_the_team:
        async with office.house.database.write() as session:
            await session.execute(update(User).where(User.id == boss.id).values(team_id=None))

    async with office.browser(anna) as screen, office.browser(boss) as other:
        call = await office.pbx.call(from_="0501234567", to="1001")
        await call.answer()
        (bar,) = (await screen.next("calls", talking))["calls"]
        answer = await other.ask("DELETE", f"/calls/{bar['call_id']}")
        if status == 204:
            await asyncio.wait_for(call.until(lambda call: call.ended), TEST_LIMIT_S)
        else:
            await call.hangup()

    assert answer.status == status


async def test_a_click_whose_answer_is_lost_is_unknown_until_the_pbx_tells(
    office: Office,
) -> None:
    anna = await office.agent("Anna", "1001")

    async with office.browser(anna) as screen:
        intent = new_id()
        answer, call = await click_into_silence(office, screen, intent)
        assert (answer.status, answer.json["error"]["code"]) == (504, "outcome-unknown")
        unknown = await screen.next("dial", lambda told: told["status"] == "unknown")
        again = await screen.ask("POST", "/calls", {"intent_id": intent, "number": ZOE})
        assert (again.status, again.json["status"]) == (202, "unknown")

        # The phone rings all the while; only the link is gone.
        assert call.ringing == ["1001"]
        office.wire.unmute()
        office.wire.put_up()
        await office.linked()
        settled = await screen.next("dial", lambda told: told["status"] != "unknown")
        assert office.pbx.calls == [call], "it is not dialled again"
        await call.answer("1001")
        await call.hangup(by="agent")

    assert unknown["intent_id"] == settled["intent_id"] == intent
    assert settled["status"] == "placed"


async def test_a_click_that_led_to_nothing_is_settled_as_refused(office: Office) -> None:
    anna = await office.agent("Anna", "1001")

    async with office.browser(anna) as screen:
        intent = new_id()
        _, call = await click_into_silence(office, screen, intent)
        await screen.next("dial", lambda told: told["status"] == "unknown")
        await call.decline("1001")
        office.wire.unmute()
        office.wire.put_up()
        await office.linked()
        settled = await screen.next("dial", lambda told: told["status"] != "unknown")

    assert (settled["intent_id"], settled["status"]) == (intent, "refused")
    assert settled["problem"] == "no-such-call"


async def click_into_silence(office: Office, screen: Screen, intent: str) -> tuple[Any, Call]:
    """Click when the line is lost before the PBX has answered; return our answer, and the call."""
    office.wire.mute()
    clicked = screen.ask("POST", "/calls", {"intent_id": intent, "number": ZOE})
    async with asyncio.TaskGroup() as both:
        answer = both.create_task(clicked)
        call = await office.pbx.originated()
        office.wire.take_down()
    await office.unlinked()
    return answer.result(), call


async def click(screen: Screen, number: str) -> str:
    """Click on a number; return the id of the intent, which was accepted."""
    intent = new_id()
    answer = await screen.ask("POST", "/calls", {"intent_id": intent, "number": number})
    assert (answer.status, answer.json["status"]) == (202, "asked"), answer.text
    return intent


async def dial_ended(screen: Screen, intent: str) -> list[str]:
    """Return all that was said of this click, once there is no more to say."""
    await screen.next("dial", lambda told: told["status"] in FINAL)
    said = await screen.has_been_told("dial")
    return [told["status"] for told in said if told["intent_id"] == intent]


def new_id() -> str:
    return str(uuid.uuid4())


def one_call(told: Told) -> bool:
    return len(told.get("calls", [])) == 1


def talking(told: Told) -> bool:
    return [call["phase"] for call in told.get("calls", [])] == ["talking"]


def sides(bar: Told) -> list[str]:
    return [leg["phase"] for leg in bar["legs"]]


def sides_of(told: Told) -> list[str]:
    return sides(told["calls"][0]) if told.get("calls") else []

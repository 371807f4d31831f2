"""Agents at outside numbers: a leg dialled to one is the agent's, and nothing else is."""

import pytest

from callcenter.ami.messages import Message
from callcenter.ami.tracker import Endpoints, Listing, News, Tracker
from callcenter.calls.retell import retell
from callcenter.events import CallDescribed, CallEvent, LegRang
from tests.ami.script import DOWN, RING, UP, Script

MOBILE = "tel:+994501112233"
CUSTOMER = "0557654325"


@pytest.fixture
def pbx() -> Script:
    script = Script()
    script.tracker.endpoints = office()
    return script


def office(*own_callers: str) -> Endpoints:
    return Endpoints(
        ["PJSIP/1*", MOBILE], ["PJSIP/trunk*"], own_callers=own_callers, region="AZ", prefix="9"
    )


def parties(pbx: Script, call: str = "T") -> list[tuple[str, str, str]]:
    legs = pbx.call(call).legs.values()
    return [(leg.party, leg.endpoint, leg.number or "") for leg in legs]


@pytest.mark.parametrize(
    ("dialled", "agents"),
    [
        ("0501112233", True),
        ("+994501112233", True),
        ("00994501112233", True),
        ("90501112233", True),  # with what is dialled before an outside number
        ("0501112234", False),
        ("501112233", True),  # without the leading nought, as some carriers want it
        ("1112233", False),  # half a number is nobody's
    ],
)
def test_only_the_number_itself_is_the_agents(dialled: str, agents: bool):
    found = office().agent_dialled(dialled)

    assert (found == MOBILE) is agents


def test_a_queue_that_rings_an_outside_number_rings_its_agent(pbx: Script):
    pbx.new("T", exten="0124042000", number=CUSTOMER)
    pbx.on("QueueCallerJoin", "T", queue="support", position="1")
    pbx.new("L0501112233/1", of="T", state=DOWN)
    pbx.new("L0501112233/2", of="T", state=RING)
    pbx.dial("L0501112233/2", "T2", exten="0501112233", dialstring="0501112233@trunk")
    pbx.after(3).answer("L0501112233/2", "T2")
    pbx.enter("T2", "b1")
    pbx.enter("L0501112233/2", "b1")
    pbx.enter("L0501112233/1", "b2")
    pbx.enter("T", "b2")
    pbx.after(20).hangup("T2")
    pbx.hangup("T")

    call = pbx.call("T")
    agent = list(call.legs.values())[1]
    assert parties(pbx)[1:] == [("agent", MOBILE, "+994501112233")]
    assert (call.direction, call.caller) == ("inbound", CUSTOMER)
    assert (agent.visit, agent.result, agent.talk_s) == (0, "answered", 20)


def test_a_queue_member_on_the_trunk_itself_is_the_agent_whatever_the_caller_dialled(pbx: Script):
    pbx.new("T", exten="0124042000", number=CUSTOMER)
    pbx.dial("T", "T2", exten="0124042000", dialstring="PJSIP/0501112233@trunk")

    assert parties(pbx)[1:] == [("agent", MOBILE, "+994501112233")]


def test_somebody_else_outside_is_no_agent(pbx: Script):
    pbx.new("T", exten="0124042000", number=CUSTOMER)
    pbx.dial("T", "T2", exten="0124042000", dialstring="PJSIP/0501112234@trunk")

    assert [party for party, _, _ in parties(pbx)] == ["customer", "external"]


def test_a_click_rings_the_outside_number_and_then_the_customer(pbx: Script):
    here = "our-L0501112233/1"
    pbx.new(here, of="", state=DOWN)
    pbx.new("L0501112233/2", of=here)
    pbx.say(
        "DialBegin", **pbx._named(here, "dest"), destcalleridnum=CUSTOMER, dialstring="0501112233"
    )
    pbx.dial("L0501112233/2", "T1", exten="0501112233", dialstring="0501112233@trunk")
    assert pbx.call(here).called == CUSTOMER
    pbx.after(2).talk("L0501112233/2", "T1", "b1")
    pbx.dial(here, "T2", exten=CUSTOMER, dialstring=f"{CUSTOMER}@trunk")
    pbx.after(4).talk(here, "T2", "b2")
    pbx.after(30).hangup("T2")
    pbx.hangup("T1")

    call = pbx.call(here)
    assert (call.direction, call.origin, call.called) == ("outbound", "click-to-call", CUSTOMER)
    assert parties(pbx, here) == [
        ("agent", MOBILE, "+994501112233"),
        ("customer", "PJSIP/trunk", CUSTOMER),
    ]
    assert [round(leg.talk_s) for leg in call.legs.values() if leg.party == "agent"] == [30]
    called = [event.called for event in pbx.told(CallDescribed) if event.called]
    assert set(called) == {CUSTOMER}


def test_a_call_from_the_agents_number_is_a_customers_unless_the_office_says_otherwise(pbx: Script):
    pbx.call_in(number="0501112233")

    assert pbx.call("T").direction == "inbound"
    assert parties(pbx)[0][:2] == ("customer", "PJSIP/trunk")


def test_a_call_from_the_agents_own_number_is_his_where_the_office_says_so(pbx: Script):
    pbx.tracker.endpoints = office(MOBILE)
    pbx.call_in(number="0501112233")
    pbx.after(10).hangup("1001")
    pbx.hangup("T")

    call = pbx.call("T")
    assert call.direction == "internal"
    assert parties(pbx) == [("agent", MOBILE, "0501112233"), ("agent", "PJSIP/1001", "")]
    assert call.customer_number == "0501112233"


def test_an_agent_who_dials_a_colleagues_outside_number_calls_no_customer(pbx: Script):
    pbx.new("1001", exten="0501112233", number="1001")
    pbx.dial("1001", "T", exten="0501112233", dialstring="0501112233@trunk")
    pbx.talk("1001", "T")

    assert pbx.call("1001").direction == "internal"
    assert [party for party, _, _ in parties(pbx, "1001")] == ["agent", "agent"]


def test_the_agents_part_is_still_his_after_a_restart_of_the_service(pbx: Script):
    pbx.new("T", exten="0124042000", number=CUSTOMER)
    pbx.dial("T", "T2", dialstring="0501112233@trunk")
    pbx.talk("T", "T2")
    told: list[CallEvent] = retell(pbx.call("T"))
    pbx.tracker = Tracker(1, office())
    pbx.tracker.recall(told)
    pbx.after(5).hangup("T2")
    pbx.hangup("T")

    legs = list(pbx.call("T").legs.values())
    assert [(leg.party, leg.endpoint) for leg in legs][1:] == [("agent", MOBILE)]
    assert legs[1].talk_s == 5


def test_a_talk_found_in_progress_is_the_agents_too(pbx: Script):
    channels = [
        listed("7.1", number=CUSTOMER, exten="0124042000", app="Queue", data="support,t"),
        listed("7.2", number="0501112233", exten="", app="AppQueue", data="(Outgoing Line)"),
    ]
    bridge = message("BridgeListItem", bridgeuniqueid="b", bridgetype="basic")
    told = pbx.tracker.take_up(
        Listing(channels, {"b": bridge}, {}), News(), at=1000.0, lost_at=1000.0
    )

    rang = [(event.party, event.endpoint) for event in told if isinstance(event, LegRang)]
    assert ("agent", MOBILE) in rang
    assert ("external", "PJSIP/trunk") not in rang


def message(name: str, **fields: str) -> Message:
    return Message(name, {"event": name, **fields}, None, None)


def listed(uid: str, *, number: str, exten: str, app: str, data: str) -> Message:
    return message(
        "CoreShowChannel", channel=f"PJSIP/trunk-0000000{uid[-1]}", uniqueid=uid, linkedid="7.1",
        calleridnum=number, exten=exten, application=app, applicationdata=data, bridgeid="b",
        channelstate=UP, duration="00:00:20",
    )  # fmt: skip

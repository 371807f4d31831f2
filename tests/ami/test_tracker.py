"""What the recordings do not hold: rarer turns of a call, told by hand."""

import pytest

from callcenter.ami.messages import Message
from callcenter.ami.tracker import Endpoints, Tracker, endpoint_of
from callcenter.events import (
    CallBegan,
    CallEnded,
    CallFolded,
    DeviceChanged,
    LegEnded,
    LegRang,
    MemberChanged,
    MemberRemoved,
    QueueLeft,
    RequestFailed,
    TalkBegan,
    TalkEnded,
)
from tests.ami.script import BUSY, DOWN, RING, UP, Script


@pytest.fixture
def pbx() -> Script:
    return Script()


# ---------------------------------------------------------------- who began it


@pytest.mark.parametrize("exten", ["0124041001", "s"])  # a registered trunk may be called as "s"
def test_with_chan_sip_a_caller_begins_down_and_is_no_click_to_call(pbx, exten):
    pbx.new("T", DOWN, exten=exten, number="0501234567")
    assert pbx.events == [], "who began it is not known yet"

    pbx.after(0.1).on("Newstate", "T", channelstate=RING)

    (began,) = pbx.told(CallBegan)
    assert (began.at, began.origin, began.direction) == (1000.0, "trunk", "inbound")
    assert began.caller == "0501234567"


def test_what_begins_down_and_rings_was_asked_for(pbx):
    pbx.new("1001", DOWN)
    pbx.on("Newstate", "1001", channelstate="5")

    assert pbx.call("1001").origin == "click-to-call"
    assert pbx.call("1001").legs["1001-1700000000.1"].rang


def test_without_a_linkedid_who_rings_before_the_dial_is_told_belongs_to_who_dials(pbx):
    pbx.new("1001", exten="0501234567", number="1001")
    say_unlinked(pbx, "Newchannel", "T", channelstate=DOWN)
    say_unlinked(pbx.after(0.01), "Newstate", "T", channelstate="5")
    pbx.after(0.01).say(
        "DialBegin", channel="PJSIP/1001-1", uniqueid="1001-1700000000.1", exten="0501234567",
        destchannel="PJSIP/trunk-1", destuniqueid="T-1700000000.1",
    )  # fmt: skip
    pbx.after(1).tracker.settle(pbx.at)

    (call,) = pbx.told(CallBegan)
    assert call.origin == "phone"
    (rang,) = [leg for leg in pbx.told(LegRang) if leg.party == "customer"]
    assert (rang.at, rang.number) == (1000.02, "0501234567")
    assert pbx.call("1001").direction == "outbound"


def test_without_a_linkedid_who_rings_and_is_not_dialled_was_asked_for(pbx):
    say_unlinked(pbx, "Newchannel", "1001", channelstate=DOWN)
    say_unlinked(pbx.after(0.01), "Newstate", "1001", channelstate="5")
    assert pbx.events == [], "somebody may dial it"

    pbx.take(pbx.after(0.2).tracker.settle(pbx.at))

    assert pbx.call("1001").origin == "click-to-call"
    assert [rang.at for rang in pbx.told(LegRang)] == [1000.01]


def test_without_a_linkedid_a_phone_that_refuses_at_once_has_rung(pbx):
    say_unlinked(pbx, "Newchannel", "1001", channelstate=DOWN)
    say_unlinked(pbx, "Newstate", "1001", channelstate="5")
    say_unlinked(pbx.after(0.01), "Hangup", "1001", cause="21")

    assert [ended.result for ended in pbx.told(LegEnded)] == ["declined"]


def say_unlinked(pbx: Script, name: str, channel: str, **fields: str) -> None:
    named = {**pbx._named(channel), "linkedid": ""}
    pbx.say(name, **named, **fields)


def test_what_begins_down_and_ends_so_was_asked_for(pbx):
    pbx.new("1001", DOWN)
    pbx.hangup("1001", 19)

    assert pbx.call("1001").origin == "click-to-call"
    assert not pbx.call("1001").live


# ---------------------------------------------------------------- who is who


@pytest.mark.parametrize(
    ("channel", "endpoint"),
    [
        ("PJSIP/1001-0000001a", "PJSIP/1001"),
        ("PJSIP/trunk-a-b-0000001a", "PJSIP/trunk-a-b"),  # a name with hyphens
        ("SIP/1001-0000001a", "SIP/1001"),  # the old driver
        ("DAHDI/i1/0501234567-1", "DAHDI/i1/0501234567"),
        ("PJSIP/1001", "PJSIP/1001"),  # OriginateResponse names the endpoint alone
    ],
)
def test_an_endpoint_is_a_channel_without_its_counter(channel, endpoint):
    assert endpoint_of(channel) == endpoint


@pytest.mark.parametrize(
    ("endpoint", "kind"),
    [
        ("PJSIP/1001", "agent"),  # by glob
        ("PJSIP/trunk1", "trunk"),
        ("PJSIP/trunk-reception", "agent"),  # named, though the trunks' glob has it too
        ("PJSIP/fax", "internal"),
        ("SIP/1001", "internal"),  # another technology is another phone
    ],
)
def test_an_exact_name_outranks_a_pattern(endpoint, kind):
    endpoints = Endpoints(["PJSIP/1*", " PJSIP/trunk-reception "], ["PJSIP/trunk*"])

    assert endpoints.kind(endpoint) == kind


# ---------------------------------------------------------------- ringing


def test_the_card_can_open_as_soon_as_the_phone_is_dialled(pbx):
    pbx.new("T", exten="0124041001", number="0501234567")
    pbx.dial("T", "1001")

    rang = pbx.told(LegRang)[-1]
    assert (rang.party, rang.endpoint, rang.how_in) == ("agent", "PJSIP/1001", "ring")
    assert pbx.call("T").customer_number == "0501234567"


@pytest.mark.parametrize(
    ("status", "cause", "result"),
    [
        ("NOANSWER", 0, "noanswer"),
        ("NOANSWER", 21, "declined"),  # 603
        ("NOANSWER", 17, "busy"),  # 486, from a queue
        ("NOANSWER", 1, "unreachable"),  # 404
        ("BUSY", 17, "busy"),
        ("CANCEL", 26, "cancelled"),
        ("CHANUNAVAIL", 20, "unreachable"),
        ("CONGESTION", 34, "unreachable"),
    ],
)
def test_the_hangup_cause_tells_no_answer_from_a_refusal(pbx, status, cause, result):
    pbx.new("T", exten="0124041001", number="0501234567")
    pbx.dial("T", "1001")
    pbx.after(2).dial_end("T", "1001", status)
    pbx.hangup("1001", cause)

    assert [event.result for event in pbx.told(LegEnded)] == [result]


@pytest.mark.parametrize(("gave_up", "result"), [(True, "cancelled"), (False, "noanswer")])
def test_a_ringing_whose_end_was_not_told_ran_out_unless_somebody_gave_up(pbx, gave_up, result):
    pbx.new("T", exten="0124041001", number="0501234567")
    pbx.dial("T", "1001")
    pbx.after(5)
    if gave_up:
        pbx.on("HangupRequest", "T", cause="127", techcause="487")
    pbx.hangup("1001", 0)

    assert [event.result for event in pbx.told(LegEnded)] == [result]


def test_a_phone_that_is_told_twice_to_ring_rings_once(pbx):
    pbx.new("T", exten="0124041001", number="0501234567")
    pbx.dial("T", "1001")
    pbx.dial("T", "1001")

    assert [event.party for event in pbx.told(LegRang)] == ["customer", "agent"]


def test_a_leg_that_was_told_twice_to_be_cancelled_ends_once(pbx):
    pbx.new("T", exten="0124041001", number="0501234567")
    pbx.dial("T", "1001")
    for _ in range(3):
        pbx.dial_end("T", "1001", "CANCEL")
    pbx.hangup("1001", 26)

    assert len(pbx.told(LegEnded)) == 1


def test_who_is_rung_after_a_blind_transfer_rings_because_of_it(pbx):
    pbx.call_in()
    pbx.say(
        "BlindTransfer", result="Success", extension="1002",
        transfererchannel="PJSIP/1001-1", transfereruniqueid=pbx.call("T").parties()[0].uniqueid,
    )  # fmt: skip
    pbx.leave("T", "b-T")
    pbx.leave("1001", "b-T")
    pbx.hangup("1001")
    pbx.after(1).dial("T", "1002")

    assert pbx.told(LegRang)[-1].how_in == "transfer"
    assert pbx.told(LegEnded)[-1].how_out == "transfer"
    assert pbx.call("T").transfers[0].to == "1002"


# ---------------------------------------------------------------- older and other lines


def test_an_analogue_line_tells_who_calls_after_its_first_ring(pbx):
    pbx.new("T", state="9", exten="s")
    assert pbx.call("T").customer_number is None

    pbx.on("NewCallerid", "T", calleridnum="0501234567", calleridname="Əli")
    pbx.on("Newstate", "T", channelstate=RING)
    pbx.dial("T", "1001")
    # What the dialplan makes of it later is not the caller's.
    pbx.on("NewCallerid", "T", calleridnum="0124041000", calleridname="Us")

    assert (pbx.call("T").customer_number, pbx.call("T").customer_name) == ("0501234567", "Əli")


def test_a_queue_gives_up_on_a_phone_behind_two_local_channels(pbx):
    pbx.new("T", exten="0124042000", number="0501234567")
    for near, far in (("T", "L1"), ("L1/2", "L2")):
        pbx.new(f"{far}/1", state=DOWN, of="T")
        pbx.new(f"{far}/2", of="T")
        pbx.say("LocalBridge", **pbx._named(f"{far}/1", "localone"),
                **pbx._named(f"{far}/2", "localtwo"))  # fmt: skip
        pbx.say("DialBegin", **pbx._named(near), **pbx._named(f"{far}/1", "dest"))
    pbx.dial("L2/2", "1001")
    pbx.after(8).dial_end("T", "L1/1", "NOANSWER")
    pbx.dial_end("L1/2", "L2/1", "CANCEL")
    pbx.dial_end("L2/2", "1001", "CANCEL")
    pbx.hangup("1001", 26)

    assert [event.result for event in pbx.told(LegEnded)] == ["noanswer"]


# ---------------------------------------------------------------- talk


def test_a_channel_that_changes_bridges_does_not_stop_talking(pbx):
    pbx.call_in()
    pbx.leave("1001", "b-T")
    pbx.after(0.02).enter("1001", "b-other")
    pbx.leave("T", "b-T")
    pbx.enter("T", "b-other")
    pbx.after(5).say("Newstate")

    assert len(pbx.told(TalkBegan)) == 1
    assert pbx.told(TalkEnded) == []


def test_talk_that_is_not_taken_up_again_ended_when_it_broke_off(pbx):
    pbx.call_in()
    pbx.after(3).leave("1001", "b-T")
    broke_off = pbx.at
    pbx.after(1).take(pbx.tracker.settle(pbx.at))

    assert [event.at for event in pbx.told(TalkEnded)] == [broke_off]


def test_talk_counts_though_the_message_that_the_phone_rang_was_lost(pbx):
    pbx.new("T", exten="0124041001", number="0501234567")
    pbx.new("1001", DOWN, of="T")
    pbx.enter("1001")
    pbx.enter("T")
    pbx.after(5).hangup("T")
    pbx.hangup("1001")

    assert [leg.endpoint for leg in pbx.call("T").talkers()] == ["PJSIP/1001"]
    assert pbx.call("T").talk_s == 5


@pytest.mark.parametrize("lot", [("parking", "simple_bridge"), ("base", "holding_bridge")])
def test_nobody_talks_in_a_car_park(pbx, lot):
    pbx.call_in()
    pbx.leave("T", "b-T")
    pbx.enter("T", "lot", *lot)
    pbx.leave("1001", "b-T")
    pbx.enter("1001", "lot", *lot)
    pbx.after(10).hangup("T")

    assert pbx.call("T").connected_s == 0
    assert len(pbx.told(TalkBegan)) == 1


def test_whoever_kept_the_customer_on_hold_is_relieved_by_who_takes_over(pbx):
    pbx.call_in()
    pbx.on("Hold", "1001")
    pbx.leave("1001", "b-T")
    pbx.enter("1001", "b-consult")
    pbx.dial("T", "1002")
    pbx.after(3).answer("T", "1002")
    pbx.enter("1002", "b-T")
    pbx.after(4).hangup("1001")
    pbx.hangup("T")

    held, taken = pbx.call("T").parties()
    assert (held.endpoint, held.hold_s, held.talk_s) == ("PJSIP/1001", 3, 0)
    assert (taken.endpoint, taken.talk_s) == ("PJSIP/1002", 4)


def test_talk_begins_when_the_last_of_two_enters_whoever_is_told_first(pbx):
    pbx.new("T", exten="0124041001", number="0501234567")
    pbx.dial("T", "1001")
    pbx.after(2).enter("T")
    entered_last = pbx.at
    pbx.after(-0.05).enter("1001")

    assert [event.at for event in pbx.told(TalkBegan)] == [entered_last]


def test_a_caller_held_by_both_sides_of_a_conference_is_on_hold_only_while_all_hold(pbx):
    pbx.call_in()
    pbx.dial("T", "1002")
    pbx.answer("T", "1002")
    pbx.enter("1002", "b-T")
    pbx.after(1).on("Hold", "1001")
    pbx.after(2).on("Hold", "1002")
    pbx.after(4).on("Unhold", "1001")
    pbx.after(1).hangup("T")

    assert pbx.call("T").hold_s == pytest.approx(4)
    assert pbx.call("T").talk_s == pytest.approx(4)


def test_an_unhold_without_a_hold_changes_nothing(pbx):
    pbx.call_in()
    before = len(pbx.events)
    pbx.on("Unhold", "1001")

    assert len(pbx.events) == before


def test_a_caller_who_holds_is_not_on_hold(pbx):
    pbx.call_in()
    pbx.after(1).on("Hold", "T")
    pbx.after(5).hangup("T")

    assert pbx.call("T").hold_s == 0


def test_a_hold_that_ends_with_the_call_counts_to_its_end(pbx):
    pbx.call_in()
    pbx.after(1).on("Hold", "1001")
    pbx.after(3).hangup("1001")
    pbx.hangup("T")

    assert pbx.call("T").hold_s == pytest.approx(3)


def test_an_announcer_in_a_conference_is_nobody_to_talk_with(pbx):
    pbx.new("T", exten="8000", number="0501234567")
    pbx.enter("T", "c1", "base")
    pbx.say(
        "BridgeEnter", channel="CBAnn/8000-00000001;1", uniqueid="a.1", linkedid="a.1",
        bridgeuniqueid="c1", bridgetype="base",
    )  # fmt: skip

    assert pbx.told(TalkBegan) == []


def test_two_customers_in_one_conference_stay_two_calls_with_one_agent(pbx):
    pbx.call_in("T", "1001")
    pbx.call_in("T2", "1002", number="0559998877")
    for channel, bridge in (("T", "b-T"), ("1001", "b-T"), ("T2", "b-T2"), ("1002", "b-T2")):
        pbx.leave(channel, bridge)
        pbx.enter(channel, "c1", "base")
    pbx.after(4).hangup("T")
    pbx.hangup("T2")

    first, second = pbx.call("T"), pbx.call("T2")
    assert {leg.endpoint for leg in first.talkers()} == {"PJSIP/1001", "PJSIP/1002"}
    assert {leg.endpoint for leg in second.talkers()} == {"PJSIP/1001", "PJSIP/1002"}
    assert first.folded == second.folded == []


# ---------------------------------------------------------------- calls out


def dial_out(pbx: Script, exten: str = "0557654321", dialstring: str = "trunk/x") -> None:
    pbx.new("1001", exten=exten, number="1001")
    pbx.dial("1001", "T", exten, dialstring)


@pytest.mark.parametrize(
    ("status", "cause", "result"),
    [
        ("BUSY", 17, "busy"),
        ("NOANSWER", 0, "no-answer"),
        ("NOANSWER", 21, "busy"),  # 603: the customer pressed reject
        ("NOANSWER", 1, "failed"),  # 404: there is no such number
        ("CONGESTION", 34, "failed"),
        ("CANCEL", 127, "cancelled"),
    ],
)
def test_the_customers_leg_tells_why_a_call_out_failed(pbx, status, cause, result):
    dial_out(pbx)
    pbx.after(3).dial_end("1001", "T", status)
    pbx.hangup("T", cause)
    # The cause the dialplan gives to the agent's phone is another one.
    pbx.hangup("1001", 34)

    assert pbx.call("1001").result == result


def test_a_second_trunk_is_a_second_try_to_reach_the_same_customer(pbx):
    dial_out(pbx)
    pbx.dial_end("1001", "T", "CONGESTION")
    pbx.hangup("T", 34)
    pbx.dial("1001", "T2", "0557654321")
    pbx.after(3).talk("1001", "T2")
    pbx.after(5).hangup("T2")
    pbx.hangup("1001")

    call = pbx.call("1001")
    assert call.result == "answered"
    assert [leg.party for leg in call.legs.values()] == ["agent", "customer", "customer"]
    assert len(pbx.told(CallEnded)) == 1


@pytest.mark.parametrize(
    "dialstring", ["trunk/sip:0557654321@10.0.0.1:5060", "0557654321@trunk", "g1/0557654321"]
)
def test_behind_a_macro_the_number_is_in_the_dial_string(pbx, dialstring):
    pbx.new("1001", exten="90557654321", number="1001")
    pbx.dial("1001", "T", "s", dialstring)

    assert pbx.call("1001").customer_number == "0557654321"


def test_a_fax_that_dials_out_is_no_customers_call(pbx):
    pbx.new("fax", exten="0557654321")
    pbx.dial("fax", "T", "0557654321")

    assert pbx.call("fax").direction == "internal"


def test_a_phone_that_dials_a_service_code_makes_no_customers_call(pbx):
    pbx.new("1001", exten="*45", number="1001")
    pbx.on("Newstate", "1001", channelstate=UP)
    pbx.after(1).hangup("1001")

    assert pbx.call("1001").direction == "internal"
    assert pbx.call("1001").done


# ---------------------------------------------------------------- click-to-call


def originate(pbx: Script, uid: str, name: str, **fields: str) -> None:
    pbx.say(name, uniqueid=uid, **{"linkedid": uid, "channel": "PJSIP/1001-1", **fields})


def test_a_declined_click_to_call_failed_and_says_so(pbx):
    originate(pbx, "ours", "Newchannel", channelstate=DOWN, exten="s", calleridnum="1001")
    pbx.say(
        "DialBegin", destuniqueid="ours", destlinkedid="ours", destchannel="PJSIP/1001-1",
        destcalleridnum="0557654321",
    )  # fmt: skip
    pbx.after(2)
    originate(pbx, "ours", "HangupRequest", cause="21", techcause="603")
    pbx.say(
        "DialEnd", destuniqueid="ours", destlinkedid="ours", destchannel="PJSIP/1001-1",
        dialstatus="NOANSWER",
    )  # fmt: skip
    originate(pbx, "ours", "Hangup", cause="21")
    originate(pbx, "ours", "OriginateResponse", response="Failure", reason="0", exten="0557654321")

    (call,) = pbx.calls
    assert (call.direction, call.origin, call.called) == (
        "outbound", "click-to-call", "0557654321",
    )  # fmt: skip
    assert (call.result, call.ended_by) == ("failed", "system")
    assert [leg.result for leg in call.parties()] == ["declined"]
    assert [event.channel_id for event in pbx.told(RequestFailed)] == ["ours"]


def test_an_older_asterisk_rings_the_agent_first_without_saying_so(pbx):
    originate(pbx, "ours", "Newchannel", channelstate=DOWN, exten="s", calleridnum="1001")
    originate(pbx, "ours", "Newstate", channelstate="5")
    pbx.after(2)
    originate(pbx, "ours", "Newstate", channelstate=UP)

    (leg,) = next(iter(pbx.calls)).parties()
    assert (leg.rang, leg.answer_at) == (True, pbx.at)


def test_a_phone_that_rings_before_we_hear_it_dialled_still_tells_whom_we_call(pbx):
    originate(pbx, "ours", "Newchannel", channelstate=DOWN, exten="s", calleridnum="1001")
    originate(pbx, "ours", "Newstate", channelstate="5", calleridnum="0557654321")
    pbx.say(
        "DialBegin", destuniqueid="ours", destlinkedid="ours", destchannel="PJSIP/1001-1",
        destcalleridnum="0557654321",
    )  # fmt: skip

    (call,) = pbx.calls
    assert (call.direction, call.called) == ("outbound", "0557654321")


def test_somebody_elses_failed_originate_is_not_ours_to_record(pbx):
    originate(
        pbx, "1795318242.7", "OriginateResponse", response="Failure", reason="0", exten="8001"
    )

    assert pbx.events == []


def test_the_answer_to_a_request_we_never_saw_ring_makes_no_record(pbx):
    originate(pbx, "ours", "OriginateResponse", response="Failure", reason="3", exten="0557654321")

    assert [type(event) for event in pbx.events] == [RequestFailed]


# ---------------------------------------------------------------- who ended it


@pytest.mark.parametrize(
    ("state", "techcause"),
    [(BUSY, ""), (RING, "486"), (BUSY, "486")],  # the old driver gives no cause in its own words
)
def test_the_pbxs_own_busy_signal_is_nobodys_hangup(pbx, state, techcause):
    pbx.new("T", exten="0124041001", number="0501234567")
    pbx.dial("T", "1001")
    pbx.dial_end("T", "1001", "BUSY")
    pbx.hangup("1001", 17)
    pbx.on("Newstate", "T", channelstate=state)
    pbx.on("HangupRequest", "T", cause="17", techcause=techcause)
    pbx.hangup("T", 17)

    assert (pbx.call("T").result, pbx.call("T").ended_by) == ("busy", "system")


def test_of_two_who_hang_up_at_once_the_first_ends_the_call(pbx):
    pbx.call_in()
    pbx.after(1).on("Newstate", "T", channelstate=UP)
    pbx.on("HangupRequest", "1001", cause="16")
    pbx.on("HangupRequest", "T", cause="16")
    pbx.hangup("T")

    assert pbx.call("T").ended_by == "agent"


def test_a_cause_that_comes_after_the_end_corrects_it(pbx):
    pbx.call_in()
    pbx.on("Newstate", "1001", channelstate=UP)
    pbx.after(3).hangup("T")
    pbx.on("HangupRequest", "1001", cause="16")
    pbx.hangup("1001")

    assert pbx.call("T").ended_by == "agent"


# ---------------------------------------------------------------- growing together


def test_a_consultation_folds_into_the_customers_call_by_linkedid(pbx):
    pbx.call_in()
    pbx.after(1).new("1001/b", exten="1002", number="1001")
    pbx.dial("1001/b", "1002")
    pbx.after(1).talk("1001/b", "1002", "b2")
    pbx.after(3).leave("1002", "b2")
    pbx.leave("1001", "b-T")
    pbx.relink("1002", "T")
    pbx.enter("1002", "b-T")
    pbx.hangup("1001/b")
    pbx.hangup("1001")
    pbx.after(4).hangup("T")
    pbx.hangup("1002")

    call = pbx.call("T")
    colleague = call.last_talker
    assert [event.other for event in pbx.told(CallFolded)] == [call.folded[0]]
    assert colleague is not None
    assert (colleague.endpoint, colleague.consult_s, colleague.talk_s) == ("PJSIP/1002", 3, 4)
    assert call.connected_s == pytest.approx(9)


def test_the_outside_number_an_agent_asked_becomes_external_when_handed_the_customer(pbx):
    pbx.call_in()
    pbx.on("Hold", "1001")
    pbx.new("1001/b", exten="0559990000", number="1001")
    pbx.dial("1001/b", "T2", "0559990000")
    pbx.after(1).talk("1001/b", "T2", "b2")
    pbx.after(2).leave("T2", "b2")
    pbx.on("Unhold", "1001")
    pbx.leave("1001", "b-T")
    pbx.relink("T2", "T")
    pbx.enter("T2", "b-T")
    pbx.hangup("1001/b")
    pbx.hangup("1001")
    pbx.after(4).hangup("T2")
    pbx.hangup("T")

    call = pbx.call("T")
    assert call.customer_number == "0501234567"
    outside = call.last_talker
    assert outside is not None
    assert (outside.party, outside.number, outside.talk_s) == ("external", "0559990000", 4)
    assert [leg.party for leg in call.talkers()] == ["agent", "external"]
    assert len(pbx.told(CallEnded)) == 1


def test_the_customers_call_lives_on_though_the_other_is_older(pbx):
    pbx.new("1001", exten="8000", number="1001")
    pbx.enter("1001", "room", "base")
    pbx.after(5).new("T", exten="0124044000", number="0501234567")
    pbx.enter("T", "room", "base")
    pbx.after(5).hangup("T")

    (folded,) = pbx.told(CallFolded)
    assert folded.call == pbx.call("T").id
    assert [leg.endpoint for leg in pbx.call("T").talkers()] == ["PJSIP/1001"]


def test_nothing_is_made_of_a_call_half_of_which_was_never_seen(pbx):
    pbx.enter("T")
    pbx.after(1).new("1001", exten="*8", number="1001")
    pbx.enter("1001")
    pbx.after(5).hangup("T")
    pbx.hangup("1001")

    (call,) = pbx.calls
    assert (call.direction, call.done) == ("internal", True)


def test_a_call_whose_beginning_was_not_seen_is_left_alone(pbx):
    pbx.say(
        "DialBegin", channel="PJSIP/trunk-1", uniqueid="t.1", linkedid="t.1",
        destchannel="PJSIP/1001-2", destuniqueid="t.2", destlinkedid="t.1",
    )  # fmt: skip
    pbx.say("Hangup", uniqueid="t.2", cause="16")
    pbx.say("Hangup", uniqueid="t.1", cause="16")

    assert pbx.events == []
    assert not pbx.tracker.channels()


def test_a_beginning_that_is_told_late_still_counts(pbx):
    pbx.say("Newchannel", channel="PJSIP/1001-2", uniqueid="9.2", linkedid="9.1", channelstate=DOWN)
    pbx.say(
        "DialBegin", channel="PJSIP/trunk-1", uniqueid="9.1", linkedid="9.1",
        destchannel="PJSIP/1001-2", destuniqueid="9.2", destlinkedid="9.1",
    )  # fmt: skip
    assert pbx.events == []
    pbx.say(
        "Newchannel", channel="PJSIP/trunk-1", uniqueid="9.1", linkedid="9.1", channelstate=RING,
        exten="0124041001", calleridnum="0501234567",
    )  # fmt: skip

    assert isinstance(pbx.events[0], CallBegan)
    assert [event.party for event in pbx.told(LegRang)] == ["customer", "agent"]


def test_what_has_ended_is_forgotten_and_not_opened_again(pbx):
    pbx.call_in()
    pbx.hangup("1001")
    pbx.hangup("T")
    told = len(pbx.events)
    pbx.on("Newstate", "T", channelstate=UP)
    pbx.enter("1001", "b9")
    pbx.enter("T", "b9")

    assert len(pbx.events) == told
    assert not pbx.tracker.channels()


# ---------------------------------------------------------------- a lost line


def test_channels_a_snapshot_does_not_list_end_without_a_guess_at_who_hung_up(pbx):
    pbx.call_in()
    pbx.after(60).take(pbx.tracker.lost(list(pbx.tracker.channels()), pbx.at))

    ended = pbx.told(CallEnded)[0]
    assert (ended.inferred, ended.ended_by, ended.cause) == (True, None, None)
    assert {event.how_out for event in pbx.told(LegEnded)} == {"lost"}
    assert pbx.call("T").done


# ---------------------------------------------------------------- queues


def queued(pbx: Script, queue: str = "support") -> None:
    pbx.new("T", exten="0124042000", number="0501234567")
    pbx.on("Newstate", "T", channelstate=UP)
    pbx.on("QueueCallerJoin", "T", queue=queue, position="1")


@pytest.mark.parametrize(("asked", "ended"), [(True, "abandoned"), (False, "timeout")])
def test_a_queue_that_gives_up_is_told_from_a_caller_who_does(pbx, asked, ended):
    queued(pbx)
    pbx.after(5)
    if asked:
        pbx.on("HangupRequest", "T", cause="16")
    pbx.on("QueueCallerAbandon", "T", queue="support")
    pbx.on("QueueCallerLeave", "T", queue="support")

    assert [event.ended for event in pbx.told(QueueLeft)] == [ended]
    assert pbx.call("T").queue_wait_s == 5


def test_a_phone_rung_by_a_queue_belongs_to_the_visit(pbx):
    queued(pbx)
    pbx.on("QueueCallerAbandon", "T", queue="support")
    pbx.on("QueueCallerLeave", "T", queue="support")
    pbx.on("QueueCallerJoin", "T", queue="overflow", position="3")
    pbx.dial("T", "1001")

    assert pbx.told(LegRang)[-1].visit == 1
    assert [visit.queue for visit in pbx.call("T").visits] == ["support", "overflow"]


def test_members_and_devices_are_told_when_they_change_only(pbx):
    member = {
        "queue": "support", "interface": "Local/1001@q/n", "stateinterface": "PJSIP/1001",
        "membername": "Aygün", "status": "1", "paused": "0",
    }  # fmt: skip
    for _ in range(2):
        pbx.say("QueueMemberStatus", **member)
        pbx.say("DeviceStateChange", device="PJSIP/1001", state="NOT_INUSE")
    pbx.say("QueueMemberPause", **{**member, "paused": "1", "pausedreason": "lunch"})
    pbx.say("QueueMemberRemoved", **member)
    pbx.say("QueueMemberRemoved", **member)

    assert [type(event) for event in pbx.events] == [
        MemberChanged, DeviceChanged, MemberChanged, MemberRemoved,
    ]  # fmt: skip
    changed = pbx.told(MemberChanged)[1]
    assert (changed.device, changed.paused, changed.reason) == ("PJSIP/1001", True, "lunch")


# ---------------------------------------------------------------- nonsense


@pytest.mark.parametrize("name", ["Newchannel", "DialBegin", "BridgeEnter", "QueueCallerLeave",
                                  "AttendedTransfer", "OriginateResponse", "DeviceStateChange"])  # fmt: skip
def test_a_message_without_its_fields_is_passed_over(name):
    tracker = Tracker(1, Endpoints([], []))

    assert tracker.feed(Message(name, {"event": name}, None, None), 1.0) == []


def test_a_cause_that_is_no_number_costs_nothing(pbx):
    pbx.new("T", exten="0124041001", number="0501234567")
    pbx.on("Hangup", "T", cause="9" * 5000)

    assert pbx.call("T").live is False

"""Events in, one record out."""

import pytest

from callcenter.calls.call import Call
from callcenter.calls.open_calls import OpenCalls
from callcenter.calls.truth import to_truth
from callcenter.events import (
    CallAliased,
    CallBegan,
    CallDescribed,
    CallEnded,
    CallFolded,
    DeviceChanged,
    HoldBegan,
    HoldEnded,
    LegAnswered,
    LegEnded,
    LegRang,
    QueueJoined,
    QueueLeft,
    TalkBegan,
    TalkEnded,
)


class Story:
    """Tells events of calls, one after another, to one `OpenCalls`."""

    def __init__(self) -> None:
        self.calls = OpenCalls()

    def tell(self, kind, at: float, call: str = "c1", **facts) -> Call | None:
        return self.calls.apply(kind(pbx=1, at=at, call=call, **facts))

    def came_in(self, **facts) -> Call:
        call = self.tell(
            CallBegan, 100, direction="inbound", origin="trunk",
            **{"caller": "0501234567", "did": "0124041001", **facts},
        )  # fmt: skip
        self.tell(LegRang, 100, leg="T", party="customer", endpoint="PJSIP/trunk", how_in="dial")
        assert call is not None
        return call

    def rang(self, at: float, leg: str, party: str = "agent", call: str = "c1", **facts) -> None:
        self.tell(
            LegRang, at, call, leg=leg, party=party,
            **{"endpoint": f"PJSIP/{leg.partition('#')[0]}", "how_in": "ring", **facts},
        )  # fmt: skip

    def talked(self, leg: str, begin: float, end: float, call: str = "c1", **facts) -> None:
        self.tell(TalkBegan, begin, call, leg=leg, **facts)
        self.tell(TalkEnded, end, call, leg=leg, **facts)


@pytest.fixture
def story() -> Story:
    return Story()


def test_every_event_raises_the_revision(story):
    call = story.came_in()
    before = call.revision
    story.tell(CallDescribed, 101, caller_name="Aygün")

    assert call.revision == before + 1
    assert (call.caller_name, call.did) == ("Aygün", "0124041001")


def test_what_is_told_of_no_known_call_changes_nothing(story):
    assert story.tell(CallEnded, 100, "stranger") is None
    assert story.calls.apply(DeviceChanged(pbx=1, at=1, device="PJSIP/1001", state="INUSE")) is None
    assert len(story.calls) == 0


def test_the_same_uniqueid_on_two_pbxs_is_two_calls(story):
    story.came_in()
    story.calls.apply(CallBegan(pbx=2, at=100, call="c1", origin="trunk", direction="inbound"))

    assert len(story.calls) == 2


def test_a_call_is_done_when_it_has_ended_for_everybody(story):
    call = story.came_in()
    story.rang(101, "1001")
    story.tell(LegEnded, 105, leg="T", result="unanswered")
    story.tell(CallEnded, 105, ended_by="customer")
    assert (call.live, call.done) == (False, False)

    story.tell(LegEnded, 105, leg="1001", result="cancelled")
    assert call.done


# ---------------------------------------------------------------- figures


def test_talk_is_counted_without_hold_and_hold_apart(story):
    call = story.came_in()
    story.rang(101, "1001")
    story.tell(TalkBegan, 103, leg="1001")
    story.tell(HoldBegan, 105, leg="1001")
    story.tell(HoldEnded, 109, leg="1001")
    story.tell(TalkEnded, 113, leg="1001")

    assert (call.wait_s, call.talk_s, call.hold_s, call.connected_s) == (3, 6, 4, 10)
    leg = call.legs["1001"]
    assert (leg.talk_s, leg.hold_s) == (6, 4)


def test_the_first_answer_counts(story):
    call = story.came_in()
    story.rang(101, "1001")
    story.tell(LegAnswered, 103, leg="1001")
    story.tell(LegAnswered, 108, leg="1001")

    assert call.legs["1001"].answer_at == 103


def test_two_who_talk_at_once_are_one_talk_of_the_customer(story):
    call = story.came_in()
    for leg in ("1001", "1002"):
        story.rang(101, leg)
    story.talked("1001", 102, 110)
    story.talked("1002", 106, 112)

    assert call.talk_s == 10
    assert (call.legs["1001"].talk_s, call.legs["1002"].talk_s) == (8, 6)


def test_talk_in_progress_counts_up_to_the_latest_event(story):
    call = story.came_in()
    story.rang(101, "1001")
    story.tell(TalkBegan, 102, leg="1001")
    story.tell(CallDescribed, 107, crm_ref="x")

    assert call.talk_s == 5
    assert call.result == "answered"


def test_the_wait_of_a_call_out_is_the_ringing_of_the_customers_phone(story):
    call = story.tell(CallBegan, 100, direction="outbound", origin="click-to-call", called="055")
    story.rang(100, "1001")
    story.rang(104, "T", "customer", number="055")
    story.tell(LegAnswered, 109, leg="T")

    assert call is not None
    assert call.wait_s == 5


def test_the_wait_for_voicemail_ends_when_nobody_rings_any_more(story):
    call = story.came_in()
    story.rang(101, "1001")
    story.tell(LegEnded, 106, leg="1001", result="noanswer")
    story.tell(CallDescribed, 130, voicemail=True)
    story.tell(CallEnded, 130, ended_by="customer")

    assert (call.result, call.wait_s) == ("voicemail", 6)


def test_the_wait_in_the_queue_is_that_of_the_last_queue(story):
    call = story.came_in()
    story.tell(QueueJoined, 101, visit=0, queue="support", position=2)
    story.tell(QueueLeft, 109, visit=0, ended="timeout")
    story.tell(QueueJoined, 109, visit=1, queue="overflow")
    story.tell(QueueLeft, 112, visit=1, ended="answered")

    assert call.queue_wait_s == 3
    assert [(visit.queue, visit.ended) for visit in call.visits] == [
        ("support", "timeout"), ("overflow", "answered"),
    ]  # fmt: skip


# ---------------------------------------------------------------- disposition


@pytest.mark.parametrize(
    ("legs", "ended_by", "result"),
    [
        ([], "customer", "abandoned"),
        ([], "system", "failed"),  # a number that is not in service
        (["cancelled"], "customer", "abandoned"),
        (["busy"], "customer", "abandoned"),  # busy first, then waited for something else
        (["busy"], "system", "busy"),
        (["busy", "noanswer"], "system", "no-answer"),
        (["declined"], "system", "no-answer"),
        (["cancelled"], None, "abandoned"),  # lost sight of while it rang
    ],
)
def test_why_a_call_in_was_not_answered(story, legs, ended_by, result):
    call = story.came_in()
    for number, outcome in enumerate(legs):
        story.rang(101 + number, f"100{number}")
        story.tell(LegEnded, 105, leg=f"100{number}", result=outcome)
    assert call.result is None

    story.tell(CallEnded, 110, ended_by=ended_by)
    assert call.result == result


def test_a_call_out_failed_for_the_reason_told(story):
    call = story.tell(CallBegan, 100, direction="outbound", origin="phone", called="055")
    story.tell(CallEnded, 107, ended_by="system", failure="no-answer")

    assert call is not None
    assert call.result == "no-answer"


# ---------------------------------------------------------------- who


def test_who_talked_is_told_in_order_and_who_stayed_last_wherever_he_sits(story):
    call = story.came_in()
    story.rang(101, "1001")
    story.rang(110, "1002")
    story.rang(120, "trunk#2", "external", number="0559990000")
    story.talked("1001", 102, 109)
    story.talked("1002", 111, 119)
    story.talked("trunk#2", 121, 130)

    assert [leg.uniqueid for leg in call.talkers()] == ["1001", "1002", "trunk#2"]
    assert call.last_talker is call.legs["trunk#2"]


def test_a_withheld_number_is_no_number_but_stays_as_it_was_written(story):
    call = story.came_in(caller="anonymous", caller_name="Anonymous")

    assert call.withheld
    assert (call.customer_number, call.customer_name) == ("anonymous", None)
    assert to_truth(call, "AZ")["customer_e164"] is None


# ---------------------------------------------------------------- folding


def consulted(story: Story) -> Call:
    call = story.came_in()
    story.tell(QueueJoined, 100, visit=0, queue="support")
    story.rang(101, "1001", visit=0)
    story.talked("1001", 102, 110)
    story.tell(CallBegan, 104, "c2", direction="outbound", origin="phone", called="055")
    story.rang(104, "1001#2", call="c2", how_in="dial")
    story.rang(104, "T#2", "customer", "c2", number="055")
    story.tell(QueueJoined, 104, "c2", visit=0, queue="abroad")
    story.rang(105, "1003", call="c2", visit=0)
    story.talked("1001#2", 106, 109, "c2")
    story.tell(CallAliased, 106, "c2", alias="x")
    story.tell(CallFolded, 110, other="c2")
    return call


def test_a_folded_calls_talk_was_a_consultation_seen_from_here(story):
    call = consulted(story)

    assert call.legs["T#2"].party == "external"
    assert (call.legs["1001#2"].talk_s, call.legs["1001#2"].consult_s) == (0, 3)
    assert call.talk_s == 8


def test_a_folded_call_brings_its_queues_and_names_along(story):
    call = consulted(story)

    assert [visit.queue for visit in call.visits] == ["support", "abroad"]
    assert (call.legs["1001"].visit, call.legs["1003"].visit) == (0, 1)
    assert call.folded == ["c2"]
    assert set(call.aliases) >= {"c2", "x"}


def test_a_folded_call_says_where_it_went_and_is_no_longer_live(story):
    consulted(story)
    other = story.calls.get(1, "c2")

    assert other is not None
    assert (other.folded_into, other.live) == ("c1", False)


def test_folding_twice_is_folding_once(story):
    call = consulted(story)
    story.tell(CallFolded, 111, other="c2")

    assert call.folded == ["c2"]
    assert len(call.visits) == 2


# ---------------------------------------------------------------- printing


def test_a_call_is_printed_in_the_words_of_the_truth_files(story):
    call = story.came_in()
    story.rang(101, "1001")
    story.rang(101, "1002")
    story.tell(LegAnswered, 103, leg="1002")
    story.tell(LegEnded, 103, leg="1001", result="cancelled")
    story.talked("1002", 103, 110)
    told = to_truth(call, "AZ")

    assert told["incomplete"] is True
    assert told["customer_e164"] == "+994501234567"
    assert told["rang"] == ["1001", "1002"]
    assert (told["first_answered_by"], told["agents_talked"]) == ("1002", ["1002"])
    assert told["legs"][0] == {
        "agent": "1001", "ring_s": 2, "result": "cancelled", "talk_s": None,
    }  # fmt: skip
    assert (told["wait_s"], told["talk_s"]) == (3, 7)


def test_without_a_clock_no_duration_is_printed(story):
    told = to_truth(story.came_in(), "AZ", timed=False)

    assert [told[name] for name in ("wait_s", "talk_s", "hold_s", "t_start")] == [None] * 4

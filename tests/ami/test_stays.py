"""How a stay in a queue ended, where the channel that waits is not the customer's own; and who refuses."""

import pytest

from callcenter.ami.messages import Message
from callcenter.ami.tracker import Tracker
from callcenter.ami.tracker.legs import dialled_number
from callcenter.events import CallEnded, LegEnded
from tests import recordings


def stays(name: str) -> list[tuple[str, str | None, int]]:
    (call,) = recordings.replayed(recordings.messages(name)).interactions()
    return [
        (stay.queue, stay.ended, round((stay.left_at or 0.0) - stay.joined_at))
        for stay in call.visits
    ]


def test_who_gives_up_behind_a_local_channel_has_abandoned_the_queue() -> None:
    assert stays("own/local_blind_abandoned") == [
        ("sales", "answered", 2), ("billing", "abandoned", 3)
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["own/att_to_waiting_queue", "own/att_to_waiting_queue_sip16"])
def test_who_is_handed_over_into_a_queue_waits_there_until_somebody_answers(name: str) -> None:
    assert stays(name) == [("billing", "answered", 5)]


def test_the_extension_of_a_failed_request_is_no_call() -> None:
    # Asterisk runs `failed` on a channel of its own, if the dialplan has it.
    told = recordings.replayed(recordings.messages("own/dialler_no_answer_sip16")).calls

    assert [call.direction for call in told] == ["outbound"]


@pytest.mark.parametrize(
    ("string", "number"),
    [
        ("trunk/0501234567", "0501234567"),  # chan_sip
        ("trunk/0501234567/10.0.0.1!!0124041000", "0501234567"),  # to a host, as a caller
        ("0501234567@trunk", "0501234567"),  # chan_pjsip
        ("trunk/sip:+994501234567@10.0.0.1:5060", "+994501234567"),
        ("g1/0501234567", "0501234567"),  # chan_dahdi
        ("user:secret@peer/0501234567@context", "0501234567"),  # chan_iax2
        ("reception", None),
    ],
)
def test_a_dial_string_tells_the_number(string: str, number: str | None) -> None:
    begun = Message("DialBegin", {"dialstring": string}, None, None)

    assert dialled_number(None, begun) == number


def test_an_agent_who_declines_a_click_to_call_has_hung_up_nobody() -> None:
    # Asterisk 16 says no TechCause, by which later ones tell that it was an answer to the ringing.
    phone = {"channel": "PJSIP/1001-00000000", "uniqueid": "click-1", "linkedid": "click-1"}
    rung = {f"dest{key}": value for key, value in phone.items()}
    tracker = Tracker(1, recordings.ENDPOINTS)
    told = [
        event
        for name, fields in (
            ("Newchannel", {**phone, "channelstate": "0", "exten": "s"}),
            ("DialBegin", {**rung, "dialstring": "1001"}),
            ("Newstate", {**phone, "channelstate": "5"}),
            ("HangupRequest", {**phone, "cause": "21"}),
            ("DialEnd", {**rung, "dialstatus": "NOANSWER"}),
            ("Hangup", {**phone, "cause": "21"}),
        )
        for event in tracker.feed(Message(name, fields, None, None), 1.0)
    ]

    (leg,) = [event for event in told if isinstance(event, LegEnded)]
    (call,) = [event for event in told if isinstance(event, CallEnded)]
    assert (leg.result, call.ended_by, call.failure) == ("declined", "system", "failed")

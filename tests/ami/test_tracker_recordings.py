"""Every recording of a real Asterisk gives the record of what really happened."""

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from callcenter.ami.recording import read, shuffled
from callcenter.ami.tracker import Tracker
from callcenter.calls.open_calls import OpenCalls
from callcenter.calls.truth import to_truth
from callcenter.events import (
    CallBegan,
    CallEnded,
    CallEvent,
    CallFolded,
    Event,
    LegEnded,
    LegEvent,
    LegRang,
    TalkBegan,
    TalkEnded,
)
from tests import recordings

by_recording = pytest.mark.parametrize("name", recordings.TOLD)


@by_recording
def test_a_recording_is_told_as_it_happened(name):
    told = recordings.records(recordings.messages(name))

    assert recordings.strictly_wrong(name, told) == []


@by_recording
def test_the_small_print_of_a_recording_is_right_too(name):
    told = recordings.records(recordings.messages(name))

    assert recordings.otherwise_wrong(name, told) == []


@by_recording
def test_no_call_is_left_open(name):
    assert not [
        call.id
        for call in recordings.replayed(recordings.messages(name)).calls
        if call.live and call.folded_into is None
    ]


@by_recording
def test_replaying_twice_tells_the_same_twice(name):
    first, second = (_events(recordings.messages(name)) for _ in range(2))

    assert msgspec.json.encode(first) == msgspec.json.encode(second)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(name=st.sampled_from(recordings.TOLD), seed=st.integers(0, 1 << 32))
def test_the_order_of_different_channels_does_not_matter(name, seed):
    jumbled = [
        one for path in recordings.files(name) for one in shuffled(read(path), seed)
    ]  # fmt: skip

    assert recordings.strictly_wrong(name, recordings.records(jumbled)) == []


@by_recording
def test_a_connection_made_in_mid_call_tells_whole_calls_or_nothing(name):
    # No snapshot, which would list calls whose beginning is not in the stream.
    messages = [one for one in recordings.messages(name) if one.snapshot is None]
    whole = {call.id: call for call in recordings.replayed(messages).interactions()}
    # A consultation with somebody outside, of a call that was not seen, is a call like any other.
    parts = {part for call in whole.values() for part in call.folded}

    for cut in range(len(messages)):
        _assert_lawful(_events(messages[cut:]))
        begun = recordings.begun(messages[cut:])
        for call in recordings.replayed(messages[cut:]).interactions():
            # What began as a call of its own, unseen, is missing in the call it became part of, and
            # so is another caller who was joined with this one.
            if call.id in parts:
                continue
            joined = whole.keys() & whole[call.id].legs
            if begun.issuperset({*whole[call.id].folded, *joined}):
                told, real = to_truth(call, "AZ"), to_truth(whole[call.id], "AZ")
                assert told == real, f"without the first {cut} messages"


@settings(max_examples=60, deadline=None)
@given(name=st.sampled_from(recordings.TOLD), size=st.integers(1, 4096))
def test_bytes_may_come_in_pieces_of_any_size(name, size):
    pieces = [
        one.message.fields for path in recordings.files(name) for one in read(path, split=size)
    ]

    assert pieces == [one.message.fields for one in recordings.messages(name)]


@settings(max_examples=150, deadline=None)
@given(name=st.sampled_from(recordings.TOLD), data=st.data())
def test_lost_and_repeated_messages_break_no_rule(name, data):
    """What is repeated comes after it was told first: one line keeps its order."""
    messages = list(recordings.messages(name))
    for _ in range(data.draw(st.integers(1, 12))):
        index = data.draw(st.integers(0, len(messages) - 1))
        if data.draw(st.booleans()):
            messages.insert(data.draw(st.integers(index + 1, len(messages))), messages[index])
        elif len(messages) > 1:
            del messages[index]

    _assert_lawful(_events(messages))


@by_recording
def test_the_events_of_a_recording_obey_the_rules(name):
    events = _events(recordings.messages(name))

    _assert_lawful(events)
    assert not _open_talk(events)


def _events(messages) -> list[Event]:
    tracker = Tracker(7, recordings.ENDPOINTS)
    return [event for one in messages for event in tracker.feed(one.message, one.at or 0.0)]


def _assert_lawful(events: list[Event]) -> None:
    """A call begins once and first, ends once; a leg rings before all else, ends once."""
    calls = OpenCalls()
    rang: set[str] = set()
    ended: set[object] = set()
    # In a conference, and joined with another caller, one leg is in several calls.
    talking: set[tuple[str, str, bool]] = set()
    for event in events:
        if not isinstance(event, CallEvent):
            continue
        if isinstance(event, CallBegan):
            assert calls.get(event.pbx, event.call) is None, f"begins twice: {event}"
        assert calls.apply(event) is not None, f"before its call began: {event}"
        if isinstance(event, LegRang):
            rang.add(event.leg)
        elif isinstance(event, LegEvent):
            assert event.leg in rang, f"before it rang: {event}"
        if isinstance(event, CallEnded | LegEnded):
            what = (event.call, getattr(event, "leg", None))
            assert what not in ended, f"ends twice: {event}"
            ended.add(what)
        if isinstance(event, CallFolded):
            # With whom the other call was is a colleague now, to the customer's call.
            talking = {
                (event.call, leg, True) if call == event.other else (call, leg, consult)
                for call, leg, consult in talking
            }
        if isinstance(event, TalkBegan):
            talk = (event.call, event.leg, event.consult)
            assert talk not in talking, f"talks already: {event}"
            talking.add(talk)
        if isinstance(event, TalkEnded):
            talking.remove((event.call, event.leg, event.consult))


def _open_talk(events: list[Event]) -> set[str]:
    began = [event.leg for event in events if isinstance(event, TalkBegan)]
    ended = [event.leg for event in events if isinstance(event, TalkEnded)]
    return set(began) - set(ended)

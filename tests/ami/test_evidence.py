"""Every event of a call's record has exactly one piece of evidence in the kept stream."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest

from callcenter.ami import evidence
from callcenter.ami.evidence import Subject, trace_of
from callcenter.ami.playing import Player
from callcenter.ami.recorder import Recorder
from callcenter.ami.retention import Keep
from callcenter.ami.segments import segments
from callcenter.calls.call import Call
from callcenter.calls.open_calls import OpenCalls
from callcenter.calls.truth import to_truth
from callcenter.events import CallEvent
from callcenter.pbx import Trace
from tests import recordings
from tests.taped import PBX, subject_of, tape

NAMES = recordings.NAMES


def folded(trace: Trace, call: str) -> Call:
    calls = OpenCalls()
    for one in trace.evidence:
        for event in one.events:
            calls.apply(event)
    found = calls.get(PBX, call)
    assert found is not None
    return found


def events_of(name: str, call: Call) -> Counter[str]:
    """Return what a replay of the whole recording tells of `call`."""
    player = Player(PBX, recordings.ENDPOINTS)
    names = {call.id, *call.aliases}
    told: Counter[str] = Counter()
    recorded = whole(name)
    for one in recorded:
        told.update(_said(player.feed(one), names))
    told.update(_said(player.settle(recorded[-1].at + 60), names))  # type: ignore[operator]
    return told


def whole(name: str) -> list[recordings.Recorded]:
    parts = enumerate(recordings.files(name), 1)
    return [one for epoch, path in parts for one in recordings.read(path, epoch=epoch)]


def _said(events: Iterable[object], names: set[str]) -> list[str]:
    return [repr(one) for one in events if isinstance(one, CallEvent) and one.call in names]


@pytest.mark.parametrize("name", NAMES)
def test_the_evidence_of_each_call_makes_its_record_again(name: str, tmp_path: Path) -> None:
    tape(tmp_path, name)
    calls = recordings.replayed(whole(name)).interactions()
    for call in calls:
        trace = trace_of(tmp_path, subject_of(call))

        assert to_truth(folded(trace, call.id), "AZ") == to_truth(call, "AZ")
        told = Counter(repr(event) for one in trace.evidence for event in one.events)
        assert told == events_of(name, call)
        assert set(told.values()) == {1}


@pytest.mark.parametrize("name", NAMES)
def test_each_piece_of_evidence_is_a_message_of_that_call(name: str, tmp_path: Path) -> None:
    tape(tmp_path, name)
    for call in recordings.replayed(whole(name)).interactions():
        names = {call.id, *call.aliases}
        for one in trace_of(tmp_path, subject_of(call)).evidence:
            if one.source == "ami":
                assert one.text.startswith(f"Event: {one.name}\n")
                assert one.events or any(f": {uid}\n" in f"{one.text}\n" for uid in names)


def test_calls_of_an_hour_are_told_apart(tmp_path: Path) -> None:
    """Many recordings were made in a row on one PBX: together they are a busy stream."""
    order = sorted(
        # Our own were made side by side, each on a PBX that counts its channels for itself.
        (name for name in recordings.TOLD if "restart" not in name and "own/" not in name),
        key=lambda name: recordings.messages(name)[0].at or 0,
    )
    tape(tmp_path, *order)
    for name in order[::7]:
        for call in recordings.replayed(whole(name)).interactions():
            again = folded(trace_of(tmp_path, subject_of(call)), call.id)
            assert to_truth(again, "AZ") == to_truth(call, "AZ"), name


def test_of_other_calls_nothing_is_parsed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tape(tmp_path, "in_direct_answered", "in_same_number_twice", "queue_answered")
    (call,) = recordings.replayed(whole("in_direct_answered")).interactions()
    found = evidence.find(tmp_path, subject_of(call))

    uids = {call.id, *call.aliases}
    messages = [one.message for one in found.recorded if one.block]
    assert messages
    assert all(uids & {m.get("uniqueid"), m.get("destuniqueid")} for m in messages)


# ---------------------------------------------------------------- what is not kept


def test_a_call_of_which_nothing_is_kept_says_so(tmp_path: Path) -> None:
    trace = trace_of(tmp_path, Subject(PBX, frozenset({"1.0"}), 100.0, 200.0))
    assert (trace.evidence, trace.missing) == ((), ((100.0, 200.0, "not-kept"),))


def test_a_lost_link_is_missing_from_its_end_to_the_next_beginning(tmp_path: Path) -> None:
    tape(tmp_path, "reconnect_mid_call")
    gap = recordings.truth("reconnect_mid_call")["gap"]
    t0 = recordings.truth("reconnect_mid_call")["t0"]
    calls = recordings.replayed(whole("reconnect_mid_call")).interactions()
    across = next(c for c in calls if c.ring_at < t0 + gap["lost_s"] < (c.end_at or 0.0))

    ((from_at, to_at, reason),) = trace_of(tmp_path, subject_of(across)).missing

    assert reason == "link"
    # The PBX was silent for a while before the line went.
    last = recordings.read(recordings.files("reconnect_mid_call")[0])[-1]
    assert from_at == last.at < t0 + gap["lost_s"]
    assert to_at - t0 == pytest.approx(gap["back_s"], abs=1)


def test_of_more_than_a_page_may_wait_for_the_middle_is_left_out(tmp_path: Path) -> None:
    tape(tmp_path, "resync_mid_call")
    call = recordings.replayed(whole("resync_mid_call")).interactions()[0]
    files = segments(tmp_path / str(PBX))
    assert len(files) > 3

    enough = sum(one.size for one in files)
    assert trace_of(tmp_path, subject_of(call), enough).missing == ()
    trace = trace_of(tmp_path, subject_of(call), enough - files[-2].size)

    ((from_at, to_at, reason),) = trace.missing
    assert reason == "too-long"
    assert files[0].began_at < from_at < to_at <= files[-1].began_at
    assert trace.evidence[0].events


def heard(tmp_path: Path, *holes: str) -> Trace:
    recorder = Recorder(tmp_path, Keep(), flush_s=0.01)
    one = recorder.tape(PBX)
    one.connected(1, 1_000.0)
    for at in range(1_000, 1_500, 10):
        one.read(at, b"Response: Success\r\nPing: Pong\r\n\r\n")
    if "lost" in holes:
        one.lost(1, 1_495.0, 1_490.0, "gone")
        one.connected(2, 1_600.0)
        one.read(1_610.0, b"Response: Success\r\nPing: Pong\r\n\r\n")
    recorder.close()
    return trace_of(tmp_path, Subject(PBX, frozenset({"1.0"}), 990.0, 1_605.0))


def test_what_was_before_and_after_the_stream_is_missing(tmp_path: Path) -> None:
    assert heard(tmp_path).missing == (
        (990.0, 1_000.0, "not-kept"),
        (1_490.0, 1_605.0, "not-kept"),
    )


def test_between_two_connections_the_link_is_what_was_missing(tmp_path: Path) -> None:
    assert heard(tmp_path, "lost").missing == (
        (990.0, 1_000.0, "not-kept"),
        (1_490.0, 1_600.0, "link"),
    )

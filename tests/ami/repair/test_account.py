"""CEL tells the same calls as AMI: of the flows of a real Asterisk, and of every recording."""

import csv
import gzip
import sys
from collections import Counter
from collections.abc import Iterable
from datetime import UTC
from functools import cache
from types import FrameType
from typing import Any

import pytest

from callcenter.ami.recording import read
from callcenter.ami.repair import account
from callcenter.ami.repair.rows import CelRow, parse_lines
from callcenter.ami.repair.translate import translate
from callcenter.calls.open_calls import OpenCalls
from callcenter.calls.truth import to_truth
from tests import recordings
from tests.fixtures.cel import written

FOLDER = recordings.FOLDER / "cel"

#: CEL knows no variables of the dialplan.
NOT_IN_CEL = {"crm_ref"}
#: Asked for, and the phone could not even be tried: there was no channel of which CEL could tell.
WITHOUT_A_CHANNEL = {"c2c_agent_unreachable"}
#: What CEL has no row for: a customer who takes another's place in a conference and enters no
#: bridge; a 302 of chan_sip; why a caller was sent out of a queue while a phone rang; the number
#: that the PBX was asked to dial on a trunk.
NOT_TOLD_BY_CEL = {
    "own/att_link_conference", "own/att_link_conference_sip16", "own/dialler_abandoned",
    "own/dialler_answered", "own/dialler_no_answer_sip16", "own/forward_302_external_sip16",
    "own/queue_leavewhenempty", "own/queue_left_by_key",
}  # fmt: skip

WHOLE = [
    name
    for name in recordings.TOLD
    if name not in WITHOUT_A_CHANNEL | NOT_TOLD_BY_CEL
    and not any(one.snapshot is not None for one in recordings.messages(name))
]


def records(rows: Iterable[CelRow]) -> dict[str, dict[str, Any]]:
    """Return the calls that CEL tells of, by their first Uniqueid, in order of start."""
    calls = OpenCalls()
    for event in account(rows, 1, recordings.ENDPOINTS):
        assert event.inferred
        calls.apply(event)
    told = sorted(calls, key=lambda call: call.ring_at)
    return {
        call.id: to_truth(call, "AZ") | {"direction": call.direction}
        for call in told
        if call.folded_into is None
    }


def interactions(rows: Iterable[CelRow]) -> list[dict[str, Any]]:
    return [told for told in records(rows).values() if told["direction"] in ("inbound", "outbound")]


@cache
def real_lines() -> list[str]:
    with gzip.open(FOLDER / "flows.csv.gz", "rt", encoding="utf-8") as file:
        return file.readlines()


# ---------------------------------------------------------------- what a real Asterisk wrote


def test_cel_of_a_real_asterisk_tells_what_its_ami_told():
    by_ami = recordings.replayed(read(FOLDER / "flows.ami.gz")).calls
    by_cel = records(parse_lines(real_lines(), UTC))

    whole = [call for call in by_ami if call.folded_into is None]
    assert by_cel.keys() == {call.id for call in whole}
    assert len(whole) >= 30
    for call in whole:
        wrong = differences(to_truth(call, "AZ"), by_cel[call.id])
        assert wrong == [], call.id


def differences(want: Any, got: Any, where: str = "") -> list[str]:
    if isinstance(want, dict):
        return [
            wrong
            for key in want
            if key not in NOT_IN_CEL
            for wrong in differences(want[key], got.get(key), f"{where}.{key}")
        ]
    if isinstance(want, list) and isinstance(got, list) and len(want) == len(got):
        pairs = enumerate(zip(want, got, strict=True))
        return [
            wrong for place, (a, b) in pairs for wrong in differences(a, b, f"{where}[{place}]")
        ]
    if isinstance(want, float) and isinstance(got, float) and abs(want - got) < 0.2:
        return []
    return [] if want == got else [f"{where}: {got!r}, not {want!r}"]


def test_the_tests_write_cel_as_a_real_asterisk_does():
    """What counts: the same rows of the same channels, in the same order for each of them."""
    stream = [(one.message, one.at) for one in read(FOLDER / "flows.ami.gz") if one.at is not None]

    ours, real = by_channel(written(stream)), by_channel(real_lines())

    assert ours.keys() == real.keys()
    different = {uid: (ours[uid], real[uid]) for uid in real if ours[uid] != real[uid]}
    assert different == {}


#: Told in other words, or of nobody: LINKEDID_END, sounds, the steps of a Local channel's end.
_BESIDES = {"LINKEDID_END", "STREAM_BEGIN", "STREAM_END", "LOCAL_OPTIMIZE", "LOCAL_OPTIMIZE_BEGIN"}


def by_channel(lines: list[str]) -> dict[str, Counter[str]]:
    rows: dict[str, Counter[str]] = {}
    for fields in csv.reader(lines):
        kind, uid = fields[0], fields[14]
        counted = rows.setdefault(uid, Counter())
        if kind not in _BESIDES and not kind.startswith("APP_"):
            counted[kind] += 1
    return rows


# ---------------------------------------------------------------- every recording


@pytest.mark.parametrize("name", WHOLE)
def test_a_recording_is_told_by_cel_as_it_happened(name: str):
    told = interactions(rows_of(name))

    assert recordings.strictly_wrong(name, told) == []
    wrong = recordings.otherwise_wrong(name, told)
    assert [each for each in wrong if not any(field in each for field in NOT_IN_CEL)] == []


@pytest.mark.parametrize("name", WHOLE)
def test_cel_that_begins_or_ends_anywhere_tells_whole_calls_or_says_that_they_go_on(name: str):
    rows = rows_of(name)
    whole = records(rows)
    for place in range(0, len(rows), max(1, len(rows) // 12)):
        for told in records(rows[place:]).values():
            assert told["t_start"] >= rows[place].at - 0.5
        open_or_same = records(rows[:place])
        for uid, told in open_or_same.items():
            assert told.get("incomplete") or uid in whole or told["direction"] == "internal"


def rows_of(name: str) -> list[CelRow]:
    stream = [(one.message, one.at) for one in recordings.messages(name) if one.at is not None]
    return list(parse_lines(written(stream), UTC))


# ---------------------------------------------------------------- cut off


def test_a_call_that_a_crash_cut_off_ends_with_it():
    rows = rows_of("in_direct_answered")
    until = next(place for place, row in enumerate(rows) if row.kind == "BRIDGE_EXIT")
    crash_at = rows[until - 1].at + 2.0

    calls = OpenCalls()
    told = account(rows[:until], 1, recordings.ENDPOINTS, living=frozenset(), cut_at=crash_at)
    for event in told:
        calls.apply(event)

    (call,) = calls
    assert (call.end_at, call.ended_by, call.result) == (crash_at, None, "answered")
    assert {leg.how_out for leg in call.legs.values()} == {"lost"}
    assert call.connected_s == pytest.approx(crash_at - call.answer_at)


def test_a_call_that_goes_on_is_not_cut_off():
    rows = rows_of("in_direct_answered")
    until = next(place for place, row in enumerate(rows) if row.kind == "BRIDGE_EXIT")
    living = frozenset({rows[0].linkedid})

    calls = OpenCalls()
    for event in account(rows[:until], 1, recordings.ENDPOINTS, living=living, cut_at=1.0):
        calls.apply(event)

    (call,) = calls
    assert call.live
    assert all(leg.end_at is None for leg in call.legs.values())


# ---------------------------------------------------------------- a long gap of a busy PBX


def many_calls(count: int) -> list[CelRow]:
    """Return calls that begin one after the other, each answered by 1001 and ended by him."""
    rows: list[CelRow] = []
    for number in range(count):
        began = 1_795_318_242.0 + number
        of = f"{began:.0f}.{2 * number}"
        caller = (f"PJSIP/trunk-{number:08x}", of, of)
        phone = (f"PJSIP/1001-{number:08x}", f"{began:.0f}.{2 * number + 1}", of)
        dialled = {"app": "AppDial", "appdata": "(Outgoing Line)"}
        over = {"hangupcause": 16, "hangupsource": phone[0]}
        rows += [
            CelRow(began, "CHAN_START", *caller, "100", "0501234567"),
            CelRow(began + 1, "CHAN_START", *phone, "s"),
            CelRow(began + 5, "ANSWER", *phone, **dialled),
            CelRow(began + 60, "HANGUP", *phone, **dialled, extra=over),
            CelRow(began + 60, "HANGUP", *caller, extra=over),
        ]
    return rows


def lines_run(rows: list[CelRow]) -> int:
    """Return how many lines of Python the translation of `rows` takes."""
    run = 0

    def trace(_frame: FrameType, what: str, _arg: object) -> Any:
        nonlocal run
        run += what == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        translate(rows)
    finally:
        sys.settrace(before)
    return run


def test_twice_as_many_calls_take_twice_the_work_and_no_more() -> None:
    assert lines_run(many_calls(200)) < 2.2 * lines_run(many_calls(100))

"""A gap anywhere in any recording, repaired from CEL, leaves the record of what really happened."""

import os
import random
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

import pytest

from callcenter.ami import resync
from callcenter.ami.mirror import Mirror
from callcenter.ami.repair import account
from callcenter.ami.repair.rows import CelRow
from callcenter.ami.tracker import News, Tracker
from callcenter.calls.call import Call
from callcenter.calls.mend import Gap, mend
from callcenter.calls.open_calls import OpenCalls
from callcenter.calls.retell import retell
from callcenter.calls.truth import to_truth
from tests import recordings
from tests.ami.repair.test_account import NOT_IN_CEL, WHOLE, rows_of

#: So many gaps are drawn in each recording.
DRAWN = 400 if os.environ.get("CALLCENTER_EXHAUSTIVE") else 8

#: What a PBX before Asterisk 22 does not write, and what is not known therefore.
NEW_KINDS = {"STREAM_BEGIN", "STREAM_END", "DTMF"}
NOT_IN_OLD_CEL = ("hold_s", "talk_s", "wait_s", "ivr_digits", "voicemail")

NAMES = [name for name in WHOLE if all(one.at is not None for one in recordings.messages(name))]


def gaps(name: str) -> Iterator[tuple[int, int]]:
    count = len(recordings.messages(name))
    draw = random.Random(name)
    for _ in range(DRAWN):
        first = draw.randrange(count - 1)
        yield first, draw.randrange(first + 1, count + 1)


@pytest.mark.parametrize("name", NAMES)
def test_a_gap_anywhere_is_made_good(name: str):
    for first, last in gaps(name):
        told = [to_truth(call, "AZ") for call in after_repair(name, first, last, second(name))]

        assert recordings.strictly_wrong(name, told) == [], (first, last)
        wrong = recordings.otherwise_wrong(name, told)
        assert [one for one in wrong if not _is_about(one, NOT_IN_CEL)] == [], (first, last)


#: An older Asterisk does not tell whether a message was left.
LEFT_NO_MESSAGE = [
    name
    for name in NAMES
    if all(one["disposition"] != "voicemail" for one in recordings.truth(name)["interactions"])
]


@pytest.mark.parametrize("name", LEFT_NO_MESSAGE)
def test_an_older_asterisk_tells_no_holds_but_who_talked(name: str):
    for first, last in gaps(name):
        told = [to_truth(call, "AZ") for call in after_repair(name, first, last, of_old(name))]

        wrong = recordings.strictly_wrong(name, told)
        assert [one for one in wrong if not _is_about(one, NOT_IN_OLD_CEL)] == [], (first, last)


def _is_about(difference: str, fields: Iterable[str]) -> bool:
    return any(f": {field} " in difference for field in fields)


# ---------------------------------------------------------------- what stands there, and what is made of it


def after_repair(name: str, first: int, last: int, by_cel: list[Call]) -> list[Call]:
    """Return the interactions after the messages from `first` to `last` were missed, and repaired."""
    known, gap = with_gap(name, first, last)
    names = {alias for call in known for alias in (call.id, *call.aliases)}
    own = {call.id: call for call in known if call.folded_into is None}
    found, parts = [], set[str]()
    for told in by_cel:
        if told.folded_into is not None:
            continue
        if told.id in own:
            call = mend(own[told.id], told, gap)
            assert told_of(mend(call, told, gap)) == told_of(call), "mending twice is mending once"
            found.append(call)
            parts |= {told.id, *told.folded}
        elif not names & {told.id, *told.aliases} and gap.touches(told.ring_at, told.end_at):
            found.append(told)
    found += [call for uid, call in own.items() if uid not in parts]
    found.sort(key=lambda call: call.ring_at)
    return [call for call in found if call.direction in ("inbound", "outbound")]


def told_of(call: Call) -> list[dict[str, Any]]:
    """Return what is told of a call, whether it was concluded or not."""
    return [
        {"kind": type(event).__name__}
        | {name: getattr(event, name) for name in event.__struct_fields__ if name != "inferred"}
        for event in retell(call)
    ]


def with_gap(name: str, first: int, last: int) -> tuple[list[Call], Gap]:
    """Return the calls as they are known if the messages from `first` to `last` were missed."""
    messages = recordings.messages(name)
    tracker, calls, mirror = Tracker(1, recordings.ENDPOINTS), OpenCalls(), Mirror()
    mirror.hear(messages[:last])
    lost_at = messages[first - 1].at if first else messages[0].at - 1
    back_at = messages[last - 1].at + 0.001
    for one in messages[:first]:
        _apply(calls, tracker.feed(one.message, one.at))
    snapshot = mirror.lists(back_at)
    _apply(
        calls,
        resync.apply(
            snapshot, tracker, back_at, news=News(), lost_at=lost_at, restarted=False
        ),
    )  # fmt: skip
    for one in messages[last:]:
        _apply(calls, tracker.feed(one.message, one.at))
    _apply(calls, tracker.settle(messages[-1].at + 1))
    return list(calls), Gap(lost_at, back_at)


def _apply(calls: OpenCalls, events: Iterable[Any]) -> None:
    for event in events:
        calls.apply(event)


@cache
def _rows(name: str) -> tuple[CelRow, ...]:
    return tuple(rows_of(name))


def second(name: str) -> list[Call]:
    return _calls(_rows(name))


def of_old(name: str) -> list[Call]:
    return _calls([row for row in _rows(name) if row.kind not in NEW_KINDS])


def _calls(rows: Iterable[CelRow]) -> list[Call]:
    calls = OpenCalls()
    _apply(calls, account(rows, 1, recordings.ENDPOINTS))
    return list(calls)

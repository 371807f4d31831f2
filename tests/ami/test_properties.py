"""Whatever the line does to a stream, no record becomes false: over every recording, and a burst.

False is a record that claims what did not happen: another customer or number, talk of somebody
who did not talk, more talk than there was, a second interaction. What was missed may be missing;
then it is unknown, or marked as concluded. `laws` holds what is looked at after every event.
"""

import random
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from callcenter.ami.framing import Framer
from callcenter.ami.messages import Message, parse
from callcenter.ami.protocol import Protocol
from callcenter.ami.recording import Recorded, read
from callcenter.ami.stream import Read
from callcenter.ami.tracker import WANTED, Endpoints
from callcenter.bench import stream
from callcenter.bench.stories import TRUNK
from callcenter.calls.truth import to_truth
from tests import recordings
from tests.ami import orders
from tests.ami.laws import Office, listed, lose_line
from tests.sampling import EXHAUSTIVE, examples, places

by_recording = pytest.mark.parametrize("name", recordings.TOLD)

#: How many messages are lost with the line.
GAPS = (1, 2, 3, 5, 8, 13, 30) if EXHAUSTIVE else (1, 4, 30)


def story(name: str) -> list[Recorded]:
    """Return a recording without the lists in it, which would make good what is taken away."""
    return [one for one in recordings.messages(name) if one.snapshot is None]


@cache
def whole(name: str) -> dict[str, dict[str, Any]]:
    return told(Office().hear(story(name)).settle())


@cache
def parts(name: str) -> dict[str, list[str]]:
    """Return for each interaction the calls that became part of it, such as consultations.

    Of a call that was not seen such a part stands for itself, if it was with somebody outside.
    """
    office = Office().hear(story(name)).settle()
    return {call.id: call.folded for call in office.interactions()}


@cache
def company(name: str) -> dict[str, set[str]]:
    """Return for each interaction the other callers who were joined with it."""
    calls = Office().hear(story(name)).settle().interactions()
    return {call.id: {one.id for one in calls if one.id in call.legs} - {call.id} for call in calls}


def is_part(name: str, call: str) -> bool:
    return any(call in folded for folded in parts(name).values())


def told(office: Office) -> dict[str, dict[str, Any]]:
    return {call.id: to_truth(call, "AZ") for call in office.interactions()}


# ---------------------------------------------------------------- bytes


class Wire:
    """A connection's reading end, without a socket."""

    def __init__(self) -> None:
        self.blocks: list[bytes] = []
        self.protocol = Protocol(WANTED, self._take, lambda: None, self.blocks.append)
        self.protocol.data_received(b"Asterisk Call Manager/11.0.0\r\n")

    def _take(self, read: Read) -> None:
        self.blocks += read.blocks

    def reads(self, *pieces: bytes) -> list[bytes]:
        for piece in pieces:
            self.protocol.data_received(piece)
        return self.blocks


@by_recording
def test_a_split_near_a_border_of_two_blocks_loses_nothing(name: str) -> None:
    for path in recordings.files(name):
        blocks = [block + b"\r\n\r\n" for block in Framer().feed(path.read_bytes())]
        for before, after in pairwise(blocks):
            both = before + after
            expected = Wire().reads(both)
            for place in range(len(before) - 4, len(before) + 5):
                assert Wire().reads(both[:place], both[place:]) == expected, place


@pytest.mark.parametrize("name", recordings.TOLD if EXHAUSTIVE else recordings.TOLD[::12])
def test_one_byte_at_a_time_is_as_good_as_all_at_once(name: str) -> None:
    for path in recordings.files(name):
        data = path.read_bytes()
        bytewise = Wire().reads(*(data[place : place + 1] for place in range(len(data))))

        assert bytewise == Wire().reads(data)


# ---------------------------------------------------------------- order


@settings(max_examples=examples(250), deadline=None, suppress_health_check=list(HealthCheck))
@given(name=st.sampled_from(recordings.TOLD), moves=orders.moves)
def test_any_legal_order_gives_the_true_record(name: str, moves: list[tuple[int, int]]) -> None:
    files = [read(path) for path in recordings.files(name)]
    jumbled = [one for file in files for one in orders.moved(file, moves)]
    office = Office().hear(jumbled).check().settle().check(over=True)

    assert recordings.strictly_wrong(name, recordings.records(jumbled)) == []
    assert not office.tracker.channels()


# ---------------------------------------------------------------- what was missed


@by_recording
def test_the_laws_hold_at_every_message(name: str) -> None:
    office = Office()
    for one in story(name):
        office.hear([one]).check()

    office.settle().check(over=True)


@by_recording
def test_without_the_first_messages_there_is_no_false_record(name: str) -> None:
    messages = story(name)
    for cut in places(len(messages), 40):
        office = Office().hear(messages[cut:]).check().settle().check(over=True)
        begun = recordings.begun(messages[cut:])
        for call, line in told(office).items():
            # What began as a call of its own, unseen, is missing in the call it became part of.
            if is_part(name, call):
                continue
            if begun.issuperset({*parts(name)[call], *company(name)[call]}):
                assert line == whole(name)[call], f"without the first {cut}"


@by_recording
def test_a_line_found_in_mid_call_tells_no_falsehood(name: str) -> None:
    messages = story(name)
    for cut in places(len(messages), 24):
        office = Office()
        snapshot, office.at = listed(messages, cut)
        office.resync(snapshot, lost_at=office.at).check()
        office.hear(messages[cut:]).check().settle().check(over=True)
        _assert_not_false(name, office, f"found after {cut}")


@by_recording
def test_a_lost_line_that_is_made_good_tells_no_falsehood(name: str) -> None:
    messages = story(name)
    for gap in GAPS:
        for cut in places(max(0, len(messages) - gap), 14):
            office = Office().hear(messages[:cut])
            lose_line(office, messages, cut, gap)
            office.hear(messages[cut + gap :]).check().settle().check(over=True)
            _assert_not_false(name, office, f"lost {gap} after {cut}")


@by_recording
def test_a_service_that_was_away_tells_no_falsehood(name: str) -> None:
    messages = story(name)
    for gap in GAPS:
        for cut in places(max(0, len(messages) - gap), 8):
            office = Office().hear(messages[:cut]).restarted()
            lose_line(office, messages, cut, gap)
            office.hear(messages[cut + gap :]).check().settle().check(over=True)
            _assert_not_false(name, office, f"away for {gap} after {cut}")


#: Of what the lists show of these in mid-call, not all is what began it.
UNTOLD_BY_LISTS = recordings.PUT_OUTSIDE | recordings.DIALLED_FIRST | recordings.JOINED


def _assert_not_false(name: str, office: Office, when: str) -> None:
    for call, line in told(office).items():
        if is_part(name, call):
            continue
        true = whole(name).get(call)
        assert true is not None, f"{call} is no interaction, {when}"
        for fact in ("direction", "customer_number", "did", "crm_ref"):
            is_found = when.startswith("found") or name in recordings.DIALLED_FIRST
            if not (is_found and name in UNTOLD_BY_LISTS):
                assert line[fact] in (None, true[fact]), f"{fact} {line[fact]}, {when}"
        # With which number somebody outside was dialled no list tells.
        talked = {one for one in line["agents_talked"] if not one.startswith("external:")}
        assert talked <= set(true["agents_talked"]), when
        assert (line["talk_s"] or 0) <= (true["talk_s"] or 0) + recordings.TOLERANCE_S, when
        assert len(line["queues"]) <= len(true["queues"]), when


# ---------------------------------------------------------------- nonsense

_ODD = st.sampled_from(
    ["", "<unknown>", "-1", "9" * 400, "nan", "1e999", "٣", "\x00", "PJSIP/trunk-00000000",
     "Local/1@x-1;1", "Local/;2", "PJSIP/1001", "a.b.c", "Up", "1795318242.0"]
)  # fmt: skip
_damage = st.lists(
    st.tuples(
        st.integers(0, 2000),
        st.sampled_from(["drop", "repeat", "swap", "blank", "odd", "alias"]),
        st.integers(0, 2000),
        _ODD,
    ),
    min_size=1,
    max_size=15,
)


def _damaged(messages: list[Recorded], damage: list[tuple[int, str, int, str]]) -> list[Recorded]:
    damaged = list(messages)
    for where, what, other, odd in damage:
        place, second = where % len(damaged), other % len(damaged)
        one = damaged[place]
        keys = sorted(one.message.fields)
        if what == "drop" and len(damaged) > 1:
            del damaged[place]
        elif what == "repeat":
            damaged.insert(second, one)
        elif what == "swap":
            damaged[place], damaged[second] = damaged[second], damaged[place]
        elif keys:
            key = keys[other % len(keys)]
            value = {"blank": "", "odd": odd}.get(what)
            if value is None:
                # Another message's word in this place: two channels of one name, calls mixed up.
                value = damaged[second].message.fields.get(key, odd)
            fields = {**one.message.fields, key: value}
            message = Message(one.message.name, fields, one.message.variables, one.message.at)
            damaged[place] = Recorded(message, one.at)
    return damaged


@settings(max_examples=examples(400), deadline=None, suppress_health_check=list(HealthCheck))
@given(name=st.sampled_from(recordings.TOLD), damage=_damage)
def test_no_message_breaks_a_law(name: str, damage: list[tuple[int, str, int, str]]) -> None:
    Office().hear(_damaged(story(name), damage)).check().settle().check()


@settings(max_examples=examples(100), deadline=None, suppress_health_check=list(HealthCheck))
@given(
    name=st.sampled_from(recordings.TOLD),
    jumps=st.lists(st.tuples(st.integers(0, 500), st.floats(-90_000, 90_000)), max_size=4),
)
def test_a_clock_that_jumps_makes_no_time_negative(
    name: str, jumps: list[tuple[int, float]]
) -> None:
    messages = story(name)
    moved = []
    for place, one in enumerate(messages):
        ahead = sum(by for where, by in jumps if where % len(messages) <= place)
        moved.append(Recorded(one.message, (one.at or 0.0) + ahead))

    Office().hear([Recorded(_unstamped(one.message), one.at) for one in moved]).check()


def _unstamped(message: Message) -> Message:
    return Message(message.name, message.fields, message.variables, None)


def test_the_same_calls_again_after_a_restart_of_the_pbx_are_other_calls() -> None:
    # Channel names count from 0 again, while Uniqueids go on with the clock.
    name = "queue_answered"
    office = Office().hear(story(name))
    first = len(office.calls())
    again = [
        Recorded(_renamed(one.message), (one.at or 0.0) + 86_400) for one in story(name)
    ]  # fmt: skip
    office.hear(again).check().settle().check(over=True)

    assert len(office.calls()) == 2 * first


def _renamed(message: Message) -> Message:
    fields = {
        key: f"9{value}" if key.endswith(("uniqueid", "linkedid")) and value else value
        for key, value in message.fields.items()
    }
    return Message(message.name, fields, message.variables, None)


# ---------------------------------------------------------------- older releases


#: Told by one of these fields alone, and so unknown without it: here the outside line is dialled
#: where the dialplan runs on our own number, and only the dial string has the other one.
NUMBER_IN_THE_DIAL_STRING = ("own/forward_find_me", "own/forward_to_the_caller")
#: And with chan_sip a phone that diverts asks for no hangup: only the `Forward` of its DialEnd says
#: that it did, and without it that it was cancelled.
DIVERSION_IN_THE_DIAL_END = "own/forward_302_external_sip16"


#: Which number the PBX was asked to ring; that an agent sits on an open line.
TOLD_BY_ALONE = {
    "dialstring": recordings.DIALLED_FIRST,
    "bridgetype": ("own/agent_on_open_line",),
}


@by_recording
@pytest.mark.parametrize(
    "left_out",
    [
        ("linkedid",),
        ("dialstring", "forward", "techcause"),
        ("bridgetype", "bridgetechnology", "bridgecreator"),
        ("connectedlinenum", "calleridname", "language", "accountcode", "context", "priority"),
    ],
    ids=lambda keys: keys[0],
)
def test_what_an_older_release_does_not_say_is_not_needed(
    name: str, left_out: tuple[str, ...]
) -> None:
    if name in TOLD_BY_ALONE.get(left_out[0], ()):
        pytest.skip("nothing else tells it")
    messages = [Recorded(_without(one.message, left_out), one.at) for one in story(name)]
    office = Office().hear(messages).check().settle().check(over=True)

    true = [line | {"customer_name": None} for line in whole(name).values()]
    if "dialstring" in left_out and name in NUMBER_IN_THE_DIAL_STRING:
        true = [_without_outside_number(line) for line in true]
    elif "dialstring" in left_out and name == DIVERSION_IN_THE_DIAL_END:
        true = [line | {"legs": [_undiverted(leg) for leg in line["legs"]]} for line in true]
    assert [line | {"customer_name": None} for line in told(office).values()] == true


def _without_outside_number(line: dict[str, Any]) -> dict[str, Any]:
    legs = [leg | {"agent": _unnumbered(leg["agent"])} for leg in line["legs"]]
    several = {key: [_unnumbered(one) for one in line[key]] for key in ("rang", "agents_talked")}
    one = {key: _unnumbered(line[key]) for key in ("first_answered_by", "last_agent")}
    return line | several | one | {"legs": legs}


def _unnumbered(agent: str) -> str:
    return "external:" if agent.startswith("external:") else agent


def _undiverted(leg: dict[str, Any]) -> dict[str, Any]:
    return leg | {"result": "cancelled"} if leg["result"] == "forwarded" else leg


def _without(message: Message, endings: tuple[str, ...]) -> Message:
    fields = {key: said for key, said in message.fields.items() if not key.endswith(endings)}
    return Message(message.name, fields, message.variables, message.at)


# ---------------------------------------------------------------- memory


@by_recording
def test_nothing_is_kept_of_calls_that_are_over(name: str) -> None:
    world = Office().hear(story(name)).settle().tracker._world

    assert (world.channels, world.bridges, world.calls, world.loose) == ({}, {}, {}, [])


# ---------------------------------------------------------------- a burst


@cache
def burst() -> tuple[Recorded, ...]:
    """A hundred calls at once, as the bench makes them."""
    blocks = stream.flood(40, 60, 1_700_000_000, seed=7, calls=100).blocks
    messages = (parse(block) for block in blocks if _name(block) in WANTED)
    return tuple(Recorded(message, message.at) for message in messages)


def _name(block: bytes) -> bytes:
    return block[7 : block.index(b"\r\n")]


BURST_ENDPOINTS = Endpoints([f"PJSIP/{one.extension}" for one in stream.agents(40)], [TRUNK])


@cache
def whole_burst() -> dict[str, dict[str, Any]]:
    return told(Office(BURST_ENDPOINTS).hear(burst()).settle().check(over=True))


def test_a_burst_can_be_joined_and_lost_anywhere() -> None:
    messages, true = list(burst()), whole_burst()
    for seed in range(examples(6)):
        choice = random.Random(seed)
        cut, gap = choice.randrange(len(messages)), choice.choice((0, 1, 40, 400))
        office = Office(BURST_ENDPOINTS).hear(messages[:cut])
        lose_line(office, messages, min(cut, len(messages) - gap), gap)
        office.hear(messages[cut + gap :]).check().settle().check(over=True)
        for call, line in told(office).items():
            assert line["customer_number"] in (None, true[call]["customer_number"])
            assert set(line["agents_talked"]) <= set(true[call]["agents_talked"])
        if gap == 0:
            assert {call: line["disposition"] for call, line in told(office).items()} == {
                call: line["disposition"] for call, line in true.items()
            }


#: Without a folder of others' recordings, one of ours shows that theirs would be held to it.
ELSEWHERE = recordings.elsewhere() or [recordings.FOLDER / "queue_two_waiting.ami"]


@pytest.mark.parametrize("path", ELSEWHERE, ids=lambda path: path.stem)
def test_a_recording_from_elsewhere_can_be_joined_and_lost_anywhere(path: Path) -> None:
    messages = [one for one in read(path) if one.snapshot is None]
    true = told(Office().hear(messages).check().settle().check())
    for cut in places(len(messages), 12):
        for line in told(Office().hear(messages[cut:]).check().settle()).values():
            assert line in true.values(), f"without the first {cut}"
        office = lose_line(Office().hear(messages[:cut]), messages, cut)
        office.hear(messages[cut:]).check().settle().check()
        assert _plain(told(office)) == _plain(true), f"lost after {cut}"


def _plain(lines: dict[str, dict[str, Any]]) -> dict[str, tuple[Any, ...]]:
    facts = ("direction", "customer_number", "did", "queues", "agents_talked", "disposition")
    return {call: tuple(line[fact] for fact in facts) for call, line in lines.items()}


def test_a_burst_without_its_beginning_tells_whole_calls_or_nothing() -> None:
    messages, true = list(burst()), whole_burst()
    for cut in places(len(messages), 12):
        office = Office(BURST_ENDPOINTS).hear(messages[cut:]).settle().check(over=True)
        for call, line in told(office).items():
            assert line == true[call], f"without the first {cut}"

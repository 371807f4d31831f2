"""A ladder tells of every recording who did what, in words, and its bars add up to the record."""

import re
from itertools import pairwise

import pytest

from callcenter.calls.call import Call
from callcenter.calls.spans import seconds
from callcenter.calls.why.columns import Person
from callcenter.calls.why.ladder import Ladder, build, parts, retold, states
from callcenter.calls.why.scene import Row
from callcenter.calls.why.shown import Teller
from callcenter.pbx import Evidence, Trace
from tests import recordings
from tests.calls.chain import chain
from tests.calls.evidence import trace_of
from tests.fixtures.customers import reader

PEOPLE = {
    "1001": "Aygün", "1002": "Orxan", "1003": "Leyla", "1004": "Rəşad", "1005": "Nigar",
    "1006": "Zərifə",
}  # fmt: skip

#: Words of Asterisk and of our own code that say nothing to a supervisor.
FORBIDDEN = re.compile(
    r"channel|bridge|linkedid|uniqueid|PJSIP|REFER|atxfer|dialplan|\bleg\b|[a-z][A-Z]", re.ASCII
)

#: Every call of every recording, with and without its stream.
CALLS = [
    (name, number)
    for name in recordings.NAMES
    for number in range(len(recordings.truth(name)["interactions"]))
]


def call_of(name: str, number: int) -> Call:
    return recordings.replayed(recordings.messages(name)).interactions()[number]


def people_of(call: Call) -> dict[str, Person]:
    found = {}
    for leg in call.legs.values():
        extension = leg.endpoint.rpartition("/")[2]
        if leg.party == "agent" and extension in PEOPLE:
            found[leg.uniqueid] = Person(user_id=int(extension), name=PEOPLE[extension])
    return found


def ladder_of(name: str, number: int = 0, *, kept: bool = True) -> Ladder:
    call = call_of(name, number)
    trace = trace_of(name, call) if kept else None
    return build(call, trace, people_of(call), call.seen_at)


def text(ladder: Ladder, row: Row) -> str:
    return Teller("en", "AZ", reader("all")).sentence(row)


def told(ladder: Ladder) -> list[str]:
    return [text(ladder, row) for row in ladder.rows]


@pytest.mark.parametrize("kept", [True, False], ids=["stream", "record"])
@pytest.mark.parametrize(("name", "number"), CALLS)
def test_every_recording_has_a_ladder_in_plain_words(name: str, number: int, kept: bool):
    ladder = ladder_of(name, number, kept=kept)

    assert ladder.from_stream is kept
    assert ladder.rows[0].at == ladder.begin
    assert [row.at for row in ladder.rows] == sorted(row.at for row in ladder.rows)
    keys = {column.key for column in ladder.columns}
    for row in ladder.rows:
        assert row.at_columns
        assert {*row.at_columns, *(key for link in row.links for key in link)} <= keys
        assert not FORBIDDEN.search(text(ladder, row)), text(ladder, row)
        assert "%(" not in text(ladder, row)


@pytest.mark.parametrize(("name", "number"), CALLS)
def test_the_spans_of_each_leg_add_up_to_the_record(name: str, number: int):
    ladder = ladder_of(name, number)

    for leg in ladder.call.legs.values():
        if leg.end_at is not None:
            spans = parts(ladder, leg)
            assert seconds(spans["talk"]) == pytest.approx(leg.talk_s, abs=0.001)
            assert seconds(spans["hold"]) == pytest.approx(leg.hold_s, abs=0.001)
            assert seconds(spans["consult"]) == pytest.approx(leg.consult_s, abs=0.001)
    if ladder.call.end_at is not None and ladder.call.talk_s is not None:
        customer = ladder.bars["customer"]
        talk = [(bar.begin, bar.end) for bar in customer if bar.state == "talk"]
        hold = [(bar.begin, bar.end) for bar in customer if bar.state == "hold"]
        assert seconds(talk) == pytest.approx(ladder.call.talk_s, abs=0.001)
        assert seconds(hold) == pytest.approx(ladder.call.hold_s, abs=0.001)


@pytest.mark.parametrize(("name", "number"), CALLS)
def test_no_column_does_two_things_at_once(name: str, number: int):
    for bars in ladder_of(name, number).bars.values():
        for one, after in pairwise(bars):
            assert one.begin < one.end <= after.begin + 1e-6


@pytest.mark.parametrize(("name", "number"), CALLS)
def test_every_message_that_made_something_known_stands_under_a_row(name: str, number: int):
    call = call_of(name, number)
    trace = trace_of(name, call)
    ladder = ladder_of(name, number)

    shown = {one.source for row in ladder.rows for one in row.told}
    assert shown == {place for place, one in enumerate(trace.evidence) if one.events}


@pytest.mark.parametrize(("name", "number"), CALLS)
def test_the_record_alone_tells_the_same_bars(name: str, number: int):
    with_stream, without = ladder_of(name, number), ladder_of(name, number, kept=False)

    assert with_stream.bars == without.bars
    assert with_stream.columns == without.columns


def test_an_attended_transfer_can_be_read_without_knowing_asterisk():
    assert told(ladder_of("att_to_agent")) == [
        "The customer calls +994 12 404 20 00.",
        "The customer waits in the queue support.",
        "The phone rings: Aygün.",
        "Aygün picks up. Aygün and the customer hear each other.",
        "Aygün puts the customer on hold.",
        "Aygün calls a colleague: Orxan.",
        "Orxan picks up. Aygün and Orxan talk with each other; the customer is on hold.",
        "Aygün hands the customer over to Orxan. Orxan and the customer hear each other.",
        "The customer hangs up.",
    ]


@pytest.mark.parametrize("name", ["att_ami_atxfer", "att_feature_code"])
def test_who_asks_on_the_line_that_holds_the_customer_talks_with_a_colleague(name: str):
    ladder = ladder_of(name)

    [asking] = [row for row in ladder.rows if "talk with each other" in text(ladder, row)]
    assert sorted(states(ladder, ladder.rows.index(asking)).values()) == [
        "consult", "consult", "hold",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("blind_to_queue", "Orxan hands the customer over to billing, without asking first."),
        ("blind_to_external", "hands the customer over to +994 55 765 11 11, without asking first."),
        ("park_retrieve", "Orxan takes the customer out of parking."),
        ("pickup_group", "Orxan takes the call that rings on another phone: Aygün."),
        ("queue_ringall_local", "The phones ring: Aygün, Orxan and Rəşad."),
        ("queue_ringall_local", "The other phones stop ringing: Aygün and Rəşad."),
        ("queue_timeout_overflow", "the queue support sends the customer on."),
        ("queue_abandon_ringing", "The customer hangs up while waiting in the queue support."),
        ("in_direct_abandon", "The customer hangs up before anybody has answered."),
        ("in_direct_declined", "rejects the call."),
        ("in_direct_noanswer_voicemail", "The customer has left a voice message."),
        ("in_ivr_rich", "The customer presses 24051287371 in the menu."),
        ("conference_three", "Aygün, Orxan and the customer hear each other."),
        ("forward_302", "The phone forwards the call to another: Orxan."),
        ("out_busy", "The line of the customer is busy."),
        ("out_cancelled", "gives up before the customer has answered."),
        ("c2c_answered", "clicks to call +994"),
        ("hold_inbound", "takes the customer back from hold."),
    ],
)  # fmt: skip
def test_what_happened_has_a_sentence(name: str, sentence: str):
    assert any(sentence in each for each in told(ladder_of(name)))


def test_a_chain_of_transfers_is_told_hand_by_hand():
    call, ladder = transferred_twice()

    assert told(ladder)[4:] == [
        "Aygün puts the customer on hold.",
        "Aygün calls a colleague: Orxan.",
        "Orxan picks up. Aygün and Orxan talk with each other; the customer is on hold.",
        "Aygün hands the customer over to Orxan. Orxan and the customer hear each other.",
        "Orxan puts the customer on hold.",
        "Orxan calls a colleague: Leyla.",
        "Leyla picks up. Orxan and Leyla talk with each other; the customer is on hold.",
        "Orxan hands the customer over to Leyla. Leyla and the customer hear each other.",
        "Leyla hangs up.",
    ]
    assert [column.name for column in ladder.columns] == [
        None, "support", "Aygün", "Orxan", "Leyla",
    ]  # fmt: skip
    assert call.talk_s == pytest.approx(8 + 9 + 10)


def test_what_nobody_saw_is_marked_with_the_list_that_told_it():
    ladder = ladder_of("reconnect_mid_call", 2)
    trace = trace_of("reconnect_mid_call", call_of("reconnect_mid_call", 2))

    concluded = [row for row in ladder.rows if any(one.event.inferred for one in row.told)]
    assert concluded == ladder.rows[:-1]
    sources = {one.source for row in concluded for one in row.told if one.event.inferred}
    assert [trace.evidence[place].source for place in sources if place is not None] == ["snapshot"]


def test_where_a_part_of_the_stream_is_missing_the_record_tells_and_the_rest_explains_it():
    call = call_of("att_to_agent", 0)
    whole = trace_of("att_to_agent", call)
    late = [one for one in whole.evidence if one.at > call.ring_at + 5]
    trace = Trace(
        evidence=tuple(late), missing=((call.ring_at - 60, call.ring_at + 5, "not kept"),)
    )

    ladder = build(call, trace, people_of(call), call.seen_at)

    assert not ladder.from_stream
    assert told(ladder) == told(ladder_of("att_to_agent"))
    explained = [any(one.source is not None for one in row.told) for row in ladder.rows]
    assert explained == [False] * 6 + [True] * 3


def transferred_twice() -> tuple[Call, Ladder]:
    events = list(chain(1, 1_795_318_700.0))
    told_one_by_one = (
        Evidence(
            at=event.at, epoch=1, source="ami", name="", channels=(), text="", events=(event,)
        )
        for event in events
    )  # fmt: skip
    trace = Trace(evidence=tuple(told_one_by_one))
    call = retold(trace, 1, "100.0")
    assert call is not None
    return call, build(call, trace, people_of(call), call.seen_at)


@pytest.mark.parametrize(("name", "number"), CALLS)
def test_a_call_in_progress_has_a_ladder_at_every_moment(name: str, number: int):
    call = call_of(name, number)
    whole = trace_of(name, call)
    people = people_of(call)
    places = [place for place, one in enumerate(whole.evidence, 1) if one.events]
    for place in places[:: max(1, len(places) // 8)]:
        trace = Trace(evidence=whole.evidence[:place])
        so_far = retold(trace, 1, call.id)
        if so_far is None:
            # Another call, which this one will take in, is all there is yet.
            continue

        for ladder in (
            build(so_far, trace, people, so_far.seen_at),
            build(so_far, None, people, so_far.seen_at),
        ):
            assert told(ladder)
            assert all("%(" not in each for each in told(ladder))
            assert all(states(ladder, row) for row in range(len(ladder.rows)))

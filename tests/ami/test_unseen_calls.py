"""Calls by chance, told by a model of Asterisk: the record is what people did."""

import random
from typing import Any

from hypothesis import HealthCheck, assume, given, note, settings
from hypothesis import strategies as st

from callcenter.ami.messages import Message
from callcenter.ami.recording import Recorded
from callcenter.calls.truth import to_truth
from tests.ami import orders
from tests.ami.asterisk import Asterisk, Channel
from tests.ami.laws import Office, lose_line
from tests.ami.people import CUSTOMER, Story
from tests.sampling import examples

TOLERANCE_S = 0.3

choices = st.lists(st.integers(0, 1000), min_size=4, max_size=60)


def played(drawn: list[int], *, relinks_at_once: bool = True) -> Story:
    """Play one call; when the drawn choices are used up, the first thing is done."""
    left = iter(drawn)
    pbx = Asterisk()
    pbx.relinks_at_once = relinks_at_once
    return Story(pbx, lambda count: next(left, 0) % count).play()


def wrong(story: Story, told: list[dict[str, Any]]) -> list[str]:
    truth = story.truth
    if len(told) != 1:
        return [f"{len(told)} interactions"]
    got = told[0]
    want: dict[str, Any] = {
        "direction": truth.direction,
        "origin": truth.origin,
        "customer_number": CUSTOMER,
        "did": truth.did,
        "queues": truth.queues,
        "agents_talked": truth.agents_talked(),
        "first_answered_by": next(iter(truth.agents_talked()), None),
        "last_agent": _last_agent(truth.talks),
        "disposition": truth.disposition,
    }
    differences = [f"{key} {got[key]!r}, not {value!r}" for key, value in want.items()
                   if got[key] != value]  # fmt: skip
    rang = {name for name in got["rang"] if not name.startswith("external:")}
    if rang != truth.rang:
        differences.append(f"rang {rang}, not {truth.rang}")
    figures = {"talk_s": truth.talk_s(), "hold_s": truth.hold_s()}
    for key, seconds in figures.items():
        if abs((got[key] or 0.0) - (seconds or 0.0)) > TOLERANCE_S:
            differences.append(f"{key} {got[key]}, not {seconds}")
    if truth.hangup_by is not None and got["hangup_by"] != truth.hangup_by:
        differences.append(f"hangup_by {got['hangup_by']}, not {truth.hangup_by}")
    return differences


def _last_agent(talks: list[tuple[str, float, float]]) -> str | None:
    """Return who stayed longest; of those who stayed until the end, who came last."""
    end = max((until for _, _, until in talks), default=0.0)
    stayed = [(since, name) for name, since, until in talks if until > end - TOLERANCE_S]
    return max(stayed)[1] if stayed else None


def told(office: Office) -> list[dict[str, Any]]:
    return [to_truth(call, "AZ") for call in office.interactions()]


@settings(max_examples=examples(500), deadline=None, suppress_health_check=list(HealthCheck))
@given(drawn=choices, relinks_at_once=st.booleans())
def test_the_record_of_an_unseen_call_is_what_people_did(
    drawn: list[int], relinks_at_once: bool
) -> None:
    story = played(drawn, relinks_at_once=relinks_at_once)
    note(" > ".join(story.log))
    office = Office().hear(story.pbx.said).check().settle().check(over=True)

    assert wrong(story, told(office)) == []


@settings(max_examples=examples(200), deadline=None, suppress_health_check=list(HealthCheck))
@given(drawn=choices, moves=orders.moves)
def test_so_it_is_in_any_legal_order(drawn: list[int], moves: list[tuple[int, int]]) -> None:
    story = played(drawn)
    note(" > ".join(story.log))
    office = Office().hear(orders.moved(story.pbx.said, moves)).check().settle().check(over=True)

    assert wrong(story, told(office)) == []


@settings(max_examples=examples(200), deadline=None, suppress_health_check=list(HealthCheck))
@given(drawn=choices, place=st.integers(0, 10_000))
def test_so_it_is_after_a_resync_anywhere(drawn: list[int], place: int) -> None:
    story = played(drawn)
    said = story.pbx.said
    cut = place % len(said)
    note(" > ".join(story.log))
    office = lose_line(Office().hear(said[:cut]), said, cut)
    office.hear(said[cut:]).check().settle().check(over=True)

    assert wrong(story, told(office)) == []


@settings(max_examples=examples(200), deadline=None, suppress_health_check=list(HealthCheck))
@given(drawn=choices, place=st.integers(0, 10_000))
def test_so_it_is_after_a_restart_of_the_service_anywhere(drawn: list[int], place: int) -> None:
    story = played(drawn)
    said = story.pbx.said
    cut = place % len(said)
    # Between the end of a channel and the answer to the request for it nothing is open to recall.
    assume(said[cut].message.name != "OriginateResponse")
    note(" > ".join(story.log))
    office = lose_line(Office().hear(said[:cut]).restarted(), said, cut)
    office.hear(said[cut:]).check().settle().check(over=True)

    differences = wrong(story, told(office))
    if "hangup_by None" in "".join(differences):
        # Who hung up was told before, and what became of a call nobody answered hangs on that.
        differences = [one for one in differences if not one.startswith(("hangup_by", "disp"))]
    assert differences == []


@settings(max_examples=examples(300), deadline=None, suppress_health_check=list(HealthCheck))
@given(
    drawn=choices,
    place=st.integers(0, 10_000),
    gap=st.integers(1, 40),
    was=st.sampled_from(["connected", "restarted", "not there"]),
)
def test_what_was_missed_makes_no_falsehood(
    drawn: list[int], place: int, gap: int, was: str
) -> None:
    story = played(drawn)
    said = story.pbx.said
    gap = min(gap, len(said) - 1)
    cut = place % (len(said) - gap)
    note(f"{' > '.join(story.log)}; {gap} lost after {cut}")
    office = Office() if was == "not there" else Office().hear(said[:cut])
    office = office.restarted() if was == "restarted" else office
    gone = next(n for n, one in enumerate(said) if _is_hangup(one, story.customer))
    # Of who is left when the customer has gone nobody can tell any more what they were.
    assume((was != "not there" and cut > 0) or cut + gap <= gone)
    lose_line(office, said, cut, gap)
    office.hear(said[cut + gap :]).check().settle().check(over=True)

    lines = told(office)
    assert len(lines) <= 1
    for line in lines:
        _assert_not_false(story, line)


def _is_hangup(one: Recorded, channel: Channel) -> bool:
    return one.message.name == "Hangup" and one.message.get("uniqueid") == channel.uid


def _assert_not_false(story: Story, line: dict[str, Any]) -> None:
    truth = story.truth
    assert line["direction"] == truth.direction
    assert line["did"] in (None, truth.did)
    # Who was sent outside shows the company's number from then on.
    if "sends_outside" not in story.log:
        assert line["customer_number"] in (None, CUSTOMER)
    assert set(line["agents_talked"]) <= set(truth.agents_talked())
    assert set(line["queues"]) <= set(truth.queues)
    assert (line["talk_s"] or 0.0) <= (truth.talk_s() or 0.0) + 1.0


@settings(max_examples=examples(100), deadline=None, suppress_health_check=list(HealthCheck))
@given(drawn=choices, place=st.integers(0, 10_000))
def test_without_the_beginning_a_call_is_whole_or_untold(drawn: list[int], place: int) -> None:
    story = played(drawn)
    cut = place % len(story.pbx.said)
    # The answer to a request tells of a call that nobody saw ring.
    assume(story.pbx.said[cut].message.name != "OriginateResponse")
    office = Office().hear(story.pbx.said[cut:]).check().settle().check(over=True)

    for line in told(office):
        assert wrong(story, [line]) == [], f"without the first {cut}"


def test_a_thousand_calls_leave_nothing_behind() -> None:
    dice = random.Random(1)
    office = Office()
    for _ in range(examples(300)):
        story = played([dice.randrange(1000) for _ in range(40)])
        office.hear(shifted(story, office.at)).settle()

    world = office.tracker._world
    assert (world.channels, world.bridges, world.calls, world.loose) == ({}, {}, {}, [])
    assert len(world.ended) <= 20_000


def shifted(story: Story, at: float) -> list[Recorded]:
    """Return a story that begins at `at`, with Uniqueids of that time."""
    stamp = str(int(at))
    moved = []
    for one in story.pbx.said:
        fields = {
            key: f"{stamp}{value}" if key.endswith(("uniqueid", "linkedid")) else value
            for key, value in one.message.fields.items()
        }
        message = Message(one.message.name, fields, None, None)
        moved.append(Recorded(message, at + (one.at or 0.0) - 1_790_000_000.0))
    return moved

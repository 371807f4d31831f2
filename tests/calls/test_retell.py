"""What is stored of an open call is enough to go on with it."""

import json

import pytest

from callcenter.ami.tracker import Tracker
from callcenter.calls.call import Call
from callcenter.calls.open_calls import OpenCalls
from callcenter.calls.retell import from_stored, retell, to_json
from callcenter.calls.truth import to_truth
from callcenter.events import CallEvent
from tests import recordings
from tests.calls.office import PBX, told


def folded(events: list[CallEvent]) -> list[Call]:
    calls = OpenCalls()
    for event in events:
        calls.apply(event)
    return [call for call in calls if call.folded_into is None]


def figures(call: Call) -> dict[str, object]:
    legs = [
        (leg.uniqueid, leg.party, leg.how_in, leg.rang, leg.visit, leg.result, leg.how_out,
         leg.talk.until(call.seen_at), leg.hold.until(call.seen_at), leg.consult.closed)
        for leg in call.legs.values()
    ]  # fmt: skip
    return {
        **to_truth(call, "AZ"), "all_legs": sorted(legs, key=str), "inferred": call.inferred,
        "aliases": call.aliases, "open": not call.done,
        "visits": [(visit.joined_at, visit.left_at, visit.ended) for visit in call.visits],
    }  # fmt: skip


@pytest.mark.parametrize("name", recordings.TOLD)
def test_a_call_told_once_more_at_any_moment_is_the_same_call(name: str) -> None:
    events = list(told(name))

    for until in range(1, len(events) + 1):
        for call in folded(events[:until]):
            again = from_stored(json.loads(to_json(call)))
            [copy] = folded(again)
            copy.seen_at = call.seen_at
            assert figures(copy) == figures(call), f"after {until} events"


@pytest.mark.parametrize("name", recordings.TOLD)
def test_a_tracker_that_recalls_its_calls_tells_the_rest_as_if_it_had_never_stopped(
    name: str,
) -> None:
    """The link holds, only the memory is lost: nothing but bridges has to be seen again."""
    messages = [one for one in recordings.messages(name) if one.snapshot is None]
    for cut in range(0, len(messages), 7):
        before, calls = Tracker(PBX, recordings.ENDPOINTS), OpenCalls()
        for one in messages[:cut]:
            for event in before.feed(one.message, one.at or 0.0):
                calls.apply(event)
        known = [call for call in calls if call.folded_into is None and not call.done]
        after = Tracker(PBX, recordings.ENDPOINTS)
        after.recall([event for call in known for event in retell(call)])

        alive = {leg.uniqueid for call in known for leg in call.legs.values() if leg.end_at is None}
        assert alive <= set(after.channels()) <= set(before.channels()), f"after {cut} messages"


def test_a_form_of_another_version_is_not_taken_for_a_call() -> None:
    assert from_stored(None) == []
    assert from_stored({"form": 2, "told": []}) == []
    assert from_stored({"told": [{"type": "Riddle"}]}) == []

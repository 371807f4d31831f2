"""Losing the line at any moment is forgotten after a resync."""

from typing import Any

import pytest

from callcenter.ami import resync
from callcenter.ami.mirror import Mirror
from callcenter.ami.tracker import News, Tracker
from callcenter.calls.call import Call
from callcenter.calls.open_calls import OpenCalls
from callcenter.calls.retell import retell
from callcenter.calls.truth import to_truth
from callcenter.events import Event
from tests import recordings
from tests.sampling import places

#: Where both hang up at once a list of channels in between does not tell who was first.
STORIES = [name for name in recordings.TOLD if name != "own/hangup_at_once"]

#: Outside lines are dialled for the caller: whether the number that his own channel shows by then
#: is his or the company's the lists do not tell, so it stays unknown.
RUNG_OUTSIDE = {"own/forward_to_the_caller"}

_PLAIN = (
    "direction", "origin", "customer_number", "did", "called", "queues", "last_agent",
    "agents_talked", "first_answered_by", "disposition", "hangup_by",
)  # fmt: skip


class Service:
    """A tracker and the fold; the line can be lost, and the memory."""

    def __init__(self) -> None:
        self.tracker = Tracker(1, recordings.ENDPOINTS)
        self.calls = OpenCalls()
        self.events: list[Event] = []

    def hear(self, messages: Any) -> "Service":
        for one in messages:
            self._take(self.tracker.feed(one.message, one.at or 0.0))
        return self

    def resync(self, messages: Any, until: int) -> list[Event]:
        """Apply what the PBX of the recording would list after `until` messages."""
        mirror = Mirror()
        mirror.hear(messages[:until])
        at = (messages[until - 1].at if until else messages[0].at) or 0.0
        told = resync.apply(
            mirror.lists(at), self.tracker, at, news=News(), lost_at=at, restarted=False
        )
        return self._take([event for event in told if event is not None])

    def restarted(self) -> "Service":
        """Return the service after a restart: only what was stored is known."""
        again = Service()
        for call in self.calls:
            if call.folded_into is None and not call.done:
                again.tracker.recall(retell(call))
            if call.folded_into is None:
                again.calls.add(call)
        return again

    def interactions(self) -> list[Call]:
        kept = [
            call for call in self.calls
            if call.direction in ("inbound", "outbound") and call.folded_into is None
        ]  # fmt: skip
        return sorted(kept, key=lambda call: call.ring_at)

    def _take(self, told: list[Event]) -> list[Event]:
        for event in told:
            self.calls.apply(event)
        self.events += told
        return told


def figures(service: Service) -> list[dict[str, Any]]:
    told = [to_truth(call, "AZ") for call in service.interactions()]
    return [
        {field: line[field] for field in _PLAIN}
        | {field: line[field] and round(line[field]) for field in ("wait_s", "talk_s", "hold_s")}
        for line in told
    ]


@pytest.mark.parametrize("name", STORIES)
def test_a_snapshot_of_what_is_known_tells_nothing_new(name: str) -> None:
    messages = [one for one in recordings.messages(name) if one.snapshot is None]
    whole = figures(Service().hear(messages))

    for cut in places(len(messages), 20):
        service = Service().hear(messages[:cut])
        service.resync(messages, cut)
        assert figures(service.hear(messages[cut:])) == whole, f"after {cut} messages"


@pytest.mark.parametrize("name", STORIES)
def test_a_restart_of_the_service_at_any_moment_changes_no_record(name: str) -> None:
    messages = [one for one in recordings.messages(name) if one.snapshot is None]
    whole = figures(Service().hear(messages))

    for cut in places(len(messages), 20):
        service = Service().hear(messages[:cut]).restarted()
        service.resync(messages, cut)
        told = figures(service.hear(messages[cut:]))
        for line, real in zip(told, whole, strict=True):
            # Between the wish to hang up and the end the wish is forgotten, and nothing made up.
            if line["hangup_by"] is None and real["hangup_by"] == "system":
                line["disposition"] = real["disposition"]
            line["hangup_by"] = line["hangup_by"] or real["hangup_by"]
        assert told == whole, f"after {cut} messages"


@pytest.mark.parametrize("name", STORIES)
def test_a_call_that_began_unseen_is_told_from_its_listing_on(name: str) -> None:
    messages = [one for one in recordings.messages(name) if one.snapshot is None]
    whole = {call.id: to_truth(call, "AZ") for call in Service().hear(messages).interactions()}

    for cut in places(len(messages), 20):
        late = Service()
        late.resync(messages, cut)
        for call in late.hear(messages[cut:]).interactions():
            told, real = to_truth(call, "AZ"), whole.get(call.id)
            assert real is not None, f"{call.id} is no interaction, after {cut} messages"
            # Whom an agent has called is told by the customer's channel, while there is one.
            met = any(leg.party == "customer" for leg in call.legs.values())
            facts = ("customer_number", "did", "called") if met else ()
            for field in ("direction", *facts):
                if name in recordings.PUT_OUTSIDE | recordings.DIALLED_FIRST | recordings.JOINED:
                    continue
                if name in RUNG_OUTSIDE and field == "customer_number" and told[field] is None:
                    continue
                assert told[field] == real[field], f"{field} after {cut} messages"
            assert {one for one in told["agents_talked"] if not one.startswith("external:")} <= set(
                real["agents_talked"]
            )
            assert call.done, f"open after {cut} messages"


def test_a_caller_put_outside_by_a_number_at_a_trunk_is_not_taken_for_us() -> None:
    # `Dial(PJSIP/0557650003@trunk)`: by then the caller's own channel shows the company's number.
    messages = recordings.messages("own/queue_overflow_external")
    answered = max(
        place for place, one in enumerate(messages) if one.message.get("dialstatus") == "ANSWER"
    )
    service = Service()
    service.resync(messages, answered + 1)

    (call,) = service.interactions()
    assert (call.direction, call.caller) == ("inbound", None)
    (outside,) = [leg for leg in call.legs.values() if leg.party == "external"]
    assert outside.number == "0557650003"

"""What the recordings say of each of their calls: the raw stream as a trace gives it."""

from functools import cache

from callcenter.ami.playing import Player
from callcenter.calls.call import Call
from callcenter.events import CallEvent
from callcenter.pbx import Evidence, Trace
from tests import recordings


@cache
def all_evidence(name: str) -> tuple[Evidence, ...]:
    """Return every message of a recording with what it made known of any call."""
    player = Player(1, recordings.ENDPOINTS)
    found: list[Evidence] = []
    at = 0.0
    for one in recordings.messages(name):
        at = one.at if one.at is not None else at
        told = tuple(event for event in player.feed(one) if isinstance(event, CallEvent))
        fields = one.message.fields
        named = (value for key, value in fields.items() if key.endswith("uniqueid") and value)
        found.append(
            Evidence(
                at=at, epoch=1, source="ami" if one.snapshot is None else "snapshot",
                name=one.message.name if one.snapshot is None else "CoreShowChannels",
                channels=tuple(named), text="\n".join(f"{k}: {v}" for k, v in fields.items()),
                events=told,
            )
        )  # fmt: skip
    return tuple(found)


def all_told(name: str) -> list[CallEvent]:
    """Return all that a recording tells of calls."""
    return [event for one in all_evidence(name) for event in one.events]


def trace_of(name: str, call: Call) -> Trace:
    """Return what a recording says of one call."""
    names = {call.id, *call.aliases, *call.folded}
    kept = []
    for one in all_evidence(name):
        events = tuple(event for event in one.events if event.call in names)
        if events or names & set(one.channels):
            kept.append(
                Evidence(
                    at=one.at, epoch=one.epoch, source=one.source, name=one.name,
                    channels=one.channels, text=one.text, events=events,
                )
            )  # fmt: skip
    return Trace(evidence=tuple(kept))

"""Recorded messages become records again: the very same tracker, the very same fold."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from callcenter.ami.playing import Player
from callcenter.ami.recording import Recorded
from callcenter.ami.tracker import Endpoints
from callcenter.calls.call import Call
from callcenter.calls.open_calls import OpenCalls

_PBX = 1


@dataclass(slots=True)
class Replayed:
    """What a replay found."""

    calls: list[Call] = field(default_factory=list)
    #: Every message had a time.
    timed: bool = True

    def interactions(self) -> list[Call]:
        """Return the calls with customers, in order of start."""
        found = [
            call
            for call in self.calls
            if call.direction in ("inbound", "outbound") and call.folded_into is None
        ]
        return sorted(found, key=lambda call: call.ring_at)


def replay_messages(recorded: Iterable[Recorded], endpoints: Endpoints | None) -> Replayed:
    """Run recorded messages through a fresh tracker and the fold.

    Without `endpoints` those count that the recording tells.
    """
    player = Player(_PBX, endpoints)
    calls = OpenCalls()
    replayed = Replayed()
    for one in recorded:
        replayed.timed = replayed.timed and one.at is not None
        for event in player.feed(one):
            calls.apply(event)
    replayed.calls = list(calls)
    return replayed

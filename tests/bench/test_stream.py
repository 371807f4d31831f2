"""The generated stream: like a real Asterisk's, the same for a seed, and true to its own word."""

from collections import Counter
from itertools import count
from typing import Any

import pytest

from callcenter.ami.messages import parse
from callcenter.ami.tracker import WANTED, Endpoints, Tracker
from callcenter.bench import stories, stream
from callcenter.bench.stories import TRUNK, Plot
from callcenter.bench.stream import Outcome
from callcenter.calls.open_calls import OpenCalls
from tests import recordings

BEGAN = 1_700_000_000

#: What variables a channel shows is a setting of the PBX; so is the time stamp.
_SETTINGS = ("chanvariable", "destchanvariable", "timestamp")


def fields_of(block: bytes) -> list[str]:
    keys = [line.partition(":")[0].lower() for line in block.decode().strip().split("\r\n")]
    return [key for key in keys if key not in _SETTINGS]


def recorded_shapes() -> dict[str, set[tuple[str, ...]]]:
    """Return the field lists of each event in recordings that have all classes of events."""
    shapes: dict[str, set[tuple[str, ...]]] = {}
    for name in ("queue_answered", "queue_abandon_ringing", "out_answered"):
        for path in recordings.files(name):
            for block in path.read_bytes().split(b"\r\n\r\n"):
                if block.startswith(b"Event: "):
                    kind = block[7 : block.index(b"\r\n")].decode()
                    shapes.setdefault(kind, set()).add(tuple(fields_of(block)))
    return shapes


def test_every_event_has_the_fields_of_a_recorded_one_in_the_same_order():
    shapes = recorded_shapes()
    flood = stream.flood(30, 50, BEGAN, 1, 60)
    seen = {block[7 : block.index(b"\r\n")].decode(): block for block in flood.blocks}

    # Reports on media end in a list as long as there are senders.
    strange = {
        kind: fields_of(block)
        for kind, block in seen.items()
        if not kind.startswith("RTCP") and tuple(fields_of(block)) not in shapes.get(kind, set())
    }
    assert strange == {}
    assert {"RTCPSent", "QueueCallerAbandon", "AgentComplete"} <= seen.keys()


def test_an_answered_queue_call_has_the_size_and_the_noise_of_a_real_one():
    uids = count(1)
    plot = Plot("17.0", "0502000001", tuple(stream.agents(1)), lambda: f"17.{next(uids)}")
    blocks = [event.stamped(1.0) for event in stories.queue_answered(plot)]

    assert 58 <= len(blocks) <= 66
    assert 450 <= sum(map(len, blocks)) / len(blocks) <= 510
    assert sum(block[7 : block.index(b"\r\n")] not in WANTED for block in blocks) >= 30


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_what_the_stream_promises_is_what_comes_of_it(seed: int):
    flood = stream.flood(20, 50, BEGAN, seed, 80)
    tracker = Tracker(
        1, Endpoints([f"PJSIP/{one.extension}" for one in stream.agents(20)], [TRUNK])
    )
    calls = OpenCalls()
    for block in flood.blocks:
        for event in tracker.feed(parse(block), 0.0):
            calls.apply(event)

    became = {
        call.id: Outcome(str(call.direction), str(call.result), len(call.legs), len(call.visits))
        for call in calls
    }
    assert became == flood.outcomes
    assert len(Counter(flood.outcomes.values())) == 5


def test_a_seed_gives_the_same_calls_and_another_seed_others():
    def calls(seed: int) -> Any:
        return stream.flood(20, 50, BEGAN, seed, 30).outcomes

    assert calls(1) == calls(1)
    assert not calls(1).keys() & calls(2).keys()


def test_an_agent_is_in_one_call_at_a_time():
    mixer = stream.Mixer(5, stream.agents(4), stream.callers(5, 50), BEGAN)
    up: dict[str, str] = {}
    for event, plot in mixer.steps(20):
        if event.name == "Newchannel" and (agent := _agent(event.body)):
            assert up.setdefault(agent, plot.uid) == plot.uid
        elif event.name == "Hangup" and (agent := _agent(event.body)):
            del up[agent]
    assert up == {}


def _agent(body: str) -> str | None:
    channel = body.partition("Channel: ")[2].partition("\r\n")[0]
    return None if channel.startswith(TRUNK) else channel.partition("-")[0]

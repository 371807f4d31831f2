"""Recordings as the service would have kept them: fed through the recorder, in chunks of any size."""

import json
import random
from pathlib import Path

from callcenter.ami.evidence import Subject
from callcenter.ami.recorder import Recorder, Tape
from callcenter.ami.retention import Keep
from callcenter.calls.call import Call
from tests import recordings

PBX = 1


def tape(root: Path, *names: str, seed: int = 1, outside: tuple[str, ...] = ()) -> None:
    """Keep the recordings `names` under `root`, each part as a connection of its own.

    At the numbers `outside` agents sit.
    """
    recorder = Recorder(root, Keep(), flush_s=0.01, segment_bytes=60_000)
    try:
        one = recorder.tape(PBX)
        agents = (*recordings.AGENTS, *(f"tel:{number}" for number in outside))
        one.endpoints(0, agents, recordings.TRUNKS, region="AZ")
        parts = [path for name in names for path in recordings.files(name)]
        for epoch, path in enumerate(parts, 1):
            _connection(one, epoch, path, random.Random(seed))
    finally:
        recorder.close()


def _connection(one: Tape, epoch: int, path: Path, choice: random.Random) -> None:
    data = path.read_bytes()
    times = path.with_name(path.name.removesuffix(".ami") + ".times.jsonl")
    blocks = [json.loads(line) for line in times.read_text("utf-8").splitlines()]
    one.connected(epoch, blocks[0]["t"])
    start = 0
    for block in blocks:
        # What comes in one read is never the end of one block and all of the next: blocks keep
        # their times.
        end = block["offset"] + block["length"]
        while start < end:
            size = choice.randint(1, block["length"])
            one.read(block["t"], data[start : min(start + size, end)])
            start = min(start + size, end)
    one.lost(epoch, blocks[-1]["t"], blocks[-1]["t"], "the PBX closed the connection")


def subject_of(call: Call) -> Subject:
    """Return what is asked for when somebody asks about `call`."""
    to_at = call.end_at if call.end_at is not None else call.ring_at
    return Subject(PBX, frozenset({call.id, *call.aliases}), call.ring_at, to_at)

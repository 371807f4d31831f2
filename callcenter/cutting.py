"""One call, taken out of the kept streams as files: a test that goes on showing what went wrong.

What comes out is what `callcenter replay` reads: the messages that have to do with the call, their
times, whose phones are whose, and (`NAME.record.json`) what the replay makes of them.
"""

import json
import random
import shlex
import tempfile
from collections.abc import Callable, Iterable
from itertools import groupby
from math import inf
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from callcenter.ami.anonymise import Anonymiser
from callcenter.ami.evidence import Subject, find
from callcenter.ami.recording import Kept, Reading
from callcenter.ami.segments import Mark
from callcenter.ami.tracker import Endpoints, endpoint_of
from callcenter.ami.tracker.endpoints import OUTSIDE
from callcenter.calls.truth import to_truth
from callcenter.replaying import replay_messages

_END = b"\r\n\r\n"


class Cut(NamedTuple):
    """The files by name, and what shows the call again where they lie."""

    files: dict[str, bytes]
    command: str


def cut(
    root: Path,
    subject: Subject,
    name: str,
    region: str,
    *,
    anonymise: bool,
    chance: random.Random | None = None,
    limit_bytes: float = inf,
) -> Cut | None:
    """Return the call's part of the streams under `root`; None if nothing of it is kept.

    Of what is more than `limit_bytes` on disk the middle is left out.
    """
    found = find(root, subject, limit_bytes)
    kept = found.kept()
    blocks = [one.what for one in kept if isinstance(one.what, bytes)]
    if not blocks:
        return None
    phones = _Phones(kept, blocks)
    made: Callable[[bytes], bytes] = bytes
    if anonymise:
        endpoints = phones.endpoints(region)
        hidden = Anonymiser(blocks, endpoints, region, chance or random.SystemRandom())
        made = hidden.block
        phones.rename(hidden.endpoint)
    parts = [list(part) for _, part in groupby(kept, key=lambda one: one.epoch)]
    parts = [part for part in parts if any(isinstance(one.what, bytes) for one in part)]
    files: dict[str, bytes] = {}
    for number, part in enumerate(parts, 1):
        stem = name if len(parts) == 1 else f"{name}.{number}"
        files |= _connection(stem, number, part, made, phones)
    streams = [one for one in files if one.endswith(".ami")]
    files[f"{name}.record.json"] = _record(files, streams, phones, region)
    return Cut(files, phones.command(streams, region))


class _Phones:
    """Whose phones are whose, of those that the call has to do with."""

    def __init__(self, kept: Iterable[Kept], blocks: Iterable[bytes]) -> None:
        marks = [one.what for one in kept if isinstance(one.what, Mark)]
        self.mark = marks[-1] if marks else Mark(0, 0, "endpoints")
        whole = b"\r\n".join(blocks).decode("utf-8", "replace")
        seen = {endpoint_of(name) for name in _channels(whole)}
        known = self.endpoints("")
        self.agents = sorted(one for one in seen if known.kind(one) == "agent")
        self.trunks = sorted(one for one in seen if known.kind(one) == "trunk")
        # Who is at an outside number has no channel of that name.
        self.agents += [
            one for one in self.mark.agents if one.startswith(OUTSIDE) and one[-6:] in whole
        ]

    def endpoints(self, region: str) -> Endpoints:
        mark = self.mark
        return Endpoints(
            mark.agents, mark.trunks, own_callers=mark.own_callers,
            region=mark.region or region, prefix=mark.prefix,
        )  # fmt: skip

    def rename(self, name_of: Callable[[str], str]) -> None:
        own = set(self.mark.own_callers) & set(self.agents)
        self.agents = [name_of(one) for one in self.agents]
        self.trunks = [name_of(one) for one in self.trunks]
        callers = tuple(name_of(one) for one in own)
        self.mark = msgspec.structs.replace(self.mark, own_callers=callers)

    def told(self, at: float) -> Mark:
        return msgspec.structs.replace(
            self.mark, t=at, offset=0, agents=tuple(self.agents), trunks=tuple(self.trunks)
        )

    def command(self, streams: list[str], region: str) -> str:
        words = [
            "callcenter", "replay", *streams, "--json", "--agents", ",".join(self.agents),
            "--trunks", ",".join(self.trunks), "--region", region,
        ]  # fmt: skip
        return shlex.join(words)


def _channels(whole: str) -> set[str]:
    lines = (line.partition(": ") for line in whole.split("\r\n"))
    return {value for key, _, value in lines if key.lower().endswith("channel")}


def _connection(
    stem: str, epoch: int, part: list[Kept], made: Callable[[bytes], bytes], phones: _Phones
) -> dict[str, bytes]:
    """Return the bytes and the times of one connection."""
    began_at = next((one.at for one in part if one.at is not None), 0.0)
    times = [Mark(began_at, 0, "connected", epoch), phones.told(began_at)]
    stream = bytearray()
    for one in part:
        if isinstance(one.what, bytes):
            times.append(Mark(one.at or began_at, len(stream)))
            stream += made(one.what) + _END
    heard_at = next((one.at for one in reversed(part) if one.what is None), None)
    times.append(Mark(heard_at or began_at, len(stream), "lost", epoch, since=heard_at))
    lines = b"".join(msgspec.json.encode(mark) + b"\n" for mark in times)
    return {f"{stem}.ami": bytes(stream), f"{stem}.times.jsonl": lines}


def _record(files: dict[str, bytes], streams: list[str], phones: _Phones, region: str) -> bytes:
    """Return what a replay of the files says."""
    told: dict[str, Any] = {
        "agents": phones.agents, "trunks": phones.trunks, "region": region,
        "interactions": replayed(files, streams, region),
    }  # fmt: skip
    return (json.dumps(told, ensure_ascii=False, indent=2) + "\n").encode()


def replayed(files: dict[str, bytes], streams: list[str], region: str) -> list[dict[str, Any]]:
    """Return the interactions of the files, one after the other, in the form of the truth files."""
    with tempfile.TemporaryDirectory() as folder:
        for name, data in files.items():
            Path(folder, name).write_bytes(data)
        reading = Reading()
        for name in streams:
            reading.add(Path(folder, name))
        found = replay_messages(reading.recorded(), None)
    return [to_truth(call, region, timed=found.timed) for call in found.interactions()]

"""The raw stream is on disk as it came: whole, in time, bounded, and readable after a crash."""

import gzip
import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from callcenter.ami import segments
from callcenter.ami.recorder import Recorder, Tape
from callcenter.ami.recording import read
from callcenter.ami.retention import Keep, tidy
from callcenter.ami.segments import Segment, marks, pieces
from callcenter.simulator import Simulator, SimulatorSettings
from tests.ami.line import Line
from tests.recordings import FOLDER, messages

T0 = 1_795_318_242.25
DAY_S = 86_400.0
BLOCK = b"Event: Newchannel\r\nUniqueid: %d.0\r\n\r\n"


@contextmanager
def recording(root: Path, **given: float) -> Iterator[tuple[Recorder, Tape]]:
    recorder = Recorder(root, Keep(), flush_s=0.01, **given)  # type: ignore[arg-type]
    try:
        yield recorder, recorder.tape(1)
    finally:
        recorder.close()


def kept(root: Path) -> list[Segment]:
    return segments.segments(root / "1")


def bytes_of(root: Path) -> bytes:
    return b"".join(b"".join(pieces(one.path)) for one in kept(root))


def test_a_stream_is_kept_byte_for_byte_however_it_was_cut(tmp_path: Path) -> None:
    data = (FOLDER / "queue_answered.ami").read_bytes()
    choice = random.Random(7)
    with recording(tmp_path) as (_, tape):
        tape.connected(3, T0)
        at, start = T0, 0
        while start < len(data):
            size = choice.randint(1, 900)
            tape.read(at := at + 0.01, data[start : start + size])
            start += size

    (one,) = kept(tmp_path)
    assert (one.began_at, one.epoch) == (pytest.approx(T0, abs=0.001), 3)
    assert gzip.decompress(one.path.read_bytes()) == data
    assert [one.message.fields for one in read(one.path)] == [
        one.message.fields for one in messages("queue_answered")
    ]


def test_the_times_stand_beside_it_with_the_turns_of_the_link(tmp_path: Path) -> None:
    with recording(tmp_path) as (_, tape):
        tape.endpoints(T0, ["PJSIP/1001"], ["PJSIP/trunk"])
        tape.connected(4, T0)
        tape.read(T0 + 1, BLOCK % 1)
        tape.read(T0 + 2, BLOCK % 2)
        tape.lost(4, T0 + 9, T0 + 2, "the PBX closed the connection")

    told = marks(kept(tmp_path)[0].times)
    assert [(mark.turn, mark.offset, mark.t - T0) for mark in told] == [
        ("connected", 0, 0), ("endpoints", 0, 0), ("", 0, 1), ("", len(BLOCK % 1), 2),
        ("lost", 2 * len(BLOCK % 1), 9),
    ]  # fmt: skip
    assert (told[1].agents, told[1].trunks) == (("PJSIP/1001",), ("PJSIP/trunk",))
    assert (told[4].since, told[4].reason) == (T0 + 2, "the PBX closed the connection")
    assert [one.at for one in read(kept(tmp_path)[0].path) if one.message.name] == [T0 + 1, T0 + 2]


def test_each_segment_begins_at_a_whole_block_and_goes_on_with_the_same_epoch(
    tmp_path: Path,
) -> None:
    data = b"".join(BLOCK % number for number in range(400))
    with recording(tmp_path, segment_bytes=2_000) as (_, tape):
        tape.connected(1, T0)
        for start in range(0, len(data), 7):
            tape.read(T0 + start / 1000, data[start : start + 7])

    assert len(kept(tmp_path)) > 5
    assert bytes_of(tmp_path) == data
    for one in kept(tmp_path):
        assert b"".join(pieces(one.path)).endswith(b"\r\n\r\n")
        assert {marks(one.times)[0].turn, one.epoch} <= {"connected", "continued", 1}


def test_a_new_hour_begins_a_new_segment(tmp_path: Path) -> None:
    with recording(tmp_path) as (_, tape):
        tape.connected(1, T0)
        for hour in range(3):
            tape.read(T0 + hour * 3600, BLOCK % hour)
            tape.read(T0 + hour * 3600 + 1, BLOCK % hour)

    assert len(kept(tmp_path)) == 3


def test_a_new_connection_begins_a_new_segment_and_half_a_block_stays_behind(
    tmp_path: Path,
) -> None:
    with recording(tmp_path) as (_, tape):
        tape.connected(1, T0)
        tape.read(T0, BLOCK % 1 + b"Event: Hang")
        tape.lost(1, T0 + 1, T0, "gone")
        tape.connected(2, T0 + 2)
        tape.read(T0 + 2, BLOCK % 2)

    first, second = kept(tmp_path)
    assert [one.message.get("uniqueid") for one in read(first.path)] == ["1.0", ""]
    assert [one.epoch for one in read(second.path)] == [2, 2]


def test_the_files_are_nobody_elses(tmp_path: Path) -> None:
    with recording(tmp_path) as (_, tape):
        tape.connected(1, T0)
        tape.read(T0, BLOCK % 1)

    (one,) = kept(tmp_path)
    assert [path.stat().st_mode & 0o077 for path in (one.path, one.times)] == [0, 0]
    assert one.path.parent.stat().st_mode & 0o077 == 0


# ---------------------------------------------------------------- crash

_WRITES_FOR_EVER = """
import sys, time
from pathlib import Path
from callcenter.ami.recorder import Recorder
from callcenter.ami.retention import Keep
tape = Recorder(Path(sys.argv[1]), Keep()).tape(1)
tape.connected(1, time.time())
number = 0
while True:
    tape.read(time.time(), b"Event: Newchannel\\r\\nUniqueid: %d.0\\r\\n\\r\\n" % number)
    number += 1
    if number % 100 == 0:
        print(number, time.time(), flush=True)
        time.sleep(0.01)
"""


def test_after_a_kill_all_but_the_last_second_can_be_read(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _WRITES_FOR_EVER, str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as writing:
        assert writing.stdout is not None
        said = [line.split() for line, _ in zip(writing.stdout, range(150), strict=False)]
        os.kill(writing.pid, signal.SIGKILL)

    (one,) = kept(tmp_path)
    found = [recorded for recorded in read(one.path) if recorded.message.name]
    numbers = [int(recorded.message.get("uniqueid").removesuffix(".0")) for recorded in found]
    assert numbers == list(range(len(numbers)))
    last_number, last_at = int(said[-1][0]), float(said[-1][1])
    assert found[-1].at is not None
    # What it said last may itself have been read late, never the other way round.
    assert found[-1].at > last_at - 1.5, (len(numbers), last_number)


@pytest.mark.parametrize("left", [0, 1, 9, 10, 11, 50, 90])
def test_a_torn_end_costs_only_the_end(tmp_path: Path, left: int) -> None:
    with recording(tmp_path) as (_, tape):
        tape.connected(1, T0)
        for number in range(500):
            tape.read(T0 + number, BLOCK % number)
    (one,) = kept(tmp_path)
    packed = one.path.read_bytes()
    one.path.write_bytes(packed[: len(packed) * left // 100])

    found = [recorded.message.get("uniqueid") for recorded in read(one.path)]
    assert [uid for uid in found if uid] == [f"{n}.0" for n in range(len([u for u in found if u]))]
    assert (left < 50) or len(found) > 100


# ---------------------------------------------------------------- the disk


class StuckDisk:
    """Opening a segment waits until it is let go: a disk that has stopped to answer."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.let_go = threading.Event()
        self.stuck = threading.Event()
        real = segments._free_path

        def slow(folder: Path, at: float, epoch: int) -> Path:
            self.stuck.set()
            assert self.let_go.wait(5)
            return real(folder, at, epoch)

        monkeypatch.setattr(segments, "_free_path", slow)


def test_a_slow_disk_costs_a_hole_that_says_so_and_never_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = StuckDisk(monkeypatch)
    with recording(tmp_path, limit_bytes=5_000) as (recorder, tape), capture_logs() as logged:
        tape.connected(1, T0)
        assert disk.stuck.wait(5)
        for number in range(1000):
            tape.read(T0 + number, BLOCK % number)
        assert recorder.room() > -0.1
        disk.let_go.set()
        until(lambda: recorder.room() > 0.9)
        tape.read(T0 + 1000, b"Uniqueid: 7.0\r\n\r\n" + BLOCK % 1000)

    whole, after = kept(tmp_path)
    numbers = [int(one.message.get("uniqueid")[:-2]) for one in read(whole.path) if one.block]
    assert numbers == list(range(len(numbers)))
    assert 50 < len(numbers) < 200
    hole = marks(after.times)[0]
    assert (hole.turn, hole.reason, hole.epoch) == ("hole", "slow", 1)
    assert (hole.since, hole.t) == (T0 + len(numbers), T0 + 1000)
    # The rest of a block whose beginning is not kept is not kept either.
    assert [one.message.get("uniqueid") for one in read(after.path) if one.block] == ["1000.0"]
    assert [line["log_level"] for line in logged] == ["error"]


def test_a_full_disk_is_said_once_and_what_comes_after_it_is_kept(tmp_path: Path) -> None:
    folder = tmp_path / "traces"
    # A file where the folder should be refuses as a full disk does.
    folder.write_bytes(b"")
    with capture_logs() as logged, recording(folder, retry_s=0.02) as (recorder, tape):
        tape.connected(1, T0)
        for number in range(100):
            tape.read(T0 + number, BLOCK % number)
        until(lambda: recorder.room() == 1 and any("does not take" in str(line) for line in logged))
        folder.unlink()
        sent = iter(range(100, 100_000))
        until(lambda: write(tape, next(sent)) or bool(folder.exists() and kept(folder)))
        write(tape, next(sent))

    hole = marks(kept(folder)[0].times)[0]
    assert (hole.turn, hole.reason, hole.since) == ("hole", "disk", T0)
    assert read(kept(folder)[0].path)
    assert [line["log_level"] for line in logged] == ["error", "info"]


_WRITES_LITTLE = """
import resource, sys, time
from pathlib import Path
from callcenter.ami.recorder import Recorder
from callcenter.ami.retention import Keep
resource.setrlimit(resource.RLIMIT_FSIZE, (6_000, 6_000))
recorder = Recorder(Path(sys.argv[1]), Keep(), flush_s=0.005, retry_s=0.0)
tape = recorder.tape(1)
tape.connected(1, time.time())
for number in range(10_000):
    tape.read(time.time(), b"Event: Newchannel\\r\\nUniqueid: %d.0\\r\\n\\r\\n" % (number * 7919))
    if number % 100 == 0:
        recorder.sync()
recorder.close()
"""


def test_a_file_that_breaks_off_amid_a_write_can_be_read_and_the_next_goes_on(
    tmp_path: Path,
) -> None:
    # A pipe, because the limit would hold for a file with what is said as well.
    ran = subprocess.run(
        [sys.executable, "-c", _WRITES_LITTLE, str(tmp_path)],
        check=True, capture_output=True, text=True,
    )  # fmt: skip

    files = kept(tmp_path)
    assert len(files) > 2
    numbers = [
        int(one.message.get("uniqueid")[:-2]) // 7919
        for file in files
        for one in read(file.path)
        if one.block
    ]
    assert numbers == sorted(set(numbers))
    assert numbers[0] == 0
    assert len(numbers) > 5_000
    assert ran.stdout.count("does not take") == 1
    assert [marks(file.times)[0].turn for file in files[1:]] == ["hole"] * (len(files) - 1)


def write(tape: Tape, number: int) -> bool:
    tape.read(T0 + number, BLOCK % number)
    return False


def until(is_so: Callable[[], bool]) -> None:
    """Wait for the writing thread."""
    pause = threading.Event()
    for _ in range(2_000):
        if is_so():
            return
        pause.wait(0.005)
    raise AssertionError


# ---------------------------------------------------------------- retention


def old_segment(root: Path, days_ago: float, size: int = 1000) -> Segment:
    at = T0 - days_ago * DAY_S
    writer = segments.SegmentWriter(root / "1", at, 1)
    writer.read(at, random.Random(days_ago).randbytes(size))
    writer.close()
    for path in (writer.path, segments.times_of(writer.path)):
        os.utime(path, (at, at))
    return next(one for one in kept(root) if one.path == writer.path)


def test_what_is_too_old_is_removed_with_its_times_and_its_day(tmp_path: Path) -> None:
    old, young = old_segment(tmp_path, 31), old_segment(tmp_path, 29)

    tidy(tmp_path, Keep(days=30), set(), T0)

    assert kept(tmp_path) == [young]
    assert not old.path.parent.exists()


def test_the_oldest_go_first_where_all_take_too_much(tmp_path: Path) -> None:
    made = [old_segment(tmp_path, days, 10_000) for days in (3, 2, 1)]

    tidy(tmp_path, Keep(limit_bytes=25_000), set(), T0)

    assert kept(tmp_path) == made[1:]


def test_a_disk_that_runs_full_gets_back_what_it_lacks(tmp_path: Path) -> None:
    made = [old_segment(tmp_path, days, 10_000) for days in (3, 2, 1)]

    tidy(tmp_path, Keep(), set(), T0, spare_bytes=10_000)
    assert kept(tmp_path) == made
    tidy(tmp_path, Keep(), set(), T0, spare_bytes=-5_000)
    assert kept(tmp_path) == made[1:]


def test_how_much_is_kept_and_since_when_can_be_watched(tmp_path: Path) -> None:
    one = old_segment(tmp_path, 3)
    tidy(tmp_path, Keep(), set(), T0)
    watched = REGISTRY.get_sample_value
    assert watched("callcenter_trace_bytes") == one.size
    assert watched("callcenter_trace_oldest_timestamp_seconds") == one.began_at


def test_what_is_being_written_is_never_removed(tmp_path: Path) -> None:
    one = old_segment(tmp_path, 99)

    tidy(tmp_path, Keep(days=1, limit_bytes=1), {one.path}, T0)

    assert kept(tmp_path) == [one]


# ---------------------------------------------------------------- the link


async def test_a_link_keeps_all_it_hears_and_no_secret(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path, Keep(), flush_s=0.01)
    async with Simulator(SimulatorSettings()) as sim:
        async with Line(sim, tape=recorder.tape(1)) as line:
            await line.up()
            sim.drop_connections()
            await line.up(2)
        recorder.close()

    first, second = kept(tmp_path)
    raw = b"".join(pieces(first.path)) + b"".join(pieces(second.path))
    assert (first.epoch, second.epoch) == (1, 2)
    assert raw.count(b"Event: FullyBooted") == 2
    assert raw.count(b"Event: CoreShowChannelsComplete") == 2
    assert b"crm-secret" not in raw
    assert [mark.turn for mark in marks(first.times) if mark.turn] == ["connected", "lost"]
    assert sum(one.snapshot is not None for one in read(first.path) + read(second.path)) == 2


def test_what_there_was_no_room_for_before_the_link_was_lost_is_not_claimed(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path, Keep(), limit_bytes=10)
    # Nothing is written until the recorder's own thread runs.
    one = Tape(recorder, 1)
    one.connected(1, 100.0)
    one.read(101.0, b"Event: Newchannel\r\n\r\n")
    one.read(102.0, b"Event: Hangup\r\n\r\n")
    one.lost(1, 150.0, 149.0, "the PBX closed the connection")
    recorder.tape(1)
    recorder.close()

    (kept,) = segments.segments(tmp_path / "1")
    (lost,) = [mark for mark in marks(kept.times) if mark.turn == "lost"]
    assert lost.since == 102.0

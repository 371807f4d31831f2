"""The part of a CEL file that is needed: found by time, whatever the size, torn or rotated."""

from datetime import UTC
from pathlib import Path

import pytest

from callcenter.ami.repair import CelUnreadable, files, source_of, stories
from callcenter.ami.repair.files import TooMuch, read_since

BEGAN = 1_795_000_000


def line(at: float, linkedid: str, uniqueid: str = "", kind: str = "CHAN_START") -> str:
    uid = uniqueid or linkedid
    return f'"{kind}","{at:.6f}","","","","","","s","","PJSIP/1001-{uid}","","","3","","{uid}","{linkedid}","","","",""\n'


def calls(count: int, every_s: float = 10.0, *, first: int = 0) -> str:
    """Return a file of calls that begin one after the other and last a second each."""
    lines = []
    for number in range(first, first + count):
        at = BEGAN + number * every_s
        uid = f"{int(at)}.{number}"
        lines += [line(at, uid), line(at + 1, uid, kind="HANGUP")]
    return "".join(lines)


def test_only_what_is_needed_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    file = tmp_path / "Master.csv"
    file.write_text(calls(20_000))  # five megabytes
    from_at = BEGAN + 19_990 * 10
    # Nothing but the halving and the end of the file may be looked at.
    monkeypatch.setattr(files, "LIMIT_BYTES", 150_000)

    rows = list(read_since(file, from_at, UTC))

    assert len(rows) == 20
    assert rows[0].at == from_at


@pytest.mark.parametrize("number", [0, 1, 777, 1998, 1999, 2000])
def test_the_place_to_begin_is_found_anywhere(tmp_path: Path, number: int):
    file = tmp_path / "Master.csv"
    file.write_text(calls(2000))

    rows = list(read_since(file, BEGAN + number * 10, UTC))

    assert len(rows) == 2 * (2000 - number)


def test_a_line_that_is_still_being_written_is_left_for_the_next_time(tmp_path: Path):
    file = tmp_path / "Master.csv"
    text = calls(3)
    file.write_text(text[:-40])

    assert len(list(read_since(file, BEGAN, UTC))) == 5
    file.write_text(text)
    assert len(list(read_since(file, BEGAN, UTC))) == 6


def test_what_was_rotated_away_is_read_too_if_it_is_needed(tmp_path: Path):
    file = tmp_path / "Master.csv"
    (tmp_path / "Master.csv.1").write_text(calls(100))
    file.write_text(calls(100, first=100))

    assert len(list(read_since(file, BEGAN + 90 * 10, UTC))) == 2 * 110
    assert len(list(read_since(file, BEGAN + 110 * 10, UTC))) == 2 * 90
    file.write_text("")
    assert len(list(read_since(file, BEGAN + 90 * 10, UTC))) == 2 * 10


def test_garbage_costs_its_own_lines(tmp_path: Path):
    file = tmp_path / "Master.csv"
    file.write_bytes(
        b"\xff\x00garbage\n" * 9000 + calls(2).encode() + b'"torn\n\n' + calls(1, first=2).encode()
    )

    assert len(list(read_since(file, BEGAN, UTC))) == 6


def test_more_than_is_sensible_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    file = tmp_path / "Master.csv"
    file.write_text(calls(2000))
    monkeypatch.setattr(files, "LIMIT_BYTES", 150_000)

    with pytest.raises(TooMuch):
        list(read_since(file, BEGAN, UTC))


async def test_a_file_that_cannot_be_read_says_why(tmp_path: Path):
    source = source_of(f"csv:{tmp_path}/none.csv", None, "Asia/Baku")

    with pytest.raises(CelUnreadable, match=r"none\.csv cannot be read: No such file"):
        await stories(source, BEGAN, BEGAN + 10)


async def test_the_stories_of_the_calls_that_a_gap_touched_are_whole(tmp_path: Path):
    """From their beginning, long before, to their end, long after; and under both their names."""
    file = tmp_path / "Master.csv"
    long_ago, at = BEGAN + 100, BEGAN + 50_000
    old, other = f"{long_ago}.1", f"{at}.7"
    file.write_text(
        line(long_ago, old)
        + calls(4000, first=100)
        + line(at, old, kind="ANSWER")
        + line(at + 1, other)
        + line(at + 200, old, other, kind="BRIDGE_ENTER")
        + line(at + 300, old, kind="HANGUP")
        + line(at + 301, old, other, kind="HANGUP")
        + line(at + 302, f"{at + 302}.9")
    )

    found = await stories(source_of(f"csv:{file}", None, "UTC"), at - 5, at + 5)

    assert [row.kind for row in found.rows if row.linkedid == old][:2] == ["CHAN_START", "ANSWER"]
    assert {row.uniqueid for row in found.rows if row.at > at - 100} == {old, other}
    assert found.newest == at + 302


async def test_a_quiet_pbx_tells_nothing_newer(tmp_path: Path):
    file = tmp_path / "Master.csv"
    file.write_text(calls(10))

    found = await stories(source_of(f"csv:{file}", None, "UTC"), BEGAN + 500, BEGAN + 510)

    assert (found.rows, found.newest) == ([], None)

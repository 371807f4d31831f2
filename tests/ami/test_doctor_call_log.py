"""What the doctor says of a PBX's own log of calls."""

import time
from pathlib import Path

import pytest

from callcenter.ami.doctor.call_log import examine_call_log
from callcenter.ami.repair import source_of


def line(kind: str, age_s: float, app: str = "") -> str:
    fields = [
        kind,
        f"{time.time() - age_s:.6f}",
        *[""] * 7,
        "PJSIP/1-1",
        app,
        *[""] * 3,
        "1.1",
        "1.1",
    ]
    return ",".join(f'"{field}"' for field in [*fields, "", "", "", ""]) + "\n"


def busy() -> str:
    return "".join(line("APP_START", 3000 - n, "Dial") for n in range(500))


def queue() -> str:
    return line("APP_START", 600, "Queue")


@pytest.mark.parametrize(
    ("written", "state", "says"),
    [
        (None, "missing", "cannot be read: "),
        (str, "unknown", "nothing was written in the last day"),
        (lambda: line("CHAN_START", 90_000), "unknown", "nothing was written in the last day"),
        (busy, "missing", "says nothing of queues"),
        (lambda: busy() + queue(), "good", "up to 10 min ago"),
        (queue, "good", "up to 10 min ago"),
    ],
)
async def test_it_says_whether_calls_could_be_added(tmp_path: Path, written, state, says):
    file = tmp_path / "Master.csv"
    if written is not None:
        file.write_text(written())

    finding = await examine_call_log(source_of(f"csv:{file}", None, "UTC"), has_queues=True)

    assert finding.state == state
    assert says in finding.text("sentence")
    assert bool(finding.cost) == (state != "good")
    assert bool(finding.remedy) == (state != "good")


async def test_a_pbx_without_queues_need_not_log_them(tmp_path: Path):
    file = tmp_path / "Master.csv"
    file.write_text(busy())

    finding = await examine_call_log(source_of(f"csv:{file}", None, "UTC"), has_queues=False)

    assert finding.state == "good"


async def test_without_a_log_it_says_what_is_lost():
    finding = await examine_call_log(None, has_queues=True)

    assert (finding.code, finding.state) == ("cel", "note")
    assert "missing for good" in finding.text("cost")

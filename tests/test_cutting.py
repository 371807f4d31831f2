"""A call cut out of the kept streams replays to the same record, and anonymised says of nobody."""

import json
import random
import re
import shlex
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from click.testing import CliRunner

from callcenter.ami.anonymise import Anonymiser
from callcenter.ami.segments import segments
from callcenter.ami.tracker import Endpoints
from callcenter.app import traces
from callcenter.calls.traced import Traced
from callcenter.calls.truth import to_truth
from callcenter.cutting import Cut, cut
from callcenter.replay import replay
from callcenter.replaying import replay_messages
from tests import recordings
from tests.recordings import NAMES
from tests.taped import PBX, subject_of, tape

#: What stands in a record as it is, whoever it was.
_SAME = (
    "direction", "origin", "wait_s", "queue_wait_s", "talk_s", "hold_s", "disposition",
    "hangup_by", "voicemail", "t_start",
)  # fmt: skip


@cache
def cuts(name: str, *, anonymise: bool) -> tuple[tuple[dict[str, Any], Cut], ...]:
    """Return each call of a recording as it was told, and as it was cut out."""
    found = []
    with TemporaryDirectory() as folder:
        root = Path(folder)
        tape(root, name)
        for call in recordings.replayed(whole(name)).interactions():
            made = cut(
                root, subject_of(call), "wrong", "AZ", anonymise=anonymise, chance=random.Random(3)
            )
            assert made is not None
            found.append((to_truth(call, "AZ"), made))
    return tuple(found)


def whole(name: str) -> list[recordings.Recorded]:
    parts = enumerate(recordings.files(name), 1)
    return [one for epoch, path in parts for one in recordings.read(path, epoch=epoch)]


def record(made: Cut) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = json.loads(made.files["wrong.record.json"])["interactions"]
    return told


@pytest.mark.parametrize("name", NAMES)
def test_a_cut_replays_to_the_same_record(name: str, tmp_path: Path) -> None:
    for told, made in cuts(name, anonymise=False):
        assert told in record(made)
        assert replayed(made, tmp_path) == record(made)


def replayed(made: Cut, folder: Path) -> list[dict[str, Any]]:
    """Run the command that the cut gives, where its files lie."""
    for file, data in made.files.items():
        (folder / file).write_bytes(data)
    program, command, *words = shlex.split(made.command)
    assert (program, command) == ("callcenter", "replay")
    words = [str(folder / word) if word.endswith(".ami") else word for word in words]
    ran = CliRunner().invoke(replay, words)
    assert (ran.exit_code, ran.stderr) == (0, "")
    return [json.loads(line) for line in ran.stdout.splitlines()]


@pytest.mark.parametrize("name", NAMES)
def test_an_anonymised_cut_replays_to_the_same_record_of_other_people(
    name: str, tmp_path: Path
) -> None:
    for told, made in cuts(name, anonymise=True):
        (again,) = [one for one in record(made) if one["t_start"] == told["t_start"]]
        assert {key: again[key] for key in _SAME} == {key: told[key] for key in _SAME}
        assert shape(again) == shape(told)
        assert replayed(made, tmp_path) == record(made)


def shape(told: dict[str, Any]) -> dict[str, Any]:
    """Return what of a record must be the same where its people are not."""
    return {
        "number": _masked(told["customer_number"]),
        "e164": _masked(told["customer_e164"]),
        "did": _masked(told["did"]),
        "called": _masked(told["called"]),
        "named": told["customer_name"] is None,
        "queues": len(told["queues"]),
        "keyed": None if told["ivr_digits"] is None else len(told["ivr_digits"]),
        "rang": [_masked(name) for name in told["rang"]],
        "talked": [_masked(name) for name in told["agents_talked"]],
        "first": _masked(told["first_answered_by"]),
        "last": _masked(told["last_agent"]),
        "legs": [{**leg, "agent": _masked(leg["agent"])} for leg in told["legs"]],
        "transfers": [(one["kind"], one["method"], one["by"]) for one in told["transfers"]],
        "ref": told["crm_ref"] is None,
    }


def _masked(number: str | None) -> str | None:
    """Return a number as far as it may be known: a short one whole, another without its end.

    Of a phone that is called by a word only that may be known.
    """
    if number is not None and number.rstrip("0123456789").isalpha():
        return "a word"
    digits = re.sub(r"\D", "", number or "")
    return number[:-6] + "x" * 6 if number and len(digits) > 5 else number


@pytest.mark.parametrize("name", NAMES)
def test_an_anonymised_cut_holds_no_number_name_address_or_file_of_anybody(
    name: str,
) -> None:
    secrets = private(name)
    for _, made in cuts(name, anonymise=True):
        for file, data in made.files.items():
            # Uniqueids and times are long numbers too, and say of nobody.
            text = re.sub(r"\d{10}\.\d+|\"offset\":\d+|Privilege: .*", "", data.decode())
            assert [secret for secret in secrets if is_in(secret, text)] == [], file


def is_in(secret: str, text: str) -> bool:
    """Whether a number stands anywhere in `text`, or a word as one."""
    return bool(re.search(("" if secret.isdecimal() else r"(?<!\w)") + re.escape(secret), text))


def private(name: str) -> set[str]:
    """Return everything in a recording that says whose it was."""
    found: set[str] = set()
    for path in recordings.files(name):
        text = path.read_text("utf-8", "replace")
        stripped = re.sub(r"\d{9,10}\.\d+|[0-9a-f]+(-[0-9a-f]+){4}|0x[0-9a-f]+", "", text)
        found |= {run[-7:] for run in re.findall(r"(?<![\d.-])\d{7,}", _people(stripped))}
        found |= set(re.findall(r"(?:Name|name): ([^<\r]*[^\W\d_][^\r]*)", _people(stripped)))
        found |= set(re.findall(r"\d+\.\d+\.\d+\.\d+", stripped)) - {"192.0.2.1"}
        found |= set(re.findall(r"[\w./-]+\.(?:wav|gsm|WAV)", stripped))
        found |= set(re.findall(r"Queue: (\w+)", stripped))
        found |= set(re.findall(r"AccountCode: (\S+)", stripped))
    return found - {"default"}


_PEOPLE = re.compile(
    r"^\w*(?:CallerIDNum|CallerIDName|ConnectedLineNum|ConnectedLineName|Exten|DNID|DialString"
    r"|MemberName|Interface|ApplicationData|Channel): .*$",
    re.MULTILINE,
)


def _people(text: str) -> str:
    return "\n".join(_PEOPLE.findall(text))


def test_the_same_number_stays_the_same_number_however_it_is_written() -> None:
    made = cuts("in_number_formats", anonymise=True)

    told = [one["customer_e164"] for one, _ in made]
    (again,) = [[call["customer_e164"] for call in record(one)] for _, one in made[:1]]
    assert len(set(told)) < len(told)
    assert again[0] != told[0]
    assert again[0].startswith(told[0][:-6])


@pytest.mark.parametrize("written", ["+994 50 765 43 21", "(050) 765 43 21", "050 765-43-21"])
def test_a_number_written_in_groups_is_replaced_like_any_other(written: str) -> None:
    block = b"Event: Newchannel\r\nCallerIDNum: %b\r\nExten: 1001" % written.encode()
    hidden = Anonymiser([block], Endpoints([], []), "AZ", random.Random(3))

    made = hidden.block(block).decode()

    assert "7654321" not in re.sub(r"[ ()-]", "", made)
    assert made.endswith("Exten: 1001")


def test_an_agent_at_an_outside_number_stays_one_at_another_number(tmp_path: Path) -> None:
    number = "+994557651111"
    tape(tmp_path, "blind_to_external", outside=(number,))
    endpoints = Endpoints([*recordings.AGENTS, f"tel:{number}"], recordings.TRUNKS, region="AZ")
    (call,) = replay_messages(whole("blind_to_external"), endpoints).interactions()

    made = cut(tmp_path, subject_of(call), "wrong", "AZ", anonymise=True)

    assert made is not None
    told, (again,) = to_truth(call, "AZ"), record(made)
    assert told["agents_talked"] == ["1001", f"tel:{number}"]
    assert shape(again) == shape(told)
    assert number[-7:].encode() not in b"".join(made.files.values())
    assert replayed(made, tmp_path) == record(made)


def test_every_cut_draws_other_numbers(tmp_path: Path) -> None:
    tape(tmp_path, "in_direct_answered")
    (call,) = recordings.replayed(whole("in_direct_answered")).interactions()
    numbers = set()
    for _ in range(3):
        made = cut(tmp_path, subject_of(call), "wrong", "AZ", anonymise=True)
        assert made is not None
        numbers.add(record(made)[0]["customer_number"])
    assert len(numbers) == 3


def test_of_a_call_that_is_not_kept_nothing_can_be_cut(tmp_path: Path) -> None:
    tape(tmp_path, "in_direct_answered")
    (call,) = recordings.replayed(whole("queue_answered")).interactions()
    assert cut(tmp_path, subject_of(call), "wrong", "AZ", anonymise=False) is None


async def test_a_page_takes_out_no_more_than_it_looks_through(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tape(tmp_path, "resync_mid_call")
    call = recordings.replayed(whole("resync_mid_call")).interactions()[0]
    about = subject_of(call)
    asked = Traced(
        id=7, pbx=PBX, names=about.names, from_at=about.from_at, to_at=about.to_at, region="AZ"
    )
    files = segments(tmp_path / str(PBX))

    async def taken_out() -> int:
        made = await traces.Traces(tmp_path, lambda: None).cut_of(asked)
        assert made is not None
        return sum(len(data) for name, data in made.items() if name.endswith(".ami"))

    everything = await taken_out()
    enough = sum(one.size for one in files)
    monkeypatch.setattr(traces, "LIMIT_BYTES", enough - files[-2].size)
    assert await taken_out() < everything

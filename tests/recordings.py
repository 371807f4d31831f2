"""The recordings of a real Asterisk in `tests/transcripts`, and what really happened in each."""

import json
import os
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from callcenter.ami.recording import Recorded, read
from callcenter.ami.tracker import Endpoints
from callcenter.calls.truth import to_truth
from callcenter.replaying import Replayed, replay_messages

FOLDER = Path(__file__).parent / "transcripts"

AGENTS = ("PJSIP/1*", "PJSIP/2*", "SIP/1*")
TRUNKS = ("PJSIP/trunk*", "SIP/trunk*")
ENDPOINTS = Endpoints(AGENTS, TRUNKS)

#: Those of `own` are recorded by the flows of `tests/e2e/flows`.
NAMES = sorted(
    path.relative_to(FOLDER).as_posix().removesuffix(".truth.json")
    for path in FOLDER.glob("**/*.truth.json")
)

#: Of which the line was lost while something happened: how it came about nobody can tell.
CUT = frozenset({"reconnect_mid_call"})

TOLD = [name for name in NAMES if name not in CUT]

#: The customer is put through to somebody outside. Of a line found in the moment before that is
#: dialled the lists tell the company's number for his, and after he has hung up only the outside line.
PUT_OUTSIDE = frozenset({
    "blind_to_external", "own/dialled_through", "own/follow_me_confirmed",
    "own/forward_302_external", "own/forward_find_me", "own/queue_overflow_external",
})  # fmt: skip

#: A dialler rings the customer first. Of a line found after he has picked up nothing tells that he
#: was rung, and of one found before that, which number.
DIALLED_FIRST = frozenset({
    "own/dialler_abandoned", "own/dialler_answered", "own/dialler_no_answer_sip16",
})  # fmt: skip

#: Callers who are joined with each other, or with an agent whose line was open before, take on the
#: older Linkedid: of a line found then nothing tells that they called in.
JOINED = frozenset({
    "own/agent_on_open_line", "own/att_two_customers", "own/att_two_customers_sip16",
})  # fmt: skip

TOLERANCE_S = 1.2


def files(name: str, folder: Path = FOLDER) -> list[Path]:
    whole = folder / f"{name}.ami"
    return [whole] if whole.exists() else sorted(folder.glob(f"{name}.[0-9].ami"))


def elsewhere() -> list[Path]:
    """Return the recordings in the folder CALLCENTER_TRACES that are not ours, such as a burst."""
    folder = os.environ.get("CALLCENTER_TRACES")
    found = sorted(Path(folder).glob("*.ami")) if folder else []
    return [path for path in found if not (FOLDER / path.name).exists()]


@cache
def messages(name: str) -> tuple[Recorded, ...]:
    return tuple(one for path in files(name) for one in read(path))


def replayed(recorded: Sequence[Recorded]) -> Replayed:
    return replay_messages(recorded, ENDPOINTS)


def records(recorded: Sequence[Recorded]) -> list[dict[str, Any]]:
    return [to_truth(call, "AZ") for call in replayed(recorded).interactions()]


def begun(recorded: Sequence[Recorded]) -> set[str]:
    """Return the channels whose beginning was seen."""
    return {one.message.get("uniqueid") for one in recorded if one.message.name == "Newchannel"}


@cache
def truth(name: str) -> dict[str, Any]:
    return json.loads((FOLDER / f"{name}.truth.json").read_text("utf-8"))


def strictly_wrong(name: str, told: list[dict[str, Any]]) -> list[str]:
    """Return where `told` differs from the truth in the fields that must agree."""
    expected = truth(name)["interactions"]
    wrong = []
    if len(told) != truth(name)["interactions_expected"]:
        wrong.append(f"{len(told)} interactions")
    for number, (want, got) in enumerate(zip(expected, told, strict=False)):
        if "reach" not in want:
            wrong += [f"{number}: {difference}" for difference in _differences(want, got)]
    return wrong


_EQUAL = (
    "direction", "origin", "did", "queues", "agents_talked", "first_answered_by", "last_agent",
    "disposition",
)  # fmt: skip


def _differences(want: dict[str, Any], got: dict[str, Any]) -> list[str]:
    pairs = {field: (want[field], got[field]) for field in _EQUAL}
    pairs["customer_number"] = (
        want.get("number_in_ami", want["customer_number"]),
        got["customer_number"],
    )
    pairs["rang"] = (_agents(want["rang"]), _agents(got["rang"]))
    wrong = [f"{field} {b!r}, not {a!r}" for field, (a, b) in pairs.items() if a != b]
    for field in ("wait_s", "talk_s", "hold_s"):
        # In the truth the wait of a call that ends in voicemail stops at the mailbox.
        if not (field == "wait_s" and want["disposition"] == "voicemail"):
            wrong += _difference_s(field, want[field], got[field])
    return wrong


def _agents(rang: list[str]) -> set[str]:
    return {name for name in rang if not name.startswith("external:")}


def _difference_s(field: str, want: float | None, got: float | None) -> list[str]:
    if want is None or got is None:
        return [] if want is got else [f"{field} {got}, not {want}"]
    return [] if abs(want - got) <= TOLERANCE_S else [f"{field} {got}, not {want}"]


#: What AMI does not show: presentation of a number, whether there was a menu at all, variables of
#: a call that had no channel. The last two the script of the scenario left out.
_NOT_TOLD = {
    ("in_privacy_pai", "customer_e164"),
    ("in_ivr_hangup", "ivr_digits"),
    ("c2c_agent_unreachable", "crm_ref"),
    ("queue_answered_sysname", "customer_name"),
    ("queue_two_waiting", "queue_wait_s"),
    # Both did.
    ("own/hangup_at_once", "hangup_by"),
}


def otherwise_wrong(name: str, told: list[dict[str, Any]]) -> list[str]:
    """Return where `told` differs in the fields that only the best of replays can tell."""
    wrong = []
    for number, (want, got) in enumerate(zip(truth(name)["interactions"], told, strict=True)):
        wanted = {
            "called": want["called"],
            "hangup_by": want["hangup_by"],
            "voicemail": want["voicemail"],
            "ivr_digits": want["ivr_digits"],
            "customer_name": want.get("name_in_ami", want["customer_name"]),
            "customer_e164": want["customer_e164"],
            "crm_ref": want.get("crm_ref"),
            "legs": _outcomes(want["legs"]),
        }
        given = {**got, "legs": _outcomes(got["legs"])}
        for field, value in wanted.items():
            if given[field] != value and (name, field) not in _NOT_TOLD:
                wrong.append(f"{number}: {field} {given[field]!r}, not {value!r}")
        if "queue_wait_s" in want and (name, "queue_wait_s") not in _NOT_TOLD:
            wrong += _difference_s("queue_wait_s", want["queue_wait_s"], got["queue_wait_s"])
    return wrong


def _outcomes(legs: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return sorted((leg["agent"], leg["result"]) for leg in legs)

"""What the pretend PBX is: its phones, queues, numbers and AMI users.

The defaults are the PBX of the recordings in `tests/transcripts`, with phones as the only
queue members.
"""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class PhoneSettings:
    extension: str
    name: str
    registered: bool = True


@dataclass(frozen=True, slots=True)
class QueueSettings:
    """A queue; `members` are extensions, `did` is the number that leads to it."""

    name: str
    strategy: str
    did: str
    members: tuple[str, ...] = ()
    ring_s: float = 8
    joins_empty: bool = True


@dataclass(frozen=True, slots=True)
class AmiUser:
    """A section of manager.conf: `read` says which events come, `write` which actions may go."""

    name: str = "crm"
    secret: str = "crm-secret"  # noqa: S105 - the simulator guards nothing
    read: frozenset[str] = frozenset({"system", "call", "agent", "user", "dtmf", "cdr"})
    write: frozenset[str] = frozenset({"system", "call", "agent", "originate", "reporting"})


PHONES = (
    PhoneSettings("1001", "Aygün Əliyeva"),
    PhoneSettings("1002", "Rəşad Hüseynov"),
    PhoneSettings("1003", "Günel Şirinova"),
    PhoneSettings("1004", "Orxan Məmmədov"),
    PhoneSettings("1005", "Leyla Quliyeva"),
    PhoneSettings("1006", "Supervisor Zərifə"),
)

QUEUES = (
    QueueSettings("support", "rrmemory", "0124042000", ("1001", "1002", "1003")),
    QueueSettings("all", "ringall", "0124042006", ("1001", "1002", "1003"), ring_s=10),
    QueueSettings("sales", "ringall", "0124042001", ("1001", "1002", "1004", "1005"), ring_s=12),
    QueueSettings("billing", "linear", "0124042004", ("1003", "1004"), ring_s=6),
    QueueSettings("vip", "leastrecent", "0124042005", joins_empty=False),
)


@dataclass(frozen=True, slots=True)
class SimulatorSettings:
    """How the simulator listens, and which PBX it pretends to be.

    With `timers` off nothing happens by itself: phones ring until told, and pauses of the
    dialplan (the busy tone) take no time. The office switches them on. `speed` divides every
    duration of the PBX and of its people; the `Timeout` of an Originate is always kept.
    """

    host: str = "127.0.0.1"
    port: int = 0
    users: tuple[AmiUser, ...] = (AmiUser(),)
    trunk: str = "trunk"
    company_number: str = "0124041000"
    phones: tuple[PhoneSettings, ...] = PHONES
    queues: tuple[QueueSettings, ...] = QUEUES
    channelvars: tuple[str, ...] = (
        "CRM_REF",
        "DID",
        "QUEUESTATUS",
        "VMSTATUS",
        "MIXMONITOR_FILENAME",
    )
    timestampevents: bool = True
    system_name: str = ""
    #: The second in every Uniqueid, instead of the clock's: so two PBXs name their channels alike.
    uniqueid_stamp: int | None = None
    timers: bool = False
    #: `wrapuptime` of every queue, with `shared_lastcall`.
    wrapuptime_s: int = 0
    speed: float = 1.0
    direct_did_prefix: str = "012404100"
    recorded_did_prefix: str = "012404101"
    #: Where the sound of recorded calls is written; nowhere if None.
    recordings: Path | None = None
    write_limit_bytes: int = 1_000_000
    login_timeout_s: float = 30.0

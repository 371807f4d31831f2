"""Phones as the PBX sees them: registered or not, and the state that their channels add up to."""

from collections.abc import Iterable
from dataclasses import dataclass

from callcenter.simulator.channels import Channel, State

MEMBER_STATUS = {
    "NOT_INUSE": 1,
    "INUSE": 2,
    "BUSY": 3,
    "UNAVAILABLE": 5,
    "RINGING": 6,
    "RINGINUSE": 7,
    "ONHOLD": 8,
}

EXTENSION_STATUS = {
    "NOT_INUSE": (0, "Idle"),
    "INUSE": (1, "InUse"),
    "BUSY": (2, "Busy"),
    "UNAVAILABLE": (4, "Unavailable"),
    "RINGING": (8, "Ringing"),
    "RINGINUSE": (9, "InUse&Ringing"),
    "ONHOLD": (16, "Hold"),
}

ENDPOINT_STATE = {
    "NOT_INUSE": "Not in use",
    "INUSE": "In use",
    "BUSY": "Busy",
    "UNAVAILABLE": "Unavailable",
    "RINGING": "Ringing",
    "RINGINUSE": "Ring+Inuse",
    "ONHOLD": "On Hold",
}

BUSY_AT = 2


@dataclass(slots=True)
class Phone:
    """An agent's phone. With `answers_after_s` it picks up by itself, if `is_busy` it refuses."""

    extension: str
    name: str
    registered: bool
    answers_after_s: float | None = None
    is_busy: bool = False
    state: str = "UNAVAILABLE"

    @property
    def hint(self) -> str:
        return f"PJSIP/{self.extension}&Custom:DND{self.extension},CustomPresence:{self.extension}"

    @property
    def uri(self) -> str:
        return f"sip:{self.extension}@127.0.0.1{self.extension[-1]}:5060"


def state_of(channels: Iterable[Channel], registered: bool, busy_at: int | None) -> str:
    """Add the channels of one endpoint up to its device state, as `chan_pjsip` does."""
    live = [channel for channel in channels if channel.state != State.DOWN]
    ringing = any(channel.state == State.RINGING for channel in live)
    talking = [channel for channel in live if channel.state != State.RINGING]
    if not live:
        return "NOT_INUSE" if registered else "UNAVAILABLE"
    if any(channel.state == State.BUSY for channel in live):
        return "BUSY"
    if busy_at is not None and len(talking) >= busy_at:
        return "BUSY"
    if ringing:
        return "RINGINUSE" if talking else "RINGING"
    return "ONHOLD" if all(channel.on_hold for channel in talking) else "INUSE"

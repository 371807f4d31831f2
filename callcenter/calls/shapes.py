"""What the API tells of calls."""

from datetime import datetime
from typing import Any, TypedDict

from callcenter.calls.story import LegLine


class Named(TypedDict):
    """Somebody, by id and name."""

    id: int
    name: str | None


class CallShape(TypedDict):
    """A call as the list has it. Spans are seconds; `inferred` names what was concluded, not seen.

    Of what `masked` names the end is told at most.
    """

    id: int
    interaction_id: int | None
    direction: str | None
    origin: str
    result: str | None
    ring_at: datetime
    end_at: datetime | None
    number: str | None
    withheld: bool
    masked: list[str]
    contact: Named | None
    owner: Named | None
    queues: list[str]
    wait_s: float | None
    talk_s: float | None
    hold_s: float | None
    inferred: list[str]


class CallList(TypedDict):
    """A page of calls; `after` is the cursor of the next one."""

    calls: list[CallShape]
    after: str | None


class VisitShape(TypedDict):
    """From joining a queue to leaving it."""

    queue: str
    joined_at: datetime
    left_at: datetime | None
    position: int | None
    ended: str | None


class GapShape(TypedDict):
    """When the PBX was not heard, and what was made good."""

    from_at: datetime
    to_at: datetime | None
    reason: str
    recovered: dict[str, Any]


class SpanShape(TypedDict):
    from_at: datetime
    to_at: datetime | None


class RecordingShape(TypedDict):
    """One recording; `url` is null until it can be listened to."""

    seq: int
    began_at: datetime
    ended_at: datetime | None
    muted: list[SpanShape]
    url: str | None


class CallDetailShape(CallShape):
    """A call with its legs, queue visits, recordings, and the gaps that touch it."""

    pbx: str
    trunk: str | None
    dialed_number: str | None
    ended_by: str | None
    hangup_cause: int | None
    ivr_digits: str | None
    asked_by: str | None
    note: str | None
    legs: list[LegLine]
    visits: list[VisitShape]
    gaps: list[GapShape]
    recordings: list[RecordingShape]

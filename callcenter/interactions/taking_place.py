"""What has taken place, and what cannot have yet.

Nobody reports as held what has not begun, on whatever way it comes in: a form, a file, REST. A task
is done before its term. Who says of something planned what came of it, before its time, has done it
early: it took place when he says so.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final


def _(message: str) -> str:
    return message


TO_COME_YET: Final = _(
    "This time is still to come, so it has not taken place. Say when it did, or plan it."
)
#: The clocks of other programs are not ours to the second.
LEEWAY: Final = timedelta(minutes=1)

_SAYS_SO: Final = ("kind", "status", "start_at")


def problem(row: Any, given: Mapping[str, Any], at: datetime) -> dict[str, str]:
    """Return what is wrong if a row with what is `given` took place at a time to come."""

    def now(name: str) -> Any:
        return given.get(name) if name in given or row is None else getattr(row, name)

    is_said = row is None or any(now(name) != getattr(row, name) for name in _SAYS_SO)
    is_wrong = is_said and _is_to_come(now("kind"), now("status"), now("start_at"), at + LEEWAY)
    return {"start_at": TO_COME_YET} if is_wrong else {}


def reported(row: Any, given: Mapping[str, Any], at: datetime) -> dict[str, Any]:
    """Return what somebody reports of a row, with its times where he has done it early.

    It keeps its length.
    """
    status = given.get("status", row.status)
    if row.status != "planned" or not _is_to_come(row.kind, status, row.start_at, at):
        return dict(given)
    by = at - row.start_at
    times = {name: getattr(row, name) for name in ("start_at", "end_at", "due_at")}
    moved = {name: held + by for name, held in times.items() if held is not None}
    return moved | dict(given)


def _is_to_come(kind: str, status: str, start: datetime | None, at: datetime) -> bool:
    return status == "held" and kind != "task" and start is not None and start > at

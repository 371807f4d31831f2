"""What the API tells of why a call is as it is."""

from datetime import datetime
from typing import Any, TypedDict


class Message(TypedDict):
    """A message of the PBX; `fields` is null for who may not read it."""

    at: datetime
    source: str
    name: str | None
    who: list[str]
    means: str
    fields: list[tuple[str, str]] | None


class Row(TypedDict):
    """One thing that happened."""

    at: datetime
    text: str
    columns: list[str]
    concluded: bool
    messages: list[Message]


class Missing(TypedDict):
    """A stretch of which no message is kept."""

    from_at: datetime
    to_at: datetime
    reason: str


# "from" is a word of Python's own.
Ladder = TypedDict(
    "Ladder",
    {
        "from": str,
        "checked": bool | None,
        "differences": list[dict[str, Any]],
        "concluded": list[str],
        "missing": list[Missing],
        "columns": list[dict[str, Any]],
        "rows": list[Row],
        "legs": list[dict[str, Any]],
    },
)

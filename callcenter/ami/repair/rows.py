"""One line of a PBX's own log of channel events (CEL), as a file or a table gives it.

The file is that of Asterisk's `cel_custom` with the columns of `asterisk-config/cel_custom.conf`,
which are those of Asterisk's own example. Tables name their columns. A time is seconds since the
epoch, unless somebody chose a date: then it is read in the PBX's time zone. Pure.
"""

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, tzinfo
from math import isfinite
from typing import Any, Final, NamedTuple

#: The columns of the file, in order.
COLUMNS: Final = (
    "eventtype", "eventtime", "cid_name", "cid_num", "cid_ani", "cid_rdnis", "cid_dnid", "exten",
    "context", "channame", "appname", "appdata", "amaflags", "accountcode", "uniqueid", "linkedid",
    "peer", "userfield", "userdeftype", "extra",
)  # fmt: skip

#: Kinds of events as tables with a number for them have it.
_NUMBERED: Final = {
    "1": "CHAN_START", "2": "CHAN_END", "3": "HANGUP", "4": "ANSWER", "5": "APP_START", "6": "APP_END",
    "7": "BRIDGE_ENTER", "8": "BRIDGE_EXIT", "9": "PARK_START", "10": "PARK_END",
    "11": "BLINDTRANSFER", "12": "ATTENDEDTRANSFER", "13": "USER_DEFINED", "14": "LINKEDID_END",
    "15": "PICKUP", "16": "FORWARD", "17": "LOCAL_OPTIMIZE",
}  # fmt: skip

#: Far more than any CEL line; csv's own limit would fail at long dial strings.
_LONGEST_FIELD: Final = 1_000_000


class CelRow(NamedTuple):
    """Something that happened to a channel."""

    at: float
    #: "CHAN_START", "BRIDGE_ENTER"; what the dialplan writes has names of its own.
    kind: str
    channel: str
    uniqueid: str
    linkedid: str
    exten: str = ""
    number: str = ""
    name: str = ""
    app: str = ""
    appdata: str = ""
    peer: str = ""
    #: What only this kind of event has.
    extra: Mapping[str, Any] = {}


def parse_lines(lines: Iterable[str], zone: tzinfo) -> Iterator[CelRow]:
    """Yield what can be read; a torn or foreign line is left out."""
    csv.field_size_limit(_LONGEST_FIELD)
    for line in lines:
        try:
            fields = next(csv.reader([line]), [])
        except csv.Error:
            continue
        if len(fields) < len(COLUMNS):
            continue
        row = from_columns(dict(zip(COLUMNS, fields, strict=False)), zone)
        if row is not None:
            yield row


def from_columns(columns: Mapping[str, Any], zone: tzinfo) -> CelRow | None:
    """Return a row by the names of its columns; None if it says not what, or when, or of whom."""

    def text(name: str) -> str:
        value = columns.get(name)
        return "" if value is None else str(value)

    at = read_time(columns.get("eventtime"), zone)
    kind, uniqueid = text("eventtype"), text("uniqueid")
    if at is None or not kind or not uniqueid:
        return None
    return CelRow(
        at, _NUMBERED.get(kind, kind), text("channame"), uniqueid, text("linkedid") or uniqueid,
        text("exten"), text("cid_num"), text("cid_name"), text("appname"), text("appdata"),
        text("peer"), _extra(text("extra")),
    )  # fmt: skip


def read_time(value: Any, zone: tzinfo) -> float | None:
    """Return epoch seconds; a date without a zone is one of `zone`.

    Where the clock was set back, an hour comes twice: the first of the two is meant.
    """
    if isinstance(value, datetime):
        return _instant(value, zone)
    try:
        at = float(value)
    except (TypeError, ValueError):
        pass
    else:
        return at if isfinite(at) else None
    try:
        return _instant(datetime.fromisoformat(str(value)), zone)
    except ValueError:
        return None


def _instant(moment: datetime, zone: tzinfo) -> float:
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC).timestamp()


def _extra(text: str) -> Mapping[str, Any]:
    try:
        extra = json.loads(text) if text else {}
    except ValueError:
        return {}
    return extra if isinstance(extra, dict) else {}

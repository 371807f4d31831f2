"""Figures of leads. Pure: of rows that were read, at a moment that is told.

Definitions (docs/reference/metrics.md): `conversion@1`, `response@1`, `answered-in-time@1`. An empty
denominator gives None, never 0 or 100 %.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple


class Row(NamedTuple):
    """One lead, as far as the figures ask."""

    id: int
    #: What it is counted under: an option's id, a channel, a person's id.
    under: int | str | None
    #: open, won or lost.
    kind: str
    created_at: datetime
    first_response_at: datetime | None = None
    respond_by: datetime | None = None
    closed_at: datetime | None = None
    lost_reason_id: int | None = None
    amount: int | None = None
    currency: str | None = None


class Figures(NamedTuple):
    came: int
    open: int
    won: int
    lost: int
    #: Won of those that are closed.
    conversion: float | None
    #: Seconds until somebody answered: the median, and what nine of ten were answered in.
    response_s: float | None
    response_p90_s: float | None
    #: Answered by their term, of those whose term has come or that were answered.
    in_time: float | None
    #: Not answered, and the term is over.
    overdue: int
    #: Seconds from coming in until it was won, the median.
    to_win_s: float | None
    #: What was won, by currency, in minor units.
    worth: Mapping[str, int]


def behind(rows: Iterable[Row], what: str, now: datetime) -> list[Row]:
    """Return the rows that a figure counts, or is made from."""
    return [row for row in rows if COUNTED[what](row, now)]


def figures(rows: Sequence[Row], now: datetime) -> Figures:
    counts = {what: len(behind(rows, what, now)) for what in ("open", "won", "lost", "closed")}
    closed = counts["closed"]
    waited = sorted(
        (row.first_response_at - row.created_at).total_seconds()
        for row in behind(rows, "answered", now)
        if row.first_response_at is not None
    )
    judged = behind(rows, "judged", now)
    in_time = [row for row in judged if _was_in_time(row)]
    worth: Counter[str] = Counter()
    for row in rows:
        if row.kind == "won" and row.amount is not None:
            worth[row.currency or ""] += row.amount
    wins = sorted(
        (row.closed_at - row.created_at).total_seconds()
        for row in rows
        if row.kind == "won" and row.closed_at is not None
    )
    return Figures(
        came=len(rows), open=counts["open"], won=counts["won"], lost=counts["lost"],
        conversion=counts["won"] / closed if closed else None,
        response_s=percentile(waited, 0.5), response_p90_s=percentile(waited, 0.9),
        in_time=len(in_time) / len(judged) if judged else None,
        overdue=len(behind(rows, "overdue", now)),
        to_win_s=percentile(wins, 0.5), worth=dict(worth),
    )  # fmt: skip


def by(rows: Iterable[Row], now: datetime) -> list[tuple[int | str | None, Figures]]:
    """Return the figures under each heading, the largest first."""
    under: dict[int | str | None, list[Row]] = {}
    for row in rows:
        under.setdefault(row.under, []).append(row)
    told = [(key, figures(group, now)) for key, group in under.items()]
    return sorted(told, key=lambda one: (-one[1].came, str(one[0])))


def reasons(rows: Iterable[Row]) -> list[tuple[int | None, int]]:
    """Return why leads were lost, the most frequent first."""
    counted = Counter(row.lost_reason_id for row in rows if row.kind == "lost")
    return sorted(counted.items(), key=lambda one: (-one[1], str(one[0])))


def percentile(ordered: Sequence[float], share: float) -> float | None:
    """Return the smallest value that `share` of them do not exceed (nearest rank)."""
    if not ordered:
        return None
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def _is_judged(row: Row, now: datetime) -> bool:
    """Tell whether it is known if a lead was answered in time."""
    return row.first_response_at is not None or (
        row.respond_by is not None and row.respond_by < now
    )


def _is_overdue(row: Row, now: datetime) -> bool:
    is_over = row.respond_by is not None and row.respond_by < now
    return is_over and row.kind == "open" and row.first_response_at is None


def _was_in_time(row: Row) -> bool:
    return (
        row.first_response_at is not None
        and row.respond_by is not None
        and row.first_response_at <= row.respond_by
    )


#: Which rows stand behind a figure, by its name in the address of its list.
COUNTED: Final[Mapping[str, Callable[[Row, datetime], bool]]] = {
    "came": lambda _row, _now: True,
    "open": lambda row, _now: row.kind == "open",
    "won": lambda row, _now: row.kind == "won",
    "lost": lambda row, _now: row.kind == "lost",
    "closed": lambda row, _now: row.kind in ("won", "lost"),
    "answered": lambda row, _now: row.first_response_at is not None,
    "judged": lambda row, now: row.respond_by is not None and _is_judged(row, now),
    "overdue": _is_overdue,
}

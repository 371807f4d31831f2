"""Every figure, computed in one place, live and in history, from the same facts.

Pure. The definitions, their variants and sources are in `docs/reference/metrics.md`.
A figure carries its definition, numerator and denominator; an empty denominator is
"no data", never 0 % or 100 %.
"""

from collections.abc import Iterable

import msgspec

#: Seconds within which a call shall be answered, and below which an abandon is "short".
THRESHOLD_S = 20.0
SHORT_ABANDON_S = 5.0


class Visit(msgspec.Struct, frozen=True, kw_only=True):
    """One stay in a queue. Times are epoch seconds; `left_at` None: still waiting."""

    queue: str
    joined_at: float
    left_at: float | None = None
    ended: str | None = None

    def wait_s(self, now: float) -> float:
        return (now if self.left_at is None else self.left_at) - self.joined_at


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """A figure with what it was made from."""

    definition: str
    numerator: float
    denominator: float | None = None

    @property
    def value(self) -> float | None:
        """The count, or the share of the denominator; None if there is no data."""
        if self.denominator is None:
            return self.numerator
        return self.numerator / self.denominator if self.denominator else None


class QueueFigures(msgspec.Struct, frozen=True, kw_only=True):
    """What one queue did in an interval, by the visits that began in it."""

    offered: Figure
    answered: Figure
    abandoned: Figure
    flowed_out: Figure
    waiting: Figure
    longest_wait_s: Figure
    service_level: Figure
    average_speed_of_answer_s: Figure


def queue_figures(visits: Iterable[Visit], now: float) -> QueueFigures:
    """Return the figures of `visits`; offered = answered + abandoned + flowed out + waiting."""
    visits = list(visits)
    answered = [visit for visit in visits if visit.ended == "answered"]
    abandoned = [visit for visit in visits if visit.ended == "abandoned"]
    waiting = [visit for visit in visits if visit.left_at is None]
    flowed_out = len(visits) - len(answered) - len(abandoned) - len(waiting)
    return QueueFigures(
        offered=_count("offered@1", len(visits)),
        answered=_count("answered@1", len(answered)),
        abandoned=_count("abandoned@1", len(abandoned)),
        flowed_out=_count("flowed-out@1", flowed_out),
        waiting=_count("waiting@1", len(waiting)),
        longest_wait_s=_count(
            "longest-wait-now@1", max((visit.wait_s(now) for visit in waiting), default=0.0)
        ),
        service_level=service_level(visits, now),
        average_speed_of_answer_s=Figure(
            definition="asa@1",
            numerator=sum(visit.wait_s(now) for visit in answered),
            denominator=len(answered),
        ),
    )


def service_level(visits: Iterable[Visit], now: float) -> Figure:
    """Return SL-3: answered in time / (answered + abandoned, short abandons left out).

    A call that still waits beyond the threshold is a miss already, so that the live figure
    comes to the final one from above only by calls yet to come.
    """
    in_time = 0
    counted = 0
    for visit in visits:
        wait_s = visit.wait_s(now)
        if visit.ended == "answered":
            counted += 1
            in_time += wait_s <= THRESHOLD_S
        elif visit.ended == "abandoned":
            counted += wait_s >= SHORT_ABANDON_S
        elif visit.left_at is None:
            counted += wait_s > THRESHOLD_S
    return Figure(definition="service-level-3@1", numerator=in_time, denominator=counted)


def _count(definition: str, number: float) -> Figure:
    return Figure(definition=definition, numerator=number)

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


class Over(msgspec.Struct, frozen=True, kw_only=True):
    """All that the figures need of visits that are over, however many there were."""

    answered: int = 0
    abandoned: int = 0
    flowed_out: int = 0
    answered_in_time: int = 0
    #: Abandoned no sooner than somebody could have been expected to answer.
    lost: int = 0
    #: What the answered ones waited.
    answer_s: float = 0.0

    @classmethod
    def of(cls, ended: str | None, wait_s: float) -> "Over":
        """Return what one visit adds."""
        answered, abandoned = ended == "answered", ended == "abandoned"
        return cls(
            answered=int(answered),
            abandoned=int(abandoned),
            flowed_out=int(not answered and not abandoned),
            answered_in_time=int(answered and wait_s <= THRESHOLD_S),
            lost=int(abandoned and wait_s >= SHORT_ABANDON_S),
            answer_s=wait_s if answered else 0.0,
        )

    def __add__(self, other: "Over") -> "Over":
        names = self.__struct_fields__
        return Over(**{name: getattr(self, name) + getattr(other, name) for name in names})


class Visits(msgspec.Struct):
    """The visits of an interval: who waits one by one, the others as `Over`."""

    waiting: list[Visit] = []
    over: Over = Over()

    def add(self, visit: Visit) -> None:
        if visit.left_at is None:
            self.waiting.append(visit)
        else:
            self.over += Over.of(visit.ended, visit.left_at - visit.joined_at)

    def __add__(self, other: "Visits") -> "Visits":
        return Visits(self.waiting + other.waiting, self.over + other.over)

    def __bool__(self) -> bool:
        return bool(self.waiting) or self.over != Over()

    @property
    def waiting_since(self) -> float | None:
        """When the one who has waited longest joined, None if nobody waits."""
        return min((visit.joined_at for visit in self.waiting), default=None)


def by_queue(visits: Iterable[Visit]) -> dict[str, Visits]:
    """Return {queue: its visits}."""
    queues: dict[str, Visits] = {}
    for visit in visits:
        queues.setdefault(visit.queue, Visits()).add(visit)
    return queues


def queue_figures(visits: Visits, now: float) -> QueueFigures:
    """Return the figures of `visits`; offered = answered + abandoned + flowed out + waiting."""
    over, waiting = visits.over, len(visits.waiting)
    offered = over.answered + over.abandoned + over.flowed_out + waiting
    since = visits.waiting_since
    return QueueFigures(
        offered=_count("offered@1", offered),
        answered=_count("answered@1", over.answered),
        abandoned=_count("abandoned@1", over.abandoned),
        flowed_out=_count("flowed-out@1", over.flowed_out),
        waiting=_count("waiting@1", waiting),
        longest_wait_s=_count("longest-wait-now@1", 0.0 if since is None else now - since),
        service_level=service_level(visits, now),
        average_speed_of_answer_s=Figure(
            definition="asa@1", numerator=over.answer_s, denominator=over.answered
        ),
    )


def service_level(visits: Visits, now: float) -> Figure:
    """Return SL-3: answered in time / (answered + abandoned, short abandons left out).

    A call that still waits beyond the threshold is a miss already, so that the live figure
    comes to the final one from above only by calls yet to come.
    """
    over = visits.over
    late = sum(visit.wait_s(now) > THRESHOLD_S for visit in visits.waiting)
    return Figure(
        definition="service-level-3@1",
        numerator=over.answered_in_time,
        denominator=over.answered + over.lost + late,
    )


def _count(definition: str, number: float) -> Figure:
    return Figure(definition=definition, numerator=number)

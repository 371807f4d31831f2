"""Stretches of time: who talked when, who was on hold when."""

from collections.abc import Iterable

Span = tuple[float, float]


class Spans:
    """Stretches of one thing, in order; the last may still go on."""

    __slots__ = ("closed", "since")

    def __init__(self) -> None:
        self.closed: list[Span] = []
        #: When the stretch that goes on began.
        self.since: float | None = None

    def begin(self, at: float) -> None:
        if self.since is None:
            ended = self.last_ended()
            self.since = at if ended is None else max(at, ended)

    def end(self, at: float) -> None:
        if self.since is not None:
            self.closed.append((self.since, max(self.since, at)))
            self.since = None

    def until(self, at: float | None) -> list[Span]:
        """Return all stretches; one that goes on counts up to `at`, or not at all."""
        if self.since is None or at is None:
            return self.closed
        return [*self.closed, (self.since, max(self.since, at))]

    def last_began(self) -> float | None:
        if self.since is not None:
            return self.since
        return self.closed[-1][0] if self.closed else None

    def last_ended(self) -> float | None:
        return self.closed[-1][1] if self.closed else None

    def first_began(self) -> float | None:
        if self.closed:
            return self.closed[0][0]
        return self.since


def union(spans: Iterable[Span]) -> list[Span]:
    """Return the same time without overlaps, in order."""
    ordered = sorted(spans)
    if len(ordered) < 2:
        return ordered
    joined: list[Span] = []
    for begin, end in ordered:
        if joined and begin <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((begin, end))
    return joined


def without(spans: Iterable[Span], removed: Iterable[Span]) -> list[Span]:
    """Return `spans` less what lies in `removed`."""
    left = union(spans)
    for begin, end in union(removed):
        left = [
            piece
            for span in left
            for piece in ((span[0], min(span[1], begin)), (max(span[0], end), span[1]))
            if piece[0] < piece[1]
        ]
    return left


def seconds(spans: Iterable[Span]) -> float:
    return sum(end - begin for begin, end in union(spans))

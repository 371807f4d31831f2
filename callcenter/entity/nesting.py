"""A filter: conditions that must all hold, or of which any must, and groups of them within it.

A part is found by its place: the way down to it, "1.0" is the first part of the second one, which
is a group then. A group that loses its last part is gone.  [pure]
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from callcenter.entity.description import Condition

Place = tuple[int, ...]
#: Groups within groups, the filter itself among them.
MOST_DEEP = 3
_LETTERS = 12


@dataclass(frozen=True, slots=True)
class Filter:
    parts: tuple["Condition | Filter", ...] = ()
    #: Whether one of the parts is enough.
    any: bool = False

    def __bool__(self) -> bool:
        return bool(self.parts)

    def __add__(self, part: "Condition | Filter") -> "Filter":
        return replace(self, parts=(*self.parts, part))

    def conditions(self) -> Iterator[Condition]:
        """Give all conditions, however deep they stand."""
        for part in self.parts:
            if isinstance(part, Filter):
                yield from part.conditions()
            else:
                yield part

    def at(self, place: Place) -> "Condition | Filter | None":
        """Return what stands at a place, None if nothing does."""
        found: Condition | Filter = self
        for step in place:
            if not isinstance(found, Filter) or not 0 <= step < len(found.parts):
                return None
            found = found.parts[step]
        return found

    def put(self, place: Place, part: "Condition | Filter | None") -> "Filter":
        """Return the filter with another part at a place where there is one; None takes it out."""
        if not place:
            return part if isinstance(part, Filter) else EVERYTHING
        step, rest = place[0], place[1:]
        inner = self.parts[step]
        new = inner.put(rest, part) if rest and isinstance(inner, Filter) else part
        kept = () if new is None or (isinstance(new, Filter) and not new) else (new,)
        return replace(self, parts=(*self.parts[:step], *kept, *self.parts[step + 1 :]))

    def without(self, place: Place) -> "Filter":
        return self.put(place, None) if place and self.at(place) is not None else self


EVERYTHING: Final = Filter()


def place_of(written: str) -> Place | None:
    """Return the place that an address says, None if it says none."""
    steps = written.split(".") if 0 < len(written) <= _LETTERS else []
    if not steps or not all(step.isascii() and step.isdigit() for step in steps):
        return None
    return tuple(map(int, steps))


def said(place: Place) -> str:
    return ".".join(map(str, place))

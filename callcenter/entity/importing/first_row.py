"""Which row of a file names its columns: often a title stands above it, or a line with a date."""

from collections.abc import Iterator, Sequence
from itertools import chain, islice
from typing import Final

from callcenter.entity.importing.table import Row

#: So many rows are looked at to tell how many columns a list has.
_LOOKED_AT: Final = 40
#: A title has no more cells than this.
_TITLE: Final = 1


def parted(rows: Iterator[Row]) -> tuple[list[str], Iterator[Row]]:
    """Return the heading and the rows below it; what stands above a heading is left out."""
    first = list(islice(rows, _LOOKED_AT))
    place = place_of(first)
    header = first[place].cells if first else []
    return header, chain(first[place + 1 :], rows)


def place_of(rows: Sequence[Row]) -> int:
    """Return at which of a file's first rows the heading stands: below titles of a cell or none."""
    filled = [sum(map(bool, row.cells)) for row in rows]
    if max(filled, default=0) <= _TITLE + 1:
        return 0
    return next(place for place, count in enumerate(filled) if count > _TITLE)

"""The countries whose numbers are written without a code, in the order in which they are tried."""

from collections.abc import Sequence
from typing import overload


class Regions(Sequence[str]):
    """A list that everybody holds and one may change: who reads a number next reads it by the new one.

    `first` holds until somebody chooses, and again when nothing is chosen any more.
    """

    def __init__(self, first: Sequence[str]) -> None:
        self._first = self._now = tuple(first)

    def choose(self, chosen: Sequence[str]) -> None:
        self._now = tuple(chosen) or self._first

    @overload
    def __getitem__(self, index: int) -> str: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[str]: ...

    def __getitem__(self, index: int | slice) -> str | Sequence[str]:
        return self._now[index]

    def __len__(self) -> int:
        return len(self._now)

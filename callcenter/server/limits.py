"""How often a thing may be tried: sign-in, reset, dialling.

Kept in memory: a restart forgives everybody, and each node counts for itself.
"""

from collections import deque
from collections.abc import Hashable
from math import ceil

from callcenter.errors import TooManyAttempts

#: Above this many keys, those whose window has passed are dropped.
SWEEP_ABOVE = 10_000


class Limit:
    """At most `count` takes in any `window_s` seconds, for each key."""

    def __init__(
        self, count: int, window_s: float, refusal: type[TooManyAttempts] = TooManyAttempts
    ) -> None:
        self.count = count
        self.window_s = window_s
        self._refusal = refusal
        self._taken: dict[Hashable, deque[float]] = {}
        self._swept_at = 0.0

    def take(self, key: Hashable, at: float) -> None:
        """Count one try at `at` (epoch seconds).

        Raises TooManyAttempts (or the `refusal` it was made with), saying how long to wait, if
        the window is full; a refused try is not counted.
        """
        taken = self._taken.setdefault(key, deque())
        self._forget_before(taken, at - self.window_s)
        if len(taken) >= self.count:
            oldest = taken[0] if taken else at
            wait_s = max(1, ceil(oldest + self.window_s - at))
            raise self._refusal(wait_s=wait_s)
        taken.append(at)
        # Once a window is enough: a crowd of strangers must not make each of them wait for a sweep.
        if len(self._taken) > SWEEP_ABOVE and at - self._swept_at >= self.window_s:
            self._sweep(at)

    def give_back(self, key: Hashable) -> None:
        """Uncount the latest try of `key`: it was no failure."""
        if taken := self._taken.get(key):
            taken.pop()

    def forget(self, key: Hashable) -> None:
        """Uncount all tries of `key`."""
        self._taken.pop(key, None)

    def _sweep(self, at: float) -> None:
        self._swept_at = at
        for key, taken in list(self._taken.items()):
            self._forget_before(taken, at - self.window_s)
            if not taken:
                del self._taken[key]

    @staticmethod
    def _forget_before(taken: deque[float], moment: float) -> None:
        while taken and taken[0] <= moment:
            taken.popleft()

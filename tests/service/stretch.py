"""How long something really took, as far as a test can know: between two lengths.

    ringing = Stretch()
    with ringing.begins():
        call = await office.pbx.call(from_="0501234567", to="1001")
    with ringing.ends():
        await call.answer()

    assert record["wait_s"] in ringing

However busy the machine, a figure outside is wrong.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager

#: What is told is rounded.
ROUNDED_S = 0.002


class Stretch:
    """Began while the one block ran and ended while the other did."""

    def __init__(self) -> None:
        self._began = self._ended = (0.0, 0.0)

    @contextmanager
    def begins(self) -> Iterator[None]:
        before = time.time()
        yield
        self._began = (before, time.time())

    @contextmanager
    def ends(self) -> Iterator[None]:
        before = time.time()
        yield
        self._ended = (before, time.time())

    def __contains__(self, seconds: float) -> bool:
        shortest, longest = self._ended[0] - self._began[1], self._ended[1] - self._began[0]
        return shortest - ROUNDED_S <= seconds <= longest + ROUNDED_S

    def __repr__(self) -> str:
        return f"{self._ended[0] - self._began[1]:.3f} to {self._ended[1] - self._began[0]:.3f} s"

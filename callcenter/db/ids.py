"""Ids: drawn by the application, 53 bits, ordered by time.

JavaScript holds 53 bits exactly. 41 of them are milliseconds since the epoch, so that ids sort by
time (until 2039), and 12 are left to a count.
"""

import itertools
import secrets

#: The count runs on into the next four milliseconds: a PBX that goes down ends thousands of calls in
#: one moment.
_ROUND = 1 << 14


class Ids:
    """The ids of one process, drawn in one thread.

    The count goes on from one id to the next, whatever their moments, and begins anywhere: two
    processes seldom meet.
    """

    def __init__(self, begin: int) -> None:
        self._count = itertools.count(begin)
        self._moment = self._last = 0

    def draw(self, at: float) -> int:
        """Return an id for something that came to be at `at` (epoch seconds).

        It is higher than the one drawn before, unless `at` is earlier than it was then.
        """
        moment = (int(at * 1000) & 0x1FFFFFFFFFF) << 12
        drawn = moment + next(self._count) % _ROUND
        if moment >= self._moment and drawn <= self._last:
            # The count came round. Rows of one moment are read by their ids, in the order in which
            # they were written: here it goes on into later milliseconds.
            drawn += ((self._last - drawn) // _ROUND + 1) * _ROUND
        self._moment, self._last = moment, drawn
        return drawn


new_id = Ids(secrets.randbits(14)).draw

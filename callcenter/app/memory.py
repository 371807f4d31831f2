"""Keeps Python's search for cyclic garbage from holding the event loop up.

A full search looks at every object there is, and during it nothing else happens: 100 ms with all
that has been imported, 400 while thousands of calls are taken up at once; the card of a caller
would wait for it. So what is there once the service is up is never looked at again, and the rest
is searched seldom: what calls leave behind is found with the young objects, a few milliseconds'
work. Nothing is given up: what the searches find is freed all the same.
"""

import gc
from typing import Final

#: Objects more than were freed since the last search of the young; searches of the young before
#: one of the middle-aged; and of those before a full one.
_THRESHOLDS: Final = (5_000, 10, 200)


def spare() -> None:
    """Call it once a process, when the service is up."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_THRESHOLDS)

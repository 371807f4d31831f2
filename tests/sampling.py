"""How much of everything a run looks at: a fair sample, or with CALLCENTER_EXHAUSTIVE=1 all of it.

Exhaustive runs take minutes a test (`pytest --timeout=0`) and belong before a release, or after a
change of the tracker.
"""

import os
import random

EXHAUSTIVE = os.environ.get("CALLCENTER_EXHAUSTIVE") == "1"


def places(count: int, most: int) -> list[int]:
    """Return the places to look at among `count`, in order: the same in every run."""
    if EXHAUSTIVE or count <= most:
        return list(range(count))
    return sorted(random.Random(count).sample(range(count), most))


def examples(few: int) -> int:
    """Return how many examples hypothesis draws."""
    return few * 20 if EXHAUSTIVE else few

"""What Python's search for cyclic garbage is spared, and that it still finds what calls leave."""

import subprocess
import sys

SCRIPT = """
import gc, weakref
from callcenter.app import memory

class Part:
    pass

memory.spare()
assert gc.get_freeze_count() > 10_000, "what was imported is looked at again"
one, other = Part(), Part()
one.other, other.one = other, one
left = weakref.ref(one)
del one, other
young = [[] for _ in range(20 * gc.get_threshold()[0])]
assert left() is None, "a cycle that came later was not found by itself"
"""


def test_only_what_comes_after_the_start_is_searched_and_is_found():
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, timeout=60, check=False
    )

    assert done.returncode == 0, done.stderr

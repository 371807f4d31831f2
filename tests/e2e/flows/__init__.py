"""Flows of a contact centre, played on a real Asterisk by scripts and written down for the tests.

`stage` is what a script plays on, `truth` how it tells what was true; `record` writes both. The
other modules hold the flows, by family.
"""

from tests.e2e.flows import (
    behind_local,
    dialers,
    groups,
    outbound,
    people,
    queues,
    transfers,
)
from tests.e2e.flows.stage import FLOWS

__all__ = [
    "FLOWS",
    "behind_local",
    "dialers",
    "groups",
    "outbound",
    "people",
    "queues",
    "transfers",
]

"""Work that is done later, by whichever node comes first, and that no restart loses.

models   what is to be done, and when
book     writing it down in the caller's transaction, moving it, dropping it; what comes again
leases   taking it for a while, and saying what became of it
runner   does it

A job is done at least once: a node that is killed in the middle of one leaves it to the next.
So whoever does jobs writes what he writes with a unique key, and doing it twice shows once.
"""

from callcenter.jobs.book import add, drop, every
from callcenter.jobs.models import Job
from callcenter.jobs.runner import GiveUp, Handler, Later, Runner

__all__ = ["GiveUp", "Handler", "Job", "Later", "Runner", "add", "drop", "every"]

"""Work that is done later, by whichever node is first, and that survives every restart.

models   what is to be done, and when
book     writes it down in the caller's transaction, moves it, drops it; work that repeats
leases   takes it for a while, and records what became of it
runner   does it
listing  what an administrator sees of it; `pages` shows that

A job is done at least once: if a node is killed in the middle of one, the next node does it again.
So a handler writes under unique keys, and a job that is done twice leaves one result.
"""

from callcenter.jobs.book import add, drop, every
from callcenter.jobs.models import Job
from callcenter.jobs.runner import GiveUp, Handler, Later, Runner

__all__ = ["GiveUp", "Handler", "Job", "Later", "Runner", "add", "drop", "every"]

"""Who changed what: the audit log, which is also the stream of changes.

models     the log: one row for each write by a person, an API client, an automation or the PBX
stream     reads it in an order that misses no line
following  wakes those who act on what changed, and lets them resume after a restart

A line is written in the same transaction as the write it tells of. Values of secret fields are
never logged.
"""

from callcenter.audit.following import Follower, Place
from callcenter.audit.models import ActorKind, Audit, record, wrote
from callcenter.audit.stream import Cursor, Stretch, newest, read, settle

__all__ = [
    "ActorKind",
    "Audit",
    "Cursor",
    "Follower",
    "Place",
    "Stretch",
    "newest",
    "read",
    "record",
    "settle",
    "wrote",
]

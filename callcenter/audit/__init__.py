"""Who changed what: the audit log, which is also the stream of changes.

models     the log: one row a write by a person, an API client, an automation or the PBX
stream     reading it in an order that misses no line
following  whoever does something of what changed: woken by it, and gone on with after a restart

A line is written in the transaction of the write itself. Values of secret fields never are.
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

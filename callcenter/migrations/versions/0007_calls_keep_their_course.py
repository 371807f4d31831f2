"""A call keeps its course: who talked, held and asked from when to when, who handed over.

Administrators and supervisors may read the messages a call was rebuilt from: flag `trace`.
"""

import sqlalchemy as sa
from alembic import op

from callcenter.migrations.kinds import JSON

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_role = sa.table("role", sa.column("key", sa.String), sa.column("flags", JSON))


def upgrade() -> None:
    op.add_column("call", sa.Column("course", JSON, nullable=True))
    bind = op.get_bind()
    readers = sa.select(_role.c.key, _role.c.flags).where(_role.c.key.in_(("admin", "supervisor")))
    for key, flags in list(bind.execute(readers)):
        bind.execute(sa.update(_role).where(_role.c.key == key).values(flags=[*flags, "trace"]))

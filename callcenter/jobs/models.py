"""Table of what is to be done later."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from callcenter.db import Base, Id

#: Jobs that somebody still has to do.
WAITING: Final = "done_at IS NULL AND failed_at IS NULL"
FAILED: Final = "failed_at IS NOT NULL"
DONE: Final = "done_at IS NOT NULL"
KEYED: Final = "key <> ''"


def _index(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    condition = text(where)
    return Index(
        name, *columns, unique=unique, sqlite_where=condition, postgresql_where=condition
    )  # fmt: skip


class Job(Base):
    __tablename__ = "job"
    __table_args__ = (
        _index("uq_job_key", "kind", "key", where=KEYED, unique=True),
        _index("ix_job_waiting", "run_at", "id", where=WAITING),
        _index("ix_job_failed", "failed_at", "id", where=FAILED),
        _index("ix_job_done", "done_at", where=DONE),
    )

    id: Mapped[Id]
    kind: Mapped[str] = mapped_column(String(40))
    #: Names what may be done once only, among those of its kind; empty if it has no name.
    key: Mapped[str] = mapped_column(String(120), default="")
    payload: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: When it is due; after a failure, when it is tried again.
    run_at: Mapped[datetime]
    #: Of what comes again: after so many seconds.
    every_s: Mapped[int | None]
    attempts: Mapped[int] = mapped_column(default=0)
    #: Somebody is at it; whoever has not said more by then is taken for dead.
    locked_until: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    #: When it was given up.
    failed_at: Mapped[datetime | None]
    #: What went wrong the last time.
    error: Mapped[str | None] = mapped_column(String(500))

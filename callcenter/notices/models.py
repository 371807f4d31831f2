"""Table of what people are told."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from callcenter.db import Base, Id, one_of

#: Why somebody is told: a colleague named him, or gave it to him; its time is near.
KINDS = ("named", "given", "reminder")


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


class Notification(Base):
    __tablename__ = "notification"
    __table_args__ = (
        Index("ix_notification_user_id", "user_id", "id"),
        Index("ix_notification_unread", "user_id", **_where("read_at IS NULL")),
        Index("ix_notification_untold", "id", **_where("told_at IS NULL")),
    )

    id: Mapped[Id]
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    kind: Mapped[str] = mapped_column(one_of(*KINDS))
    entity: Mapped[str] = mapped_column(String(40))
    entity_id: Mapped[int]
    #: What the row is called.
    text: Mapped[str] = mapped_column(String(300))
    #: Who did it; None if it is a matter of time.
    by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    at: Mapped[datetime]
    #: When open pages of the person were told.
    told_at: Mapped[datetime | None]
    read_at: Mapped[datetime | None]

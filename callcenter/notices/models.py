"""Tables of what people are told, and of how they want to be told."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from callcenter.db import Base, Id, Versioned

KEYED: Final = "key <> ''"


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


class Notification(Base):
    __tablename__ = "notification"
    __table_args__ = (
        Index("uq_notification_key", "user_id", "kind", "key", unique=True, **_where(KEYED)),
        Index("ix_notification_user_id", "user_id", "id"),
        Index("ix_notification_unread", "user_id", **_where("read_at IS NULL")),
        Index("ix_notification_untold", "tell_at", "id", **_where("told_at IS NULL")),
        Index("ix_notification_unsent", "user_id", **_where("letter = 0 OR sms = 0")),
    )

    id: Mapped[Id]
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    #: One of `kinds.KINDS`.
    kind: Mapped[str] = mapped_column(String(24))
    entity: Mapped[str] = mapped_column(String(40))
    entity_id: Mapped[int]
    #: Names what somebody is told once only, however many processes see it; empty if nothing does.
    key: Mapped[str] = mapped_column(String(120), default="")
    #: What the row is called.
    text: Mapped[str] = mapped_column(String(300))
    #: Who did it; None if it is a matter of time.
    by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    at: Mapped[datetime]
    #: Not before: it waits for the end of quiet hours, or the person has put it off.
    tell_at: Mapped[datetime]
    #: When it was brought to the person.
    told_at: Mapped[datetime | None]
    read_at: Mapped[datetime | None]
    #: The job whose letter it is in; 0 as long as it waits for one, None if it goes into none.
    letter: Mapped[int | None]
    #: The same of a message by SMS.
    sms: Mapped[int | None]


class NoticeWish(Versioned, Base):
    """How a person wants to be told; who has no row has chosen nothing."""

    __tablename__ = "notice_wish"

    #: The person's own.
    id: Mapped[int] = mapped_column(ForeignKey("user.id"), primary_key=True, autoincrement=False)
    #: {kind: [channel]}; of a kind that is not there, its own channels.
    channels: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: Where messages by SMS go, in E.164.
    sms_to: Mapped[str | None] = mapped_column(String(20))
    #: Minutes after midnight in the person's zone between which nobody disturbs him.
    quiet_from: Mapped[int | None]
    quiet_to: Mapped[int | None]
    #: Days of the week that are quiet, 0 is Monday.
    quiet_days: Mapped[list[Any]] = mapped_column(default=list)
    #: So many minutes before their time he is reminded of what he plans.
    reminders: Mapped[list[Any]] = mapped_column(default=list)

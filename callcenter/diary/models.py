"""Tables of calendars: secret links to them, and who was invited to what stands in them."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from callcenter.db import Base, Id, ascii_text, one_of
from callcenter.interactions.models import RESPONSES, Response

#: What somebody was told last: that he is invited, or that he is not any more.
METHODS = ("request", "cancel")
#: What became of the letter that tells it.
LETTERS = ("waiting", "sent", "refused", "bounced")


class CalendarLink(Base):
    """One person's link; only the SHA-256 of its secret is kept."""

    __tablename__ = "calendar_link"

    id: Mapped[Id]
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), unique=True)
    hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]


class Guest(Base):
    """Somebody who was invited by e-mail: what he was told last, and what he has answered."""

    __tablename__ = "guest"
    __table_args__ = (
        UniqueConstraint("interaction_id", "address"),
        Index("ix_guest_message_id", "message_id"),
        Index("ix_guest_contact_id", "contact_id"),
    )

    id: Mapped[Id]
    interaction_id: Mapped[int] = mapped_column(ForeignKey("interaction.id", ondelete="CASCADE"))
    #: Small letters, without a name.
    address: Mapped[str] = mapped_column(ascii_text(254))
    name: Mapped[str] = mapped_column(String(200))
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    #: In which he is written to; "" for the installation's own.
    language: Mapped[str] = mapped_column(String(8), default="")
    zone: Mapped[str] = mapped_column(String(64), default="")
    #: Of the link by which he answers. It leads nowhere once he is not invited any more.
    token: Mapped[str] = mapped_column(ascii_text(64), unique=True)
    #: Whom he answers to; "" until the first letter has gone.
    organizer: Mapped[str] = mapped_column(String(254), default="")
    method: Mapped[str] = mapped_column(one_of(*METHODS))
    #: How often the meeting had changed when he was told.
    sequence: Mapped[int] = mapped_column(default=0)
    #: An answer to an earlier one than this was to another time.
    asked: Mapped[int] = mapped_column(default=0)
    #: What he was told: {subject, place, start, end, all_day}.
    told: Mapped[dict[str, Any]] = mapped_column(default=dict)
    told_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(one_of(*LETTERS))
    #: Of the letter; what a server said of it.
    message_id: Mapped[str] = mapped_column(ascii_text(998), default="")
    says: Mapped[str | None] = mapped_column(String(500))
    response: Mapped[Response | None] = mapped_column(one_of(*RESPONSES))
    #: When he says that he gave it, and to which sequence.
    response_at: Mapped[datetime | None]
    response_to: Mapped[int] = mapped_column(default=0)

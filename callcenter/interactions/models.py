"""Tables of everything that passes between us and a customer."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from callcenter.db import Base, Id, Versioned, ascii_text, one_of


class Interaction(Versioned, Base):
    """One contact with a customer; a call has its telephony facts in `call`."""

    __tablename__ = "interaction"
    __table_args__ = (
        Index("ix_interaction_start_at", "start_at", "id"),
        Index("ix_interaction_owner_id_start_at", "owner_id", "start_at"),
    )

    id: Mapped[Id]
    kind: Mapped[str] = mapped_column(
        one_of("call", "meeting", "visit", "email", "sms", "chat", "note", "task")
    )
    direction: Mapped[str | None] = mapped_column(one_of("in", "out"))
    status: Mapped[str] = mapped_column(
        one_of("planned", "live", "held", "missed", "cancelled"), default="held"
    )
    subject: Mapped[str | None] = mapped_column(String(300))
    #: The agent's note on a call; the text of anything else.
    body: Mapped[str | None] = mapped_column(Text)
    start_at: Mapped[datetime]
    end_at: Mapped[datetime | None]
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"))
    custom: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: Raised by ingest; `version` is raised by people only.
    revision: Mapped[int] = mapped_column(default=0)


class Participant(Base):
    """Who took part: a contact, a user, or a number nobody knows yet."""

    __tablename__ = "participant"
    __table_args__ = (
        Index("ix_participant_contact", "contact_id", "at", "interaction_id"),
        Index("ix_participant_point", "point"),
    )

    interaction_id: Mapped[int] = mapped_column(
        ForeignKey("interaction.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    role: Mapped[str] = mapped_column(
        one_of("from", "to", "cc", "attendee", "agent", "company"), primary_key=True
    )
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, default=0)
    #: The contact is a foreign key by table name: this room lies below `crm`.
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    text: Mapped[str | None] = mapped_column(String(200))
    point: Mapped[str | None] = mapped_column(ascii_text(254))
    #: How sure the link to the contact is: exact number, last digits, chosen by a person.
    certainty: Mapped[str | None] = mapped_column(one_of("known", "maybe", "chosen"))
    at: Mapped[datetime]

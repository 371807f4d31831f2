"""Table of leads."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from callcenter.db import Base, Id, Versioned, ascii_text, one_of
from callcenter.entity.models import list_indexes

_LIVE: dict[str, Any] = {
    "sqlite_where": text("deleted_at IS NULL"),
    "postgresql_where": text("deleted_at IS NULL"),
}

#: By which way it reached us.
CHANNELS = ("call", "web", "email", "chat", "visit", "import", "api", "other")
#: How much somebody wants it: not yet known, a little, much, wants it now.
INTERESTS = ("unknown", "cold", "warm", "hot")


class Lead(Versioned, Base):
    """One inquiry."""

    __tablename__ = "lead"
    __table_args__ = (
        *list_indexes("lead", "updated_at", "created_at", "next_action_at"),
        Index("ix_lead_board", "pipeline_id", "stage_id", "updated_at", "id", **_LIVE),
        Index("ix_lead_contact_id", "contact_id", "created_at"),
        Index("ix_lead_number", "number"),
        Index("ix_lead_external_id", "external_id"),
    )

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(String(60))
    #: Who asks; None until it is known who.
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id"))
    #: Who asks, in his own words.
    person: Mapped[str | None] = mapped_column(String(200))
    company: Mapped[str | None] = mapped_column(String(200))
    phone: Mapped[str | None] = mapped_column(ascii_text(40))
    email: Mapped[str | None] = mapped_column(ascii_text(254))
    subject: Mapped[str] = mapped_column(String(200))
    message: Mapped[str | None] = mapped_column(Text)
    channel: Mapped[str] = mapped_column(one_of(*CHANNELS), default="other")
    source_id: Mapped[int | None] = mapped_column(ForeignKey("option.id"))
    campaign: Mapped[str | None] = mapped_column(String(120))
    #: What is wanted: goods or a service, where, in which line of business.
    product: Mapped[str | None] = mapped_column(String(200))
    region: Mapped[str | None] = mapped_column(String(120))
    business_line_id: Mapped[int | None] = mapped_column(ForeignKey("option.id"))
    #: In minor units of the currency.
    amount: Mapped[int | None]
    currency: Mapped[str | None] = mapped_column(String(3))
    interest: Mapped[str] = mapped_column(one_of(*INTERESTS), default="unknown")
    pipeline_id: Mapped[int | None] = mapped_column(ForeignKey("pipeline.id"))
    stage_id: Mapped[int | None] = mapped_column(ForeignKey("stage.id"))
    stage_at: Mapped[datetime | None]
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"))
    #: By when somebody has to answer, and when somebody did.
    respond_by: Mapped[datetime | None]
    first_response_at: Mapped[datetime | None]
    next_action_at: Mapped[datetime | None]
    #: When it was won or lost.
    closed_at: Mapped[datetime | None]
    lost_reason_id: Mapped[int | None] = mapped_column(ForeignKey("option.id"))
    lost_note: Mapped[str | None] = mapped_column(Text)
    #: Where on the web it came from: {"utm_source": ..., "referrer": ...}.
    utm: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: What was sent, as it was sent.
    raw: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: What the contact was before this lead was won: {column: value}; nothing if that changed nothing.
    was: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: As another system calls it.
    external_id: Mapped[str | None] = mapped_column(ascii_text(80))
    custom: Mapped[dict[str, Any]] = mapped_column(default=dict)

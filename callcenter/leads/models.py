"""Table of leads."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from callcenter.db import Base, Id, Versioned, ascii_text, one_of
from callcenter.entity.models import list_indexes

_LIVE = "deleted_at IS NULL"
#: How much somebody has to do is counted along this.
_OPEN = f"closed_at IS NULL AND owner_id IS NOT NULL AND {_LIVE}"

#: By which way it reached us.
CHANNELS = ("call", "web", "email", "chat", "visit", "import", "api", "other")
#: How much somebody wants it: not yet known, a little, much, wants it now.
INTERESTS = ("unknown", "cold", "warm", "hot")


def _boards() -> Iterator[Index]:
    """Return the indexes along which the columns of a board are read: of all, one's own, a team's.

    They hold what is counted and added up above a column, and by which ways its rows are reached.
    """
    for owner in (None, "owner_id", "team_id"):
        where = _LIVE if owner is None else f"{owner} IS NOT NULL AND {_LIVE}"
        columns = ("pipeline_id", "stage_id", "updated_at", "id", "currency", "amount")
        others = [name for name in ("owner_id", "team_id", "deleted_at") if name != owner]
        yield Index(
            f"ix_lead_{owner}_board" if owner else "ix_lead_board",
            *([owner] if owner else []), *columns, *(others if owner else ["deleted_at"]),
            sqlite_where=text(where), postgresql_where=text(where),
        )  # fmt: skip


def _ways() -> Iterator[Index]:
    """Return the indexes by which an import finds what has a number or an address already."""
    for way in ("phone", "email"):
        where = f"{way} IS NOT NULL AND {_LIVE}"
        yield Index(f"ix_lead_{way}", way, sqlite_where=text(where), postgresql_where=text(where))


class Lead(Versioned, Base):
    """One inquiry."""

    __tablename__ = "lead"
    __table_args__ = (
        *list_indexes("lead", "updated_at", "created_at", "next_action_at"),
        *_boards(),
        Index("ix_lead_open", "owner_id", sqlite_where=text(_OPEN), postgresql_where=text(_OPEN)),
        *_ways(),
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

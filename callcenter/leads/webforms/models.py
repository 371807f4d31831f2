"""Tables of web forms and of what is sent by them."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from callcenter.db import Base, Id, Versioned, ascii_text, one_of

#: Stored, and not a lead yet; a lead; refused by a rule of ours, an administrator can try again;
#: written by a machine.
STATUSES = ("kept", "made", "failed", "spam")


class WebForm(Versioned, Base):
    __tablename__ = "web_form"

    id: Mapped[Id]
    #: In its public address.
    key: Mapped[str] = mapped_column(ascii_text(40), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    active: Mapped[bool] = mapped_column(default=True)
    #: [{"name": a field of leads, "required": whether it is needed}]
    fields: Mapped[list[Any]] = mapped_column(default=list)
    #: The language it speaks; empty: the visitor's.
    language: Mapped[str] = mapped_column(String(8), default="")
    #: What stands above it, what is said after it was sent, and what the letter says: {language: text}.
    title: Mapped[dict[str, Any]] = mapped_column(default=dict)
    thanks: Mapped[dict[str, Any]] = mapped_column(default=dict)
    confirmation: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: The template of the letter; without one its own words above are sent.
    template_id: Mapped[int | None] = mapped_column(ForeignKey("template.id"))
    #: Whose pages may show it, as browsers write an origin: "https://example.az".
    origins: Mapped[list[str]] = mapped_column(default=list)
    source_id: Mapped[int | None] = mapped_column(ForeignKey("option.id"))
    campaign: Mapped[str | None] = mapped_column(String(120))
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"))
    pipeline_id: Mapped[int | None] = mapped_column(ForeignKey("pipeline.id"))
    #: Signs the stamps of this form.
    secret: Mapped[str] = mapped_column(ascii_text(64))


class FormDay(Base):
    """How often a form was shown and sent on a day, in UTC."""

    __tablename__ = "web_form_day"

    form_id: Mapped[int] = mapped_column(
        ForeignKey("web_form.id"), primary_key=True, autoincrement=False
    )
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    shown: Mapped[int] = mapped_column(default=0)
    sent: Mapped[int] = mapped_column(default=0)


class Submission(Base):
    """What somebody sent, as he sent it: nothing is lost, whatever becomes of it."""

    __tablename__ = "web_submission"
    __table_args__ = (
        Index("ix_web_submission_form_id", "form_id", "id"),
        Index("ix_web_submission_lead_id", "lead_id"),
    )

    id: Mapped[Id]
    form_id: Mapped[int] = mapped_column(ForeignKey("web_form.id"))
    at: Mapped[datetime]
    status: Mapped[str] = mapped_column(one_of(*STATUSES), default="kept")
    lead_id: Mapped[int | None] = mapped_column(ForeignKey("lead.id"))
    ip: Mapped[str] = mapped_column(String(45), default="")
    language: Mapped[str] = mapped_column(String(8))
    #: {field: text}
    sent: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: {"utm_source": ..., "referrer": ..., "page": ...}
    utm: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: Why no lead could be made of it: {field: sentence}.
    problem: Mapped[str | None] = mapped_column(Text)

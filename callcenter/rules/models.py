"""Tables of the rules: what they say, each time one ran, and to whom it gave something."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from callcenter.db import Base, Id, Versioned, ascii_text, one_of
from callcenter.entity.kept_filters import KEEPS_FILTER, KEEPS_VALUES

TRIGGERS = ("created", "changed", "date")
#: How a run ended.
STATUSES = ("done", "failed")
#: How it ended that a row was given to somebody.
ENDS = ("taken", "passed", "escalated", "closed")


class Automation(Versioned, Base):
    """One rule: when something happens to a row of an entity, and the row is such, do this."""

    __tablename__ = "automation"

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(120))
    entity: Mapped[str] = mapped_column(String(40))
    trigger: Mapped[str] = mapped_column(one_of(*TRIGGERS), default="created")
    #: Of "changed": one of these fields; none: any.
    trigger_fields: Mapped[list[str]] = mapped_column(default=list)
    #: Of "date": the field that says when, and how many minutes after it; before it if negative.
    date_field: Mapped[str | None] = mapped_column(String(80))
    offset_min: Mapped[int] = mapped_column(default=0)
    #: A filter, as views keep it.
    condition: Mapped[dict[str, Any]] = mapped_column(default=dict, info=KEEPS_FILTER)
    #: What is done, as `shapes` reads it.
    actions: Mapped[list[Any]] = mapped_column(default=list, info=KEEPS_VALUES)
    position: Mapped[int] = mapped_column(default=0)
    active: Mapped[bool] = mapped_column(default=True)
    #: Whether rows that an import brings count.
    on_import: Mapped[bool] = mapped_column(default=False)
    #: Of "date": up to when dates were looked at.
    looked_until: Mapped[datetime | None]


class AutomationRun(Base):
    """One time that a rule ran for a row. `key` names what it ran for, so that it runs once."""

    __tablename__ = "automation_run"
    __table_args__ = (
        UniqueConstraint("automation_id", "key"),
        Index("ix_automation_run_row", "entity", "entity_id", "id"),
        Index("ix_automation_run_root", "root", "automation_id"),
    )

    id: Mapped[Id]
    automation_id: Mapped[int] = mapped_column(ForeignKey("automation.id"))
    #: "a<line of the audit log>", or "d<row>.<moment>" of a date.
    key: Mapped[str] = mapped_column(ascii_text(60))
    #: What a person, a program or a date began, out of which this came.
    root: Mapped[str] = mapped_column(ascii_text(60))
    entity: Mapped[str] = mapped_column(String(40))
    entity_id: Mapped[int]
    at: Mapped[datetime]
    status: Mapped[str] = mapped_column(one_of(*STATUSES))
    #: What was done: [{"type": ..., what came of it}].
    steps: Mapped[list[Any]] = mapped_column(default=list)
    error: Mapped[str | None] = mapped_column(Text)


class Assignment(Base):
    """A row that a rule gave to somebody, or could give to nobody."""

    __tablename__ = "assignment"
    __table_args__ = (
        Index("ix_assignment_row", "entity", "entity_id", "id"),
        Index("ix_assignment_user_id", "user_id", "at"),
        Index(
            "ix_assignment_open", "at",
            sqlite_where=text("ended IS NULL"), postgresql_where=text("ended IS NULL"),
        ),
    )  # fmt: skip

    id: Mapped[Id]
    entity: Mapped[str] = mapped_column(String(40))
    entity_id: Mapped[int]
    automation_id: Mapped[int] = mapped_column(ForeignKey("automation.id"))
    #: None: nobody was there to whom it could be given.
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    at: Mapped[datetime]
    #: By when the person has to take it; None: whenever.
    take_by: Mapped[datetime | None]
    #: Of one that is rung: the request for the call.
    intent_id: Mapped[str | None] = mapped_column(String(60))
    ended: Mapped[str | None] = mapped_column(one_of(*ENDS))
    ended_at: Mapped[datetime | None]

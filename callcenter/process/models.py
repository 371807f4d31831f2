"""Tables of the processes: pipelines, their stages, and each entry into a stage."""

from datetime import datetime
from typing import Any, Literal, get_args

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, synonym

from callcenter.db import Base, Id, Versioned, ascii_text, one_of
from callcenter.process.engine import Kind, Mode

#: strict: a stage is entered when its rules hold. manual: people move as they see fit.
#: none: the row has no process, only an end.
MODES = get_args(Mode)
KINDS = get_args(Kind)
Decision = Literal["approved", "refused"]


class Pipeline(Versioned, Base):
    """One process of one kind of work; several may stand side by side."""

    __tablename__ = "pipeline"

    id: Mapped[Id]
    #: Whose rows go through it: "lead".
    entity: Mapped[str] = mapped_column(String(40))
    key: Mapped[str] = mapped_column(ascii_text(40))
    #: {language: text}
    name: Mapped[dict[str, Any]] = mapped_column(default=dict)
    mode: Mapped[Mode] = mapped_column(one_of(*MODES), default="manual")
    position: Mapped[int] = mapped_column(default=0)
    active: Mapped[bool] = mapped_column(default=True)
    #: Whose it is; None: everybody's.
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"))
    #: As forms of a text in four languages know it.
    label: Mapped[dict[str, Any]] = synonym("name")
    #: Working minutes within which somebody has to answer a new row; None: no target.
    respond_within_min: Mapped[int | None]


class Stage(Versioned, Base):
    __tablename__ = "stage"
    __table_args__ = (Index("ix_stage_pipeline_id", "pipeline_id", "position"),)

    id: Mapped[Id]
    pipeline_id: Mapped[int] = mapped_column(ForeignKey("pipeline.id"))
    key: Mapped[str] = mapped_column(ascii_text(40))
    #: {language: text}
    name: Mapped[dict[str, Any]] = mapped_column(default=dict)
    position: Mapped[int] = mapped_column(default=0)
    kind: Mapped[Kind] = mapped_column(one_of(*KINDS), default="open")
    color: Mapped[str | None] = mapped_column(String(20))
    label: Mapped[dict[str, Any]] = synonym("name")
    #: How likely what stands here is won, in percent.
    probability: Mapped[int] = mapped_column(default=0)
    #: What must be true before a row enters, as `engine.Rules` reads it.
    entry_rules: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: After so many days here a row is late; None: never.
    max_days: Mapped[int | None]


class StageEvent(Base):
    """One entry into a stage. The first one has no stage before it."""

    __tablename__ = "stage_event"
    __table_args__ = (
        Index("ix_stage_event_row", "entity", "entity_id", "at", "id"),
        Index("ix_stage_event_stage", "to_stage_id", "at"),
    )

    id: Mapped[Id]
    entity: Mapped[str] = mapped_column(String(40))
    entity_id: Mapped[int]
    pipeline_id: Mapped[int] = mapped_column(ForeignKey("pipeline.id"))
    from_stage_id: Mapped[int | None] = mapped_column(ForeignKey("stage.id"))
    to_stage_id: Mapped[int] = mapped_column(ForeignKey("stage.id"))
    at: Mapped[datetime]
    #: Who moved it; None: a rule, a form, an import.
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    #: What it was worth then, in minor units of its own currency.
    amount: Mapped[int | None]
    currency: Mapped[str | None] = mapped_column(String(3))


class Approval(Base):
    """Somebody asks that a row may enter a stage, and somebody else decides."""

    __tablename__ = "approval"
    __table_args__ = (Index("ix_approval_row", "entity", "entity_id", "stage_id", "id"),)

    id: Mapped[Id]
    entity: Mapped[str] = mapped_column(String(40))
    entity_id: Mapped[int]
    stage_id: Mapped[int] = mapped_column(ForeignKey("stage.id"))
    asked_by: Mapped[int] = mapped_column(ForeignKey("user.id"))
    asked_at: Mapped[datetime]
    decision: Mapped[Decision | None] = mapped_column(one_of(*get_args(Decision)))
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    decided_at: Mapped[datetime | None]
    comment: Mapped[str | None] = mapped_column(String(1000))

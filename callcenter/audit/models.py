"""The table of the log, and the one way to write to it."""

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import BigInteger, FetchedValue, Index, String
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from callcenter.db import Base, Id, announce, new_id, one_of

ActorKind = Literal["user", "automation", "api", "pbx", "import", "system"]


class Audit(Base):
    __tablename__ = "audit"
    __table_args__ = (
        Index("ix_audit_entity", "entity", "entity_id", "id"),
        Index("ix_audit_contact_id", "contact_id", "id"),
        Index("ix_audit_seq", "seq", "id"),
    )
    # Nobody who writes a line asks where in the stream it stands.
    __mapper_args__ = {"eager_defaults": False}  # noqa: RUF012

    id: Mapped[Id]
    at: Mapped[datetime]
    actor_kind: Mapped[str] = mapped_column(
        one_of("user", "automation", "api", "pbx", "import", "system")
    )
    actor_id: Mapped[int | None] = mapped_column(BigInteger)
    entity: Mapped[str] = mapped_column(String(40))
    entity_id: Mapped[int | None] = mapped_column(BigInteger)
    contact_id: Mapped[int | None] = mapped_column(BigInteger)
    action: Mapped[str] = mapped_column(String(40))
    #: {field: [old, new]}
    diff: Mapped[dict[str, Any]] = mapped_column(default=dict)
    notable: Mapped[bool] = mapped_column(default=False)
    request_id: Mapped[str | None] = mapped_column(String(40))
    #: Names what may be told once only, however many writers saw it happen.
    once: Mapped[str | None] = mapped_column(String(40), unique=True)
    ip: Mapped[str | None] = mapped_column(String(45))
    #: Drawn by the database; 0 of the lines that were there before it was.
    seq: Mapped[int] = mapped_column(server_default=FetchedValue())


def record(
    session: AsyncSession,
    at: datetime,
    *,
    entity: str,
    action: str,
    actor_kind: ActorKind = "user",
    actor_id: int | None = None,
    entity_id: int | None = None,
    contact_id: int | None = None,
    diff: dict[str, Any] | None = None,
    notable: bool = False,
    request_id: str | None = None,
    ip: str | None = None,
) -> None:
    """Add one line to the log, in the caller's transaction."""
    session.add(
        Audit(
            id=new_id(at.timestamp()), at=at, actor_kind=actor_kind, actor_id=actor_id,
            entity=entity, entity_id=entity_id, contact_id=contact_id, action=action,
            diff=diff or {}, notable=notable, request_id=request_id, ip=ip,
        )
    )  # fmt: skip
    wrote(session)


def wrote(session: AsyncSession) -> None:
    """Have those who follow the log look, once what this session wrote to it is committed."""
    announce(session, Audit.__tablename__)

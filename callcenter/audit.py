"""Who changed what: the audit log, which is also the stream of changes.

One row a write by a person, an API client, an automation or the PBX, in the
transaction of the write itself. Values of secret fields are never written.
"""

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import BigInteger, Index, String
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from callcenter.db import Base, Id, new_id, one_of

ActorKind = Literal["user", "automation", "api", "pbx", "import", "system"]


class Audit(Base):
    __tablename__ = "audit"
    __table_args__ = (
        Index("ix_audit_entity", "entity", "entity_id", "id"),
        Index("ix_audit_contact_id", "contact_id", "id"),
    )

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

"""Pairs of contacts that may be one, and what people said of them."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from callcenter.db import Base, Id, one_of


class Duplicate(Base):
    __tablename__ = "duplicate"
    __table_args__ = (
        CheckConstraint("a_id < b_id", name="a_id"),
        Index("uq_duplicate", "a_id", "b_id", unique=True),
        Index("ix_duplicate_b_id", "b_id"),
        Index(
            "ix_duplicate_open", "score", "id",
            sqlite_where=text("state = 'open'"), postgresql_where=text("state = 'open'"),
        ),
    )  # fmt: skip

    id: Mapped[Id]
    a_id: Mapped[int] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"))
    b_id: Mapped[int] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"))
    score: Mapped[int]
    #: [[code, value]], as `score.Reason`.
    reasons: Mapped[list[Any]]
    state: Mapped[str] = mapped_column(one_of("open", "different", "merged"), default="open")
    #: What was compared (`facts.basis`): "different" holds as long as that stays.
    basis: Mapped[str] = mapped_column(String(64))
    found_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[int | None] = mapped_column(BigInteger)

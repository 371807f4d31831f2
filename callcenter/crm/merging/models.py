"""What a merge did, as far as undoing it needs to know."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from callcenter.db import Base, Id


class Merge(Base):
    __tablename__ = "merge"
    __table_args__ = (
        Index("ix_merge_winner_id", "winner_id", "id"),
        Index("ix_merge_loser_id", "loser_id", "id"),
    )

    id: Mapped[Id]
    winner_id: Mapped[int] = mapped_column(ForeignKey("contact.id"))
    loser_id: Mapped[int] = mapped_column(ForeignKey("contact.id"))
    #: {field: "winner" or "loser"}, as the person chose.
    choices: Mapped[dict[str, Any]]
    #: What the rows were: {"changed": {field: [old, new]}, "dropped": [{"table", "row"}], ...}.
    snapshot: Mapped[dict[str, Any]]
    #: [{"table", "column", "keys": primary keys of the rows that were moved}].
    moved: Mapped[list[Any]]
    at: Mapped[datetime]
    by_id: Mapped[int | None] = mapped_column(BigInteger)
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[int | None] = mapped_column(BigInteger)

"""Tables of imports: each file that was brought in, and what it did to which row."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from callcenter.db import Base, Id, Stamped, one_of

#: What a batch is: its columns are being chosen; each change is being named (`checking`); it is
#: being brought in; done; being taken back; taken back; stopped by a failure of ours.
STATES = ("mapping", "checking", "checked", "importing", "done", "undoing", "undone", "failed")


class ImportBatch(Stamped, Base):
    __tablename__ = "import_batch"
    __table_args__ = (
        Index("ix_import_batch_status", "status"),
        Index("ix_import_batch_fingerprint", "entity", "fingerprint"),
    )

    id: Mapped[Id]
    entity: Mapped[str] = mapped_column(String(40))
    #: Of the file, as its owner called it.
    name: Mapped[str] = mapped_column(String(200))
    user_id: Mapped[int] = mapped_column(BigInteger)
    #: In which what cannot be read is told.
    language: Mapped[str] = mapped_column(String(2))
    status: Mapped[str] = mapped_column(one_of(*STATES), default="mapping")
    #: `table.Layout`: what was found in the file.
    layout: Mapped[dict[str, Any]]
    #: `mapping.Column`s: where each column goes.
    mapping: Mapped[list[Any]]
    #: `batches.Options`.
    options: Mapped[dict[str, Any]]
    #: `batches.Counts`.
    counts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: Rows of the file that this step has dealt with: an interrupted one goes on here.
    rows_done: Mapped[int] = mapped_column(default=0)
    #: By what the mapping is remembered (`mapping.fingerprint`).
    fingerprint: Mapped[str] = mapped_column(String(32), default="")
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class ImportRow(Base):
    """What a batch did to one row of an entity; rows of the file it left alone have none."""

    __tablename__ = "import_row"

    batch_id: Mapped[int] = mapped_column(
        ForeignKey("import_batch.id", ondelete="CASCADE"), primary_key=True
    )
    #: The row's number in the file.
    number: Mapped[int] = mapped_column(primary_key=True)
    entity_id: Mapped[int] = mapped_column(primary_key=True)
    #: Of a row of another entity, which was made for one of the batch's own: which.
    kind: Mapped[str | None] = mapped_column(String(40))
    did: Mapped[str] = mapped_column(one_of("added", "changed"))
    #: {field: [old, new]} of a changed one.
    diff: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: Whether it was taken back, and if not all of it: the fields, or "" for the row, that stayed
    #: and why.
    undone: Mapped[bool] = mapped_column(default=False)
    kept: Mapped[dict[str, Any]] = mapped_column(default=dict)

"""Tables that belong to every entity: option lists, added fields, who else a row concerns."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from callcenter.db import Base, Id, Versioned, ascii_text, one_of
from callcenter.entity.kept_filters import KEEPS_FILTER

_LIVE = "deleted_at IS NULL"

#: What a custom field can hold; a closed list is made of options.
TYPES = (
    "text", "long_text", "integer", "number", "money", "date", "datetime", "bool", "option",
    "options", "reference", "phone", "email", "url",
)  # fmt: skip


def list_indexes(table: str, *orders: str) -> tuple[Index, ...]:
    """Return the indexes along which a list of owned rows is read, by each column it is sorted by.

    Whoever sees all rows needs one an order; whoever sees his own, or his team's, needs one that
    begins with the owner or the team (`stretches`). The latter holds rows that have one only, so
    it costs nothing where teams are not given to rows.
    """
    return tuple(
        Index(
            f"ix_{table}_{owner}{order}", *columns, order, "id",
            sqlite_where=text(where), postgresql_where=text(where),
        )
        for order in orders
        for owner, columns, where in (
            ("", (), _LIVE),
            ("owner_id_", ("owner_id",), f"owner_id IS NOT NULL AND {_LIVE}"),
            ("team_id_", ("team_id",), f"team_id IS NOT NULL AND {_LIVE}"),
        )
    )  # fmt: skip


def board_index(table: str, column: str, order: str) -> Index:
    """Return the index along which each column of a board is read, in the list's first order."""
    return Index(
        f"ix_{table}_{column}_{order}", column, order, "id", sqlite_where=text(_LIVE),
        postgresql_where=text(_LIVE),
    )  # fmt: skip


def trash_index(table: str) -> Index:
    """Return the index by which the few rows that were set aside are found among all."""
    where = "deleted_at IS NOT NULL"
    return Index(
        f"ix_{table}_deleted_at", "deleted_at", "id", sqlite_where=text(where),
        postgresql_where=text(where),
    )  # fmt: skip


class CustomField(Versioned, Base):
    __tablename__ = "custom_field"
    __table_args__ = (UniqueConstraint("entity", "key"),)

    id: Mapped[Id]
    entity: Mapped[str] = mapped_column(String(40))
    #: As the `custom` column and programs call it: "car".
    key: Mapped[str] = mapped_column(String(40))
    #: {language: text}
    label: Mapped[dict[str, Any]] = mapped_column(default=dict)
    type: Mapped[str] = mapped_column(one_of(*TYPES))
    #: Of a reference: the entity.
    refers_to: Mapped[str | None] = mapped_column(String(40))
    required: Mapped[bool] = mapped_column(default=False)
    unique: Mapped[bool] = mapped_column(default=False)
    indexed: Mapped[bool] = mapped_column(default=False)
    searchable: Mapped[bool] = mapped_column(default=False)
    position: Mapped[int] = mapped_column(default=0)
    #: The heading under which it stands, in the words of the administrator.
    group: Mapped[str | None] = mapped_column(String(80))


class Option(Versioned, Base):
    __tablename__ = "option"
    __table_args__ = (UniqueConstraint("list", "key"),)

    id: Mapped[Id]
    #: Which list it stands in: "industry"; of a custom field "contact.car".
    list: Mapped[str] = mapped_column(String(80))
    #: As programs call it; never changes.
    key: Mapped[str] = mapped_column(String(80))
    #: {language: text}; a language that is missing falls back to the others.
    label: Mapped[dict[str, Any]] = mapped_column(default=dict)
    position: Mapped[int] = mapped_column(default=0)
    #: A colour of ours by name: "green".
    color: Mapped[str | None] = mapped_column(String(20))
    active: Mapped[bool] = mapped_column(default=True)
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)


#: What somebody has to do with a row that is not his.
ROLES = ("co-executor", "follower")


class Involvement(Base):
    """Somebody whom a row concerns beside its owner: it is shared with him."""

    __tablename__ = "involvement"
    __table_args__ = (
        Index("uq_involvement", "entity", "entity_id", "user_id", unique=True),
        Index("ix_involvement_user_id", "user_id", "entity", "entity_id"),
    )

    id: Mapped[Id]
    entity: Mapped[str] = mapped_column(String(40))
    entity_id: Mapped[int]
    #: People belong to a room above this one: a foreign key by table name.
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    role: Mapped[str] = mapped_column(one_of(*ROLES), default="co-executor")
    created_at: Mapped[datetime]
    #: Who shared it.
    created_by: Mapped[int | None] = mapped_column(BigInteger)


class Tag(Base):
    """A word that people put on rows of any entity."""

    __tablename__ = "tag"
    __table_args__ = (UniqueConstraint("fold"),)

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(60))
    #: The name without case and diacritics: "VIP" and "vip" are one.
    fold: Mapped[str] = mapped_column(ascii_text(120))
    #: A colour of ours by name: "green".
    color: Mapped[str | None] = mapped_column(String(20))


class Tagging(Base):
    __tablename__ = "tagging"
    __table_args__ = (
        UniqueConstraint("entity", "entity_id", "tag_id"),
        Index("ix_tagging_tag_id", "tag_id", "entity", "entity_id"),
    )

    id: Mapped[Id]
    tag_id: Mapped[int] = mapped_column(ForeignKey("tag.id", ondelete="CASCADE"))
    entity: Mapped[str] = mapped_column(String(40))
    entity_id: Mapped[int]


class File(Base):
    """Something uploaded to a row; its bytes lie in the folder of files under their hash."""

    __tablename__ = "file"
    __table_args__ = (
        Index("ix_file_entity", "entity", "entity_id", "id"),
        Index("ix_file_sha256", "sha256"),
    )

    id: Mapped[Id]
    entity: Mapped[str] = mapped_column(String(40))
    entity_id: Mapped[int]
    kind: Mapped[str] = mapped_column(one_of("attachment", "picture"), default="attachment")
    name: Mapped[str] = mapped_column(String(200))
    mime: Mapped[str] = mapped_column(String(100))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    created_by: Mapped[int | None]
    deleted_at: Mapped[datetime | None]


class View(Versioned, Base):
    """A list, board or calendar that somebody keeps under a name."""

    __tablename__ = "view"
    __table_args__ = (Index("ix_view_entity", "entity", "owner_id"),)

    id: Mapped[Id]
    entity: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(80))
    kind: Mapped[str] = mapped_column(one_of("list", "board", "calendar"), default="list")
    #: As `filters.written` says it.
    filter: Mapped[dict[str, Any]] = mapped_column(default=dict, info=KEEPS_FILTER)
    columns: Mapped[list[str]] = mapped_column(default=list)
    #: "name", "-name"; "" is the entity's own order.
    sort: Mapped[str] = mapped_column(String(60), default="")
    #: The field by whose values a list stands in sections, "" for none.
    group: Mapped[str] = mapped_column(String(60), default="")
    #: Its place among the views that are offered.
    position: Mapped[int] = mapped_column(default=0)
    #: People belong to a room above this one: a foreign key by table name.
    owner_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    #: Who sees it besides its owner.
    shared_team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"))
    for_everybody: Mapped[bool] = mapped_column(default=False)


class FirstView(Base):
    """With which view somebody's list of an entity begins."""

    __tablename__ = "first_view"

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), primary_key=True)
    entity: Mapped[str] = mapped_column(String(40), primary_key=True)
    view_id: Mapped[int] = mapped_column(ForeignKey("view.id"))


class Sequence(Base):
    """The last number that was drawn of a kind, in a year; 0 where numbers do not begin anew."""

    __tablename__ = "sequence"

    kind: Mapped[str] = mapped_column(String(40), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int]

"""What every table is made of: keys, instants, closed lists, who changed the row.

Instants are stored as integers, milliseconds since the epoch in UTC
(`docs/decisions/0001-instants-are-integers.md`), and are aware datetimes in Python.
"""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from sqlalchemy import BigInteger, Dialect, Enum, Integer, MetaData, String, types
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncAttrs
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Instant(types.TypeDecorator[datetime]):
    """A moment: milliseconds since the epoch in the table, an aware datetime in Python."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        return None if value is None else millis(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        return None if value is None else datetime.fromtimestamp(value / 1000, UTC)


def millis(moment: datetime | float) -> int:
    """Return `moment` (aware datetime, or epoch seconds) as the database stores it."""
    seconds = moment.timestamp() if isinstance(moment, datetime) else moment
    return round(seconds * 1000)


def one_of(*words: str) -> Enum:
    """Return the column type of a short closed list, kept by a CHECK."""
    return Enum(*words, native_enum=False, create_constraint=True, length=24)


def ascii_text(length: int) -> types.TypeEngine[str]:
    """Return the type of a text that is compared byte by byte on both engines.

    Numbers and folded names are searched by ranges of their first letters, which a language's
    own order would break.
    """
    return String(length).with_variant(String(length, collation="C"), "postgresql")


# None is NULL, not the JSON word null: "is nothing known?" is one question in SQL.
_JSON = types.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


class Base(AsyncAttrs, DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(column_0_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: Instant,
        int: BigInteger,
        dict[str, Any]: _JSON,
        list[Any]: _JSON,
        list[str]: _JSON,
    }


#: The primary key of every table: drawn by `new_id`, never by the database.
#: INTEGER on SQLite makes it the rowid itself.
Id = Annotated[
    int,
    mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False
    ),
]


class Stamped:
    """Who made the row and when, who changed it last."""

    created_at: Mapped[datetime]
    created_by: Mapped[int | None] = mapped_column(BigInteger)
    updated_at: Mapped[datetime]
    updated_by: Mapped[int | None] = mapped_column(BigInteger)


class Versioned(Stamped):
    """A row that people edit: `version` rises with each edit by a person."""

    if TYPE_CHECKING:
        # Each table declares its own, so that it is the first column.
        id: Mapped[int]

    version: Mapped[int] = mapped_column(default=1)
    deleted_at: Mapped[datetime | None]


class Setting(Base):
    """What administrators set in the browser; what operators set is in `callcenter.settings`."""

    __tablename__ = "setting"

    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    value: Mapped[dict[str, Any]]
    updated_at: Mapped[datetime]
    updated_by: Mapped[int | None] = mapped_column(BigInteger)

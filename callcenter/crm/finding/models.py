"""The words of rows, for the search box."""

from sqlalchemy import BigInteger, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from callcenter.db import Base, Id, ascii_text

LETTERS = 4000


class SearchText(Base):
    """The words of one row, of any entity, as a search compares them."""

    __tablename__ = "search_text"
    __table_args__ = (UniqueConstraint("entity", "entity_id"),)

    #: Rises with time, so that what was written last is found first.
    id: Mapped[Id]
    entity: Mapped[str] = mapped_column(String(40))
    entity_id: Mapped[int] = mapped_column(BigInteger)
    fold: Mapped[str] = mapped_column(ascii_text(LETTERS))

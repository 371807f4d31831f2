"""Tables of the customers: contacts and the points by which they are reached."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from callcenter.crm.names import fold
from callcenter.crm.sounds import stored
from callcenter.db import Base, Id, Versioned, ascii_text, one_of

_LIVE: dict[str, Any] = {
    "sqlite_where": text("deleted_at IS NULL"),
    "postgresql_where": text("deleted_at IS NULL"),
}


#: Columns that follow from what people write.
DERIVED = ("fold", "phon")

FOLD_LETTERS = 400
PHON_LETTERS = 600


def searchable(name: str) -> dict[str, str]:
    """Return the columns by which a contact of this name is found."""
    return {"fold": fold(name)[:FOLD_LETTERS], "phon": stored(name, PHON_LETTERS)}


class Contact(Versioned, Base):
    """A person or a company: customer, supplier, colleague's firm, anyone."""

    __tablename__ = "contact"
    __table_args__ = (
        Index("ix_contact_fold", "fold", "id", **_LIVE),
        Index("ix_contact_updated_at", "updated_at", "id", **_LIVE),
        Index("ix_contact_company_id", "company_id"),
        Index("ix_contact_owner_id", "owner_id"),
        Index("ix_contact_merged_into_id", "merged_into_id"),
    )

    id: Mapped[Id]
    kind: Mapped[str] = mapped_column(one_of("person", "company"), default="person")
    name: Mapped[str] = mapped_column(String(200))
    given_name: Mapped[str | None] = mapped_column(String(80))
    family_name: Mapped[str | None] = mapped_column(String(80))
    #: The company this person works for.
    company_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id"))
    title: Mapped[str | None] = mapped_column(String(120))
    language: Mapped[str | None] = mapped_column(one_of("az", "tr", "ru", "en"))
    country: Mapped[str | None] = mapped_column(String(2))
    city: Mapped[str | None] = mapped_column(String(120))
    time_zone: Mapped[str | None] = mapped_column(String(64))
    birthday: Mapped[date | None] = mapped_column(Date)
    description: Mapped[str | None] = mapped_column(Text)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"))
    last_contact_at: Mapped[datetime | None]
    #: The name without case, diacritics and alphabet, for search (`crm.names.fold`).
    fold: Mapped[str] = mapped_column(ascii_text(FOLD_LETTERS), default="")
    #: How its words sound, for search across alphabets (`crm.sounds.stored`).
    phon: Mapped[str] = mapped_column(ascii_text(PHON_LETTERS), default="", server_default="")
    custom: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: The contact this one was found to be; it is set aside, and its links lead there (`crm.merging`).
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id"))

    points: Mapped[list["ContactPoint"]] = relationship(
        order_by="ContactPoint.position", cascade="all, delete-orphan", lazy="raise"
    )
    company: Mapped["Contact | None"] = relationship(
        remote_side="Contact.id", foreign_keys="Contact.company_id", lazy="raise"
    )


class ContactPoint(Base):
    """One way to reach a contact: `value` as typed, `norm` in its one form."""

    __tablename__ = "contact_point"
    __table_args__ = (
        Index("ix_contact_point_norm", "norm", "contact_id"),
        Index(
            "ix_contact_point_rev", "rev", "contact_id",
            sqlite_where=text("kind = 'phone'"), postgresql_where=text("kind = 'phone'"),
        ),
        Index("uq_contact_point", "contact_id", "kind", "norm", "ext", unique=True),
    )  # fmt: skip

    id: Mapped[Id]
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(
        one_of("phone", "email", "telegram", "whatsapp", "viber", "url"), default="phone"
    )
    value: Mapped[str] = mapped_column(String(254))
    #: Phones: E.164 ("+994501234567"), or bare digits if `valid` is false.
    norm: Mapped[str] = mapped_column(ascii_text(254))
    #: Phones: the digits of `norm` backwards, for the search by last digits.
    rev: Mapped[str | None] = mapped_column(ascii_text(32))
    ext: Mapped[str] = mapped_column(String(16), default="")
    label: Mapped[str | None] = mapped_column(
        one_of("mobile", "work", "home", "fax", "main", "other")
    )
    position: Mapped[int] = mapped_column(default=0)
    country: Mapped[str | None] = mapped_column(String(2))
    valid: Mapped[bool] = mapped_column(default=True)

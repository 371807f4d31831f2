"""Tables of the customers: contacts, the points by which they are reached, and what stands around them."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Date, Float, ForeignKey, Index, String, Text, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from callcenter.crm.names import fold
from callcenter.crm.sounds import stored
from callcenter.db import Base, Id, Versioned, ascii_text, one_of
from callcenter.entity.models import board_index, list_indexes, trash_index

GENDERS = ("female", "male")
TAX_KINDS = (
    "az_voen", "tr_vkn", "tr_tckn", "ru_inn", "ru_ogrn", "ge_id", "kz_bin", "uz_stir", "other",
)  # fmt: skip
LIFECYCLES = ("new", "prospect", "customer", "former")
#: What is not wanted over a number or an address.
CHANNELS = ("all", "calls", "messages", "mailings")
ADDRESS_KINDS = ("legal", "postal", "delivery", "home")

FOLD_LETTERS = 400
PHON_LETTERS = 600


def searchable(name: str, *others: str | None) -> dict[str, str]:
    """Return the columns by which a contact of this name, and of these other names, is found."""
    names = " ".join(filter(None, (name, *others)))
    return {"fold": fold(names)[:FOLD_LETTERS].rstrip(), "phon": stored(names, PHON_LETTERS)}


class Contact(Versioned, Base):
    """A person or a company: customer, supplier, colleague's firm, anyone."""

    __tablename__ = "contact"
    __table_args__ = (
        *list_indexes(
            "contact", "fold", "updated_at", "created_at", "last_contact_at", "next_action_at"
        ),
        board_index("contact", "lifecycle", "fold"),
        trash_index("contact"),
        Index("ix_contact_tax_id", "tax_id"),
        Index("ix_contact_registration_no", "registration_no"),
        Index("ix_contact_external_id", "external_id"),
        Index("ix_contact_company_id", "company_id"),
        Index("ix_contact_merged_into_id", "merged_into_id"),
    )

    id: Mapped[Id]
    kind: Mapped[str] = mapped_column(one_of("person", "company"), default="person")
    name: Mapped[str] = mapped_column(String(200))
    given_name: Mapped[str | None] = mapped_column(String(80))
    #: A patronymic, too.
    middle_name: Mapped[str | None] = mapped_column(String(80))
    family_name: Mapped[str | None] = mapped_column(String(80))
    #: How the person is addressed: "Cənab", "Dr.".
    salutation: Mapped[str | None] = mapped_column(String(40))
    gender: Mapped[str | None] = mapped_column(one_of(*GENDERS))
    legal_name: Mapped[str | None] = mapped_column(String(300))
    short_name: Mapped[str | None] = mapped_column(String(120))
    legal_form_id: Mapped[int | None] = mapped_column(ForeignKey("option.id"))
    #: Digits only, as `crm.tax_ids` reads it; `tax_kind` says of which country.
    tax_id: Mapped[str | None] = mapped_column(ascii_text(20))
    tax_kind: Mapped[str | None] = mapped_column(one_of(*TAX_KINDS))
    #: Which branch it is of the company that has the tax id: in Russia, the KPP.
    branch_code: Mapped[str | None] = mapped_column(String(20))
    registration_no: Mapped[str | None] = mapped_column(ascii_text(40))
    bank_name: Mapped[str | None] = mapped_column(String(200))
    bank_code: Mapped[str | None] = mapped_column(String(20))
    bank_account: Mapped[str | None] = mapped_column(String(40))
    is_customer: Mapped[bool] = mapped_column(default=False, server_default=false())
    is_supplier: Mapped[bool] = mapped_column(default=False, server_default=false())
    is_competitor: Mapped[bool] = mapped_column(default=False, server_default=false())
    is_carrier: Mapped[bool] = mapped_column(default=False, server_default=false())
    is_dealer: Mapped[bool] = mapped_column(default=False, server_default=false())
    lifecycle: Mapped[str | None] = mapped_column(one_of(*LIFECYCLES))
    industry_id: Mapped[int | None] = mapped_column(ForeignKey("option.id"))
    size_id: Mapped[int | None] = mapped_column(ForeignKey("option.id"))
    source_id: Mapped[int | None] = mapped_column(ForeignKey("option.id"))
    customer_since: Mapped[date | None] = mapped_column(Date)
    #: The company this person works for.
    company_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id"))
    title: Mapped[str | None] = mapped_column(String(120))
    language: Mapped[str | None] = mapped_column(one_of("az", "tr", "ru", "en"))
    country: Mapped[str | None] = mapped_column(String(2))
    region: Mapped[str | None] = mapped_column(String(120))
    city: Mapped[str | None] = mapped_column(String(120))
    time_zone: Mapped[str | None] = mapped_column(String(64))
    birthday: Mapped[date | None] = mapped_column(Date)
    description: Mapped[str | None] = mapped_column(Text)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"))
    last_contact_at: Mapped[datetime | None]
    next_action_at: Mapped[datetime | None]
    #: From then on nobody may call or write of his own accord.
    do_not_contact_at: Mapped[datetime | None]
    do_not_contact_reason: Mapped[str | None] = mapped_column(String(200))
    #: A register or a colleague says that it is not to be trusted.
    unreliable_at: Mapped[datetime | None]
    unreliable_reason: Mapped[str | None] = mapped_column(String(300))
    #: As another system calls it, by which it finds it again.
    external_id: Mapped[str | None] = mapped_column(ascii_text(80))
    #: The name without case, diacritics and alphabet, for search (`crm.names.fold`).
    fold: Mapped[str] = mapped_column(ascii_text(FOLD_LETTERS), default="")
    #: How its words sound, for search across alphabets (`crm.sounds.stored`).
    phon: Mapped[str] = mapped_column(ascii_text(PHON_LETTERS), default="", server_default="")
    custom: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: The contact this one was found to be; it is set aside, and its links lead there (`crm.merging`).
    photo_id: Mapped[int | None] = mapped_column(ForeignKey("file.id"))
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
    #: False of a short code, which means something only where it is dialled.
    valid: Mapped[bool] = mapped_column(default=True)
    #: When somebody found that it reaches the contact, or that it does not.
    verified_at: Mapped[datetime | None]
    invalid_at: Mapped[datetime | None]
    #: Since when the contact does not want to be reached by it, and in which way.
    opted_out_at: Mapped[datetime | None]
    opt_out_channel: Mapped[str | None] = mapped_column(one_of(*CHANNELS))


class Address(Base):
    __tablename__ = "address"
    __table_args__ = (Index("ix_address_contact_id", "contact_id"),)

    id: Mapped[Id]
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(one_of(*ADDRESS_KINDS))
    country: Mapped[str | None] = mapped_column(String(2))
    region: Mapped[str | None] = mapped_column(String(120))
    city: Mapped[str | None] = mapped_column(String(120))
    street: Mapped[str | None] = mapped_column(String(300))
    postal_code: Mapped[str | None] = mapped_column(String(20))
    #: For whoever comes or delivers: "second entrance, code 12".
    note: Mapped[str | None] = mapped_column(String(300))
    lat: Mapped[float | None] = mapped_column(Float)
    lon: Mapped[float | None] = mapped_column(Float)


class Relationship(Base):
    """`from_id` is something to `to_id`; the type has a label for each direction.

    One that is over keeps its row with `until`: who worked where, and when, stays known.
    """

    __tablename__ = "relationship"
    __table_args__ = (
        Index("ix_relationship_from_id", "from_id"),
        Index("ix_relationship_to_id", "to_id"),
        CheckConstraint("strength BETWEEN 1 AND 5", name="strength"),
    )

    id: Mapped[Id]
    from_id: Mapped[int] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"))
    to_id: Mapped[int] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"))
    type_id: Mapped[int] = mapped_column(ForeignKey("option.id"))
    title: Mapped[str | None] = mapped_column(String(120))
    department: Mapped[str | None] = mapped_column(String(120))
    strength: Mapped[int | None]
    since: Mapped[date | None] = mapped_column(Date)
    until: Mapped[date | None] = mapped_column(Date)
    #: Of "works for": the company that stands beside the person's name (`contact.company_id`).
    is_primary: Mapped[bool] = mapped_column(default=False)
    note: Mapped[str | None] = mapped_column(String(300))


class Preference(Base):
    """What a contact needs or likes, as of a day; what no longer holds keeps its row."""

    __tablename__ = "preference"
    __table_args__ = (Index("ix_preference_contact_id", "contact_id", "at"),)

    id: Mapped[Id]
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"))
    text: Mapped[str] = mapped_column(String(500))
    at: Mapped[datetime]
    by: Mapped[int | None]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[int | None]

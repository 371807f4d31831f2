"""What a contact is: a person or a company, with roles, legal details and ways to reach it.

What follows from what people write (the shown name, its folded form) and what has to fit
together is in `rules`; numbers and addresses are a part of their own, in `points`.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import inspect
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.crm import linking, tax_ids
from callcenter.crm.contacts import addresses, employment, reach, rules, ties_in_files
from callcenter.crm.contacts.access import CONTACT
from callcenter.crm.contacts.addresses import ADDRESSES
from callcenter.crm.contacts.many import MANY
from callcenter.crm.contacts.models import GENDERS, LIFECYCLES, TAX_KINDS, Contact
from callcenter.crm.contacts.peers import EXPORTS, SAID
from callcenter.crm.contacts.points_part import Points
from callcenter.crm.contacts.preferences import Preferences
from callcenter.crm.contacts.search import ids_of
from callcenter.crm.contacts.ties import Ties
from callcenter.crm.contacts.vcards import Cards
from callcenter.entity import tags
from callcenter.entity.description import Entity, Field, Sort
from callcenter.entity.editing import Diff
from callcenter.entity.tags import Tags
from callcenter.events import ContactChanged, ContactsBroughtIn
from callcenter.interactions.moving import move_contact
from callcenter.server.actor import Actor
from callcenter.server.formats import country_name
from callcenter.server.identity import Identity


def _(message: str) -> str:
    return message


KINDS: Final = {"person": _("Person"), "company": _("Company")}
LANGUAGES: Final = {
    "az": "Azərbaycanca", "tr": "Türkçe", "ru": "Русский", "en": "English",
}  # fmt: skip
GENDER_WORDS: Final = dict(zip(GENDERS, (_("female"), _("male")), strict=True))
LIFECYCLE_WORDS: Final = dict(
    zip(
        LIFECYCLES,
        (_("New contact"), _("Prospect"), _("Customer"), _("Former customer")),
        strict=True,
    )
)
TAX_WORDS: Final = dict(
    zip(
        TAX_KINDS,
        (
            _("VÖEN (Azerbaijan)"), _("VKN (Turkey)"), _("TCKN (Turkey)"), _("INN (Russia)"),
            _("OGRN (Russia)"), _("Identification code (Georgia)"), _("BIN/IIN (Kazakhstan)"),
            _("STIR (Uzbekistan)"), _("Of another country"),
        ),
        strict=True,
    )
)  # fmt: skip

LEGAL: Final = _("Legal entity")
BANK: Final = _("Bank account")
ROLES: Final = _("Roles")
PLACE: Final = _("Place and language")
WORK: Final = _("Work with the contact")
MORE: Final = _("More")

FIELDS: Final = (
    Field(name="kind", label=_("Kind"), type="choice", choices=KINDS, required=True, tidy=rules.kind, aliases=("type", "tip", "тип")),
    Field(name="name", label=_("Name"), required=True, aliases=("full name", "display name", "account name", "company name", "ad", "ad soyad", "имя", "наименование", "название", "фио")),
    Field(name="salutation", label=_("Form of address"), limit=40, aliases=("title prefix", "обращение", "hitap")),
    Field(name="given_name", label=_("Given name"), limit=80, aliases=("first name", "имя контакта", "adı", "isim"), aliases_beside={"family_name": ("ad", "имя")}),
    Field(name="middle_name", label=_("Patronymic or middle name"), limit=80, aliases=("middle name", "second name", "patronymic", "отчество", "ata adı")),
    Field(name="family_name", label=_("Family name"), limit=80, aliases=("last name", "surname", "фамилия", "soyad", "soyadı")),
    Field(name="gender", label=_("Gender"), type="choice", choices=GENDER_WORDS, aliases=("пол", "cins", "cinsiyet")),
    Field(name="birthday", label=_("Birthday"), type="date", aliases=("date of birth", "birthdate", "дата рождения", "doğum tarixi", "doğum tarihi")),
    Field(name="company_id", label=_("Company"), type="reference", refers_to="contact", made_with={"kind": "company"}, aliases=("account", "organization", "organisation", "employer", "компания", "şirkət", "şirket")),
    Field(name="title", label=_("Position"), limit=120, aliases=("job title", "должность", "vəzifə", "görev", "unvan")),
    *(
        Field(name=name, label=label, type="bool", group=ROLES)
        for name, label in (
            ("is_customer", _("Customer")), ("is_supplier", _("Supplier")),
            ("is_competitor", _("Competitor")), ("is_carrier", _("Carrier")),
            ("is_dealer", _("Dealer")),
        )
    ),
    Field(name="lifecycle", label=_("Stage"), type="choice", choices=LIFECYCLE_WORDS, group=WORK, aliases=("lifecycle stage", "status", "статус")),
    Field(name="owner_id", label=_("Account manager"), type="reference", refers_to="user", group=WORK, aliases=("owner", "assigned to", "assigned user", "responsible", "ответственный", "məsul", "sorumlu")),
    Field(name="team_id", label=_("Team"), type="reference", refers_to="team", group=WORK),
    Field(name="source_id", label=_("Source"), type="option", options="source", group=WORK, aliases=("lead source", "источник", "mənbə", "kaynak")),
    Field(name="customer_since", label=_("Customer since"), type="date", group=WORK),
    Field(name="next_action_at", label=_("Next step"), type="datetime", group=WORK),
    Field(name="last_contact_at", label=_("Last in touch"), type="datetime", writable=False, group=WORK),
    Field(name="do_not_contact_at", label=_("Not to be contacted since"), type="datetime", group=WORK),
    Field(name="do_not_contact_reason", label=_("Why not to be contacted"), group=WORK),
    Field(name="legal_name", label=_("Full legal name"), limit=300, group=LEGAL, aliases=("полное наименование", "hüquqi ad", "ticari unvan")),
    Field(name="short_name", label=_("Short name"), limit=120, group=LEGAL, aliases=("краткое наименование", "qısa ad", "kısa ad")),
    Field(name="legal_form_id", label=_("Legal form"), type="option", options="legal_form", group=LEGAL),
    Field(name="tax_kind", label=_("Kind of tax id"), type="choice", choices=TAX_WORDS, group=LEGAL),
    Field(name="tax_id", label=_("Tax id"), limit=30, group=LEGAL, aliases=("tax number", "vat", "vat number", "voen", "vöen", "vkn", "tckn", "инн", "inn", "sic code")),
    Field(name="branch_code", label=_("Branch code (KPP)"), limit=20, group=LEGAL, aliases=("kpp", "кпп", "branch code", "filial kodu", "şube kodu")),
    Field(name="registration_no", label=_("Registration number"), limit=40, group=LEGAL, aliases=("ogrn", "огрн", "mersis", "registration code")),
    Field(name="industry_id", label=_("Industry"), type="option", options="industry", group=LEGAL, aliases=("отрасль", "sahə", "sektör")),
    Field(name="size_id", label=_("Company size"), type="option", options="company_size", group=LEGAL),
    Field(name="unreliable_at", label=_("Unreliable since"), type="datetime", writable=False, on_form=False, group=LEGAL),
    Field(name="unreliable_reason", label=_("Why unreliable"), limit=300, writable=False, on_form=False, group=LEGAL),
    Field(name="bank_name", label=_("Bank"), group=BANK, aliases=("bank name", "банк")),
    Field(name="bank_code", label=_("Bank code"), limit=20, group=BANK, aliases=("swift", "bic", "бик", "kod")),
    Field(name="bank_account", label=_("Account number"), limit=40, check=tax_ids.account_problem, group=BANK, aliases=("iban", "расчетный счет", "расчётный счёт", "hesab", "hesap no")),
    Field(name="country", label=_("Country"), limit=60, tidy=rules.country_code, says=country_name, check=rules.country, group=PLACE, aliases=("country code", "страна", "ölkə", "ülke")),
    Field(name="region", label=_("Region"), limit=120, group=PLACE, aliases=("state", "province", "регион", "область", "rayon", "il")),
    Field(name="city", label=_("City"), limit=120, group=PLACE, aliases=("town", "город", "şəhər", "şehir")),
    Field(name="language", label=_("Language"), type="choice", choices=LANGUAGES, group=PLACE, aliases=("язык", "dil")),
    Field(name="time_zone", label=_("Time zone"), limit=64, check=rules.zone, group=PLACE),
    Field(name="external_id", label=_("Id in another system"), limit=80, unique=True, group=MORE, aliases=("id", "external id", "record id")),
    Field(name="description", label=_("Description"), type="long_text", limit=10_000, group=MORE, aliases=("notes", "comment", "comments", "комментарий", "примечание", "qeyd", "açıklama")),
    Field(name="created_at", label=_("Added"), type="datetime", writable=False, on_form=False, group=MORE),
    Field(name="updated_at", label=_("Changed"), type="datetime", writable=False, on_form=False, group=MORE),
    *reach.FIELDS,
    addresses.FIELD,
    ties_in_files.FIELD,
    tags.field("contact", Contact),
)  # fmt: skip

SORTS: Final = (
    Sort("name", ("fold",), _("Name")),
    Sort("last_contact", ("last_contact_at",), _("Last in touch"), descending=True),
    Sort("created", ("created_at",), _("Added"), descending=True),
    Sort("updated", ("updated_at",), _("Changed"), descending=True),
    Sort("next_action", ("next_action_at",), _("Next step")),
)


def contact(regions: Sequence[str], zone: str) -> Entity:
    """Return the description; `regions` are the countries of numbers without a country code.

    `zone` is where the company's days begin.
    """
    points = Points(regions)
    fields = tuple(reach.with_regions(field, regions) for field in FIELDS)
    return replace(
        CONTACT, fields=fields, cards=Cards(CONTACT, fields),
        columns=("name", "company_id", "phone", "email", "city", "owner_id", "last_contact_at"),
        sorts=SORTS, board="lifecycle", calendar="next_action_at", move=move_contact,
        on_rail=False,
        keys=("external_id", "tax_id", "email", "phone"), derive=rules.derive, check=rules.check,
        saved=partial(_saved, ZoneInfo(zone)), search=partial(_search, regions), many=MANY, exports=EXPORTS, exports_say=SAID, changed=_changed,
        brought_in=lambda at: ContactsBroughtIn(at=at),
        parts=(points, ADDRESSES, Ties(), Preferences(), Tags("contact")),
    )  # fmt: skip


async def _search(
    regions: Sequence[str], session: AsyncSession, who: Identity, typed: str, limit: int
) -> list[int]:
    return (await ids_of(session, who, typed, regions))[:limit]


async def _saved(
    zone: ZoneInfo, session: AsyncSession, row: Any, diff: Diff, at: datetime, by: Actor
) -> None:
    """Give a contact that gained numbers, or came back, the past calls of its numbers."""
    await employment.follow(session, row, diff, at.astimezone(zone), by)
    if "points" not in diff and "deleted_at" not in diff:
        return
    if "points" in inspect(row).unloaded:
        await session.refresh(row, ["points"])
    if row.deleted_at is None:
        await linking.claim_past(session, row)


def _changed(at: float, row_id: int) -> ContactChanged:
    return ContactChanged(at=at, contact_id=row_id)

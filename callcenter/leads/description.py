"""What a lead is: somebody's inquiry, with what is wanted, where it came from and how far it is."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.entity.description import Entity, Field, Sort
from callcenter.interactions.models import Interaction
from callcenter.interactions.moving import move_lead
from callcenter.leads.following import Following
from callcenter.leads.importing import Contacts
from callcenter.leads.models import CHANNELS, INTERESTS, Lead
from callcenter.leads.peers import EXPORTS
from callcenter.process.pipelines import Pipelines
from callcenter.process.staged import Staged
from callcenter.server.identity import Identity


def _(message: str) -> str:
    return message


CHANNEL_WORDS: Final = dict(
    zip(
        CHANNELS,
        (
            _("Phone call"), _("Website form"), _("E-mail"), _("Chat"), _("Visit"), _("Import"),
            _("Another system"), _("Other"),
        ),
        strict=True,
    )
)  # fmt: skip
INTEREST_WORDS: Final = dict(
    zip(INTERESTS, (_("Not known yet"), _("Low"), _("Medium"), _("High")), strict=True)
)
WHO: Final = _("Who asks")
NEED: Final = _("What is wanted")
ORIGIN: Final = _("Where it came from")
COURSE: Final = _("How far it is")

LOST_REASON_FIRST: Final = _("Say why it was lost, so that the reports can tell.")
NO_CURRENCY: Final = _("Write a currency by its three letters, such as AZN.")


def lead(pipelines: Pipelines, zone: str = "Asia/Baku") -> Entity:
    """Return the description; `zone` is where the company works if nothing else is said."""
    staged = Staged("lead", pipelines, lambda: labels, held)

    def derive(row: Any, given: Mapping[str, Any]) -> Mapping[str, Any]:
        begins = {"channel": "other", "interest": "unknown"} if row is None else {}
        blank = {name: value for name, value in begins.items() if not given.get(name)}
        return blank | staged.derive(row, given)

    async def check(
        session: AsyncSession, row: Any, given: Mapping[str, Any], _who: Identity, _at: datetime
    ) -> dict[str, str]:
        return await staged.check(session, row, given) | _lost(pipelines, row, given)

    following = Following(staged, pipelines, zone)
    fields = _fields(staged)
    labels = {field.name: field.label for field in fields}
    return Entity(
        name="lead", plural="leads", model=Lead, label=_("Lead"), labels=_("Leads"),
        icon="sparkles", fields=fields, title="subject", number="L-{year}-{n:05}", module="leads",
        columns=("number", "subject", "contact_id", "stage_id", "amount", "owner_id", "created_at"),
        sorts=(
            Sort("updated", ("updated_at",), _("Changed"), descending=True),
            Sort("created", ("created_at",), _("Added"), descending=True),
            Sort("next_action", ("next_action_at",), _("Next step")),
        ),
        board="stage_id", board_of="pipeline_id", board_sum="amount", calendar="next_action_at",
        move=move_lead,
        keys=("external_id",), more_keys=("email", "phone"), counterpart=Contacts(), exports=EXPORTS,
        derive=derive, check=check, saved=following.saved,
        to_do=lambda: Lead.closed_at.is_(None), course=staged,
    )  # fmt: skip


def _fields(staged: Staged) -> tuple[Field, ...]:
    return (
        Field(name="number", label=_("Number"), writable=False, on_form=False),
        Field(name="subject", label=_("Subject"), required=True, aliases=("title", "lead name", "topic", "тема", "mövzu", "konu")),
        Field(name="contact_id", label=_("Contact"), type="reference", refers_to="contact", aliases=("contact", "customer", "клиент", "müştəri", "müşteri")),
        Field(name="person", label=_("Name"), group=WHO, searchable=True, several="join", aliases=("name", "full name", "first name", "last name", "surname", "contact name", "имя", "фамилия", "фио", "ad", "soyad", "ad soyad")),
        Field(name="company", label=_("Company"), group=WHO, searchable=True, aliases=("company", "organization", "account", "компания", "şirkət", "şirket")),
        Field(name="phone", label=_("Phone"), type="phone", group=WHO, several="first", aliases=("phone", "mobile", "telephone", "телефон", "telefon")),
        Field(name="email", label=_("E-mail"), type="email", limit=254, group=WHO, several="first", aliases=("email", "e-mail", "mail", "почта", "e-poçt", "e-posta")),
        Field(name="message", label=_("Message"), type="long_text", limit=20_000, searchable=True, aliases=("description", "comment", "сообщение", "mesaj")),
        Field(name="product", label=_("Product or service"), group=NEED, searchable=True, aliases=("product", "service", "товар", "məhsul", "ürün")),
        Field(name="amount", label=_("Amount"), type="money", group=NEED, aliases=("amount", "opportunity", "сумма", "məbləğ", "tutar")),
        Field(name="currency", label=_("Currency"), limit=3, group=NEED, check=_currency, aliases=("currency", "валюта", "valyuta", "para birimi")),
        Field(name="region", label=_("Region"), limit=120, group=NEED),
        Field(name="business_line_id", label=_("Business line"), type="option", options="business_line", group=NEED),
        Field(name="interest", label=_("Interest"), type="choice", choices=INTEREST_WORDS, required=True, group=NEED),
        Field(name="channel", label=_("Channel"), type="choice", choices=CHANNEL_WORDS, required=True, group=ORIGIN),
        Field(name="source_id", label=_("Source"), type="option", options="source", group=ORIGIN, aliases=("lead source", "источник", "mənbə", "kaynak")),
        Field(name="campaign", label=_("Campaign"), limit=120, group=ORIGIN),
        *staged.fields(COURSE),
        Field(name="owner_id", label=_("Responsible"), type="reference", refers_to="user", group=COURSE, aliases=("owner", "assigned to", "ответственный", "məsul", "sorumlu")),
        Field(name="team_id", label=_("Team"), type="reference", refers_to="team", group=COURSE),
        Field(name="next_action_at", label=_("Next step"), type="datetime", group=COURSE),
        Field(name="respond_by", label=_("Answer by"), type="datetime", writable=False, on_form=False, group=COURSE),
        Field(name="first_response_at", label=_("First answered"), type="datetime", writable=False, on_form=False, group=COURSE),
        Field(name="lost_reason_id", label=_("Why it was lost"), type="option", options="lost_reason", group=COURSE),
        Field(name="lost_note", label=_("More on why it was lost"), type="long_text", limit=4_000, group=COURSE),
        Field(name="closed_at", label=_("Closed"), type="datetime", writable=False, on_form=False, group=COURSE),
        Field(name="external_id", label=_("Id in another system"), limit=80, unique=True, aliases=("id", "external id", "lead id")),
        Field(name="created_at", label=_("Added"), type="datetime", writable=False, on_form=False),
        Field(name="updated_at", label=_("Changed"), type="datetime", writable=False, on_form=False),
    )  # fmt: skip


async def held(session: AsyncSession, lead_id: int) -> frozenset[str]:
    """Return the kinds of what was held with a lead."""
    kinds = await session.scalars(
        select(Interaction.kind)
        .where(
            Interaction.lead_id == lead_id, Interaction.status == "held",
            Interaction.deleted_at.is_(None),
        )
        .distinct()
    )  # fmt: skip
    return frozenset(kinds)


def _lost(pipelines: Pipelines, row: Any, given: Mapping[str, Any]) -> dict[str, str]:
    """What is lost has a reason, in any process."""
    held = given.get("stage_id", row.stage_id if row is not None else None)
    stage = pipelines.stage(held)
    if stage is None or stage.kind != "lost":
        return {}
    if "stage_id" not in given and "lost_reason_id" not in given:
        return {}
    reason = given.get("lost_reason_id", row.lost_reason_id if row is not None else None)
    return {} if reason is not None else {"lost_reason_id": LOST_REASON_FIRST}


def _currency(value: Any) -> str | None:
    ok = isinstance(value, str) and len(value) == 3 and value.isascii() and value.isupper()
    return None if ok else NO_CURRENCY

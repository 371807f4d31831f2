"""The ways to reach a contact as fields of a list: its first phone, e-mail, messenger, link.

They are no columns: what is shown is the first point of that kind that works, what is filtered is
all of them, and what is written becomes a point.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache, partial
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, bindparam, exists, false, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter import phone
from callcenter.crm.contacts.models import CHANNELS, Contact, ContactPoint
from callcenter.crm.contacts.points import LABELS, email_norm, works
from callcenter.crm.names import fold
from callcenter.db import Question, among
from callcenter.entity.description import Condition, Field, Held, Virtual
from callcenter.server.identity import Identity


def _(message: str) -> str:
    return message


#: Kinds of points that are fields, and those that are not called like them.
KINDS: Final = ("phone", "email", "whatsapp", "telegram", "url")
NAMES: Final = {"url": "website"}
LABEL_WORDS: Final = dict(
    zip(LABELS, (_("Mobile"), _("Work"), _("Home"), _("Fax"), _("Main"), _("Other")), strict=True)
)
CHANNEL_WORDS: Final = dict(
    zip(
        CHANNELS, (_("Not to be used"), _("No calls"), _("No messages"), _("No mailings")),
        strict=True,
    )
)  # fmt: skip
#: What headings say of a number.
_SAID: Final = {
    "mobile": ("mobil", "cell", "cep", "sot"), "fax": ("fax", "faks"),
    "home": ("home", "domas", "ev tel", "ev nom"),
    "work": ("work", "office", "business", "raboch", "is tel", "is nom", "ofis"),
    "main": ("main", "osnovn", "esas"), "other": ("other", "drug", "diger"),
}  # fmt: skip
DIALLED: Final = ("phone", "whatsapp", "viber")
#: Fewer digits than this end half of all numbers.
LEAST_DIGITS: Final = 4


_POINTS: Final = Question(
    select(ContactPoint.contact_id, ContactPoint.kind, ContactPoint.norm, ContactPoint.value)
    .where(among(ContactPoint.contact_id, "ids"), among(ContactPoint.kind, "kinds"))
    .order_by(ContactPoint.invalid_at.is_not(None), ContactPoint.position)
)


async def _load(kind: str, session: AsyncSession, ids: Sequence[int]) -> dict[int, Any]:
    name = NAMES.get(kind, kind)
    return (await _load_together(session, ids, (name,)))[name]


async def _load_together(
    session: AsyncSession, ids: Sequence[int], names: Collection[str]
) -> dict[str, dict[int, Any]]:
    """Return the first point of each kind that works, by contact."""
    called = {kind: NAMES.get(kind, kind) for kind in KINDS if NAMES.get(kind, kind) in names}
    rows = await _POINTS.ask(session, ids=ids, kinds=list(called))
    first: dict[str, dict[int, Any]] = {name: {} for name in names}
    for contact_id, kind, norm, value in rows:
        first[called[kind]].setdefault(contact_id, norm if kind in DIALLED else value)
    return first


def _of_part(kind: str, points: Sequence[Any]) -> Any:
    """Return the same of a contact's points as `Points` tells them."""
    of_kind = [point for point in points if point["kind"] == kind]
    of_kind.sort(key=lambda point: point["works"] is False)
    return of_kind[0]["norm" if kind in DIALLED else "value"] if of_kind else None


async def _load_all(
    kind: str, session: AsyncSession, ids: Sequence[int], _who: Identity
) -> dict[int, list[Held]]:
    """Return all of this kind, those that work first; a number with its extension."""
    points = await session.scalars(
        select(ContactPoint)
        .where(ContactPoint.contact_id.in_(ids), ContactPoint.kind == kind)
        .order_by(ContactPoint.invalid_at.is_not(None), ContactPoint.position)
    )
    lists: dict[int, list[Held]] = {}
    for point in points:
        number = f"{point.norm} ext. {point.ext}" if point.ext else point.norm
        facts = {"label": point.label, "works": works(point), "unwanted": point.opt_out_channel}
        held = Held(number if kind in DIALLED else point.value, facts)
        lists.setdefault(point.contact_id, []).append(held)
    return lists


def _condition(kind: str, regions: Sequence[str], asked: Condition) -> ColumnElement[bool]:
    match asked.op:
        case "empty":
            return ~_with(kind)
        case "filled":
            return _with(kind)
        case "is_not":
            return ~_with(kind, _is(kind, regions, asked.value))
        case "in":
            return _with(kind, or_(false(), *(_is(kind, regions, each) for each in asked.value)))
        case "begins":
            return _with(kind, _begins(kind, regions, str(asked.value)))
        case "contains":
            return _with(kind, _contains(kind, regions, str(asked.value)))
        case _:
            return _with(kind, _is(kind, regions, asked.value))


def _with(kind: str, *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists(
        select(ContactPoint.id).where(
            ContactPoint.contact_id == Contact.id, ContactPoint.kind == kind, *conditions
        )
    )


def _norm(kind: str, regions: Sequence[str], text: str) -> str:
    if kind in DIALLED:
        return phone.read(text, regions).norm or text
    return email_norm(text) if kind == "email" else text.strip().lower().removeprefix("@")


def _is(kind: str, regions: Sequence[str], value: Any) -> ColumnElement[bool]:
    return ContactPoint.norm == _norm(kind, regions, str(value))


def _begins(kind: str, regions: Sequence[str], text: str) -> ColumnElement[bool]:
    if kind not in DIALLED:
        return ContactPoint.norm.startswith(_norm(kind, regions, text), autoescape=True)
    beginnings = phone.beginnings(text, regions)
    return or_(*(ContactPoint.norm.startswith(each, autoescape=True) for each in beginnings))


def _contains(kind: str, regions: Sequence[str], text: str) -> ColumnElement[bool]:
    """A part of a number is looked for at its end, where an index helps."""
    if kind not in DIALLED:
        return ContactPoint.norm.contains(_norm(kind, regions, text), autoescape=True)
    digits = "".join(filter(str.isdigit, text)).lstrip("0")[::-1]
    if len(digits) < LEAST_DIGITS:
        return ContactPoint.norm.contains(digits[::-1] or text, autoescape=True)
    return or_(
        and_(ContactPoint.rev >= digits, ContactPoint.rev < f"{digits}:"),
        _begins(kind, regions, text),
    )


_FOUND: Final = Question(
    select(ContactPoint.norm, ContactPoint.contact_id)
    .join(Contact, Contact.id == ContactPoint.contact_id)
    .where(among(ContactPoint.norm, "norms"), ContactPoint.kind == bindparam("kind"))
    .where(Contact.deleted_at.is_(None))
    .order_by(ContactPoint.contact_id)
)


async def _find(kind: str, session: AsyncSession, values: Sequence[str]) -> dict[str, list[int]]:
    wanted = {email_norm(value) if kind == "email" else value: value for value in values}
    found: dict[str, list[int]] = {}
    for norm, contact_id in await _FOUND.ask(session, norms=list(wanted), kind=kind):
        found.setdefault(wanted[norm], []).append(contact_id)
    return found


def _form(kind: str, text: str, heading: str, facts: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the point that an import makes of a cell, labelled by its heading if nothing else says it."""
    if not text:
        return None
    return {"kind": kind, "value": text, "label": _label_in(heading), **facts}


# A file has the same few headings above each of its rows.
@lru_cache(maxsize=256)
def _label_in(heading: str) -> str | None:
    said = fold(heading)
    return next((label for label, words in _SAID.items() if any(w in said for w in words)), None)


#: What is known of a number or an address, in files beside it.
_FACTS: Final = (
    Field(name="label", label=_("Kind"), type="choice", choices=LABEL_WORDS, aliases=("type", "тип", "növ", "tür")),
    Field(name="works", label=_("Works"), type="bool"),
    Field(name="unwanted", label=_("Not wanted"), type="choice", choices=CHANNEL_WORDS, aliases=("opt out",)),
)  # fmt: skip


def _field(kind: str, label: str, type_: Any, *aliases: str) -> Field:
    return Field(
        name=NAMES.get(kind, kind), label=label, type=type_, aliases=aliases, on_form=False,
        limit=254,
        virtual=Virtual(
            load=partial(_load, kind), load_together=_load_together, load_all=partial(_load_all, kind),
            part="points", of_part=partial(_of_part, kind), form=partial(_form, kind), facts=_FACTS,
            find=partial(_find, kind) if kind in ("phone", "email") else None,
        ),
    )  # fmt: skip


def with_regions(field: Field, regions: Sequence[str]) -> Field:
    """Return the field, filtered by numbers as people write them in `regions`."""
    if field.virtual is None or field.virtual.part != "points":
        return field
    kind = next((kind for kind, name in NAMES.items() if name == field.name), field.name)
    condition = partial(_condition, kind, regions)
    return replace(field, virtual=replace(field.virtual, condition=condition))


FIELDS: Final = (
    _field("phone", _("Phone"), "phone", "phone number", "mobile", "mobile phone", "work phone", "office phone", "phone work", "phone mobile", "tel", "telefon", "телефон", "рабочий телефон", "мобильный телефон", "мобильный", "nömrə", "mobil", "cep telefonu"),
    _field("email", _("E-mail"), "email", "email", "e mail", "email address", "mail", "work e mail", "рабочий email", "почта", "e poçt", "e posta", "электронная почта"),
    _field("whatsapp", _("WhatsApp"), "phone"),
    _field("telegram", _("Telegram"), "text"),
    _field("url", _("Website"), "url", "web site", "web", "url", "сайт", "vebsayt", "web sitesi"),
)  # fmt: skip

"""The ways to reach a contact: read as typed, kept in one form, joined with what others did.

A change names its point by id and says what stood there (`was`), so two people who edit
different numbers of one contact do not get in each other's way, and two who edit the same
number learn of it. An empty value takes a point away; points nobody mentions stay.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter import phone
from callcenter.crm.contacts.models import Contact, ContactPoint
from callcenter.db import new_id
from callcenter.entity.reading import Unreadable, validated
from callcenter.errors import BadInput, TooLarge
from callcenter.server.body import Id

Kind = Literal["phone", "email", "telegram", "whatsapp", "viber", "url"]
Label = Literal["mobile", "work", "home", "fax", "main", "other"]
Channel = Literal["all", "calls", "messages", "mailings"]


def _(message: str) -> str:
    return message


NOT_A_NUMBER = _("This is not a number that can be dialled.")
NOT_AN_ADDRESS = _("This is not an e-mail address.")
NOT_A_LINK = _("Give a whole address, such as https://example.az.")
NOT_A_NAME = _("Use letters, digits and _ only.")
TOO_LONG = _("This is too long.")

#: Each is read on the loop, so a request may not bring as many as fit into it.
MOST = 100

KINDS = ("phone", "email", "telegram", "whatsapp", "viber", "url")
LABELS = ("mobile", "work", "home", "fax", "main", "other")

_LINK = re.compile(r"https?://[^\s/]+\.[^\s]+", re.IGNORECASE)
_TELEGRAM = re.compile(r"@?\w{3,40}")


class PointForm(msgspec.Struct, frozen=True, kw_only=True):
    """One point as somebody wants it to be; without an id, a new one."""

    id: Id | None = None
    kind: Kind = "phone"
    value: str = ""
    label: Label | None = None
    #: What stood there when the form was filled.
    was: str | None = None
    #: Whether it is known to reach the contact (True), or not to (False).
    works: bool | msgspec.UnsetType | None = msgspec.UNSET
    #: What the contact does not want to get here.
    unwanted: Channel | msgspec.UnsetType | None = msgspec.UNSET


class Read(msgspec.Struct, frozen=True, kw_only=True):
    """A typed value in its one form."""

    norm: str
    rev: str | None = None
    ext: str = ""
    country: str | None = None
    valid: bool = True


class PointMoved(Exception):
    """Somebody else changed the point from `was`; `now` is what stands there."""

    def __init__(self, now: str, mine: str) -> None:
        super().__init__(now)
        self.now, self.mine = now, mine


async def save(
    session: AsyncSession,
    contact: Contact,
    forms: Sequence[PointForm],
    regions: Sequence[str],
    at: datetime,
) -> dict[str, list[Any]]:
    """Bring `forms` into the contact's points, which must be loaded; return {field: [old, new]}.

    Raises BadInput, naming each point by its place ("points.0"), and PointMoved if a point is
    not what it was when the form was filled.
    """
    readings = _read_all(forms, _regions_of(contact, regions))
    _refuse_if_moved(contact, forms)
    before = _told(contact)
    wanted = _wanted(contact, list(zip(forms, readings, strict=True)), at)
    # First what goes, then what comes: a number that moves from one row to another must not be
    # there twice in between.
    contact.points[:] = [point for point in contact.points if point in wanted]
    await session.flush()
    contact.points[:] = wanted
    for place, point in enumerate(wanted):
        point.position = place
    after = _told(contact)
    return {"points": [before, after]} if before != after else {}


def _wanted(
    contact: Contact, asked: list[tuple[PointForm, Read | None]], at: datetime
) -> list[ContactPoint]:
    """Return the points as they shall be, each number once."""
    by_id = {form.id: (form, reading) for form, reading in asked if form.id is not None}
    wanted: dict[tuple[str, str, str], ContactPoint] = {}
    for point in contact.points:
        form, reading = by_id.get(point.id, (None, None))
        if form is None:
            wanted.setdefault(_key(point), point)
        elif reading is not None:
            same = _key(point) == (form.kind, reading.norm, reading.ext)
            changed = _filled(point if same else _new(at), form, reading, at)
            wanted.setdefault(_key(changed), changed)
    for form, reading in asked:
        if form.id is None and reading is not None:
            new = _filled(_new(at), form, reading, at)
            wanted.setdefault(_key(new), new)
    return list(wanted.values())


def read(kind: Kind, value: str, regions: Sequence[str]) -> Read:
    """Return `value` in its one form. Raises ValueError with a sentence if it has none."""
    text = value.strip()
    if len(text) > 254:
        raise ValueError(TOO_LONG)
    match kind:
        case "phone" | "whatsapp" | "viber":
            return _number(text, regions)
        case "email":
            return Read(norm=_email(text))
        case "telegram":
            return Read(norm=_matching(_TELEGRAM, text, NOT_A_NAME).removeprefix("@").lower())
        case "url":
            return Read(norm=_matching(_LINK, text, NOT_A_LINK).lower().rstrip("/"))


def email_norm(text: str) -> str:
    """Return an address, or the beginning of one, as it is stored: small, its domain in ASCII."""
    name, at, domain = text.strip().lower().partition("@")
    try:
        return f"{name}{at}{domain.encode('idna').decode()}" if domain else f"{name}{at}"
    except UnicodeError:
        return f"{name}{at}{domain}"


def _number(text: str, regions: Sequence[str]) -> Read:
    number = phone.read(text, regions)
    if number.kind not in ("e164", "short"):
        raise ValueError(NOT_A_NUMBER)
    return Read(
        norm=number.norm,
        rev=number.rev,
        ext=number.ext,
        country=number.country,
        valid=number.kind == "e164",
    )


def _email(text: str) -> str:
    try:
        address = validated(text)
    except Unreadable as error:
        raise ValueError(NOT_AN_ADDRESS) from error
    # The name before the @ may be in any letters; the domain is kept as it travels.
    return f"{address.local_part}@{address.ascii_domain}".lower()


def _matching(pattern: re.Pattern[str], text: str, sentence: str) -> str:
    if pattern.fullmatch(text) is None:
        raise ValueError(sentence)
    return text


def _regions_of(contact: Contact, regions: Sequence[str]) -> list[str]:
    """Return the countries to try: the contact's own first."""
    return list(dict.fromkeys([*([contact.country] if contact.country else []), *regions]))


def _read_all(forms: Sequence[PointForm], regions: Sequence[str]) -> list[Read | None]:
    """Return each form's reading, None where the point is to go."""
    if len(forms) > MOST:
        raise TooLarge
    readings: list[Read | None] = []
    wrong: dict[str, str] = {}
    for place, form in enumerate(forms):
        try:
            readings.append(read(form.kind, form.value, regions) if form.value.strip() else None)
        except ValueError as error:
            wrong[f"points.{place}"] = str(error)
    if wrong:
        raise BadInput(wrong)
    return readings


def _refuse_if_moved(contact: Contact, forms: Sequence[PointForm]) -> None:
    values = {point.id: point.value for point in contact.points}
    for form in forms:
        if form.id is None:
            continue
        now, mine = values.get(form.id, ""), form.value.strip()
        if now != mine and now != (now if form.was is None else form.was.strip()):
            raise PointMoved(now, mine)
        if form.id not in values and mine:
            raise PointMoved("", mine)


def _new(at: datetime) -> ContactPoint:
    return ContactPoint(id=new_id(at.timestamp()))


def _filled(point: ContactPoint, form: PointForm, reading: Read, at: datetime) -> ContactPoint:
    point.kind, point.value, point.label = form.kind, form.value.strip(), form.label
    point.norm, point.rev, point.ext = reading.norm, reading.rev, reading.ext
    point.country, point.valid = reading.country, reading.valid
    if form.works is not msgspec.UNSET:
        point.verified_at = (point.verified_at or at) if form.works else None
        point.invalid_at = (point.invalid_at or at) if form.works is False else None
    if form.unwanted is not msgspec.UNSET:
        point.opted_out_at = (point.opted_out_at or at) if form.unwanted else None
        point.opt_out_channel = form.unwanted
    return point


def works(point: ContactPoint) -> bool | None:
    """Return whether it is known that the point reaches the contact, None if nobody knows."""
    if point.invalid_at is not None:
        return False
    return True if point.verified_at is not None else None


def _key(point: ContactPoint) -> tuple[str, str, str]:
    return point.kind, point.norm, point.ext


def _told(contact: Contact) -> list[dict[str, Any]]:
    """Return the points as the audit log tells them."""
    return [
        {
            "kind": point.kind, "value": point.value, "label": point.label,
            **({"works": works(point)} if works(point) is not None else {}),
            **({"unwanted": point.opt_out_channel} if point.opt_out_channel else {}),
        }
        for point in contact.points
    ]  # fmt: skip

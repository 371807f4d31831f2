"""What a role covers of a contact, taken out before anything of it is shown.

Numbers are covered by the field "phone", addresses by "email", both by the list "points". A
masked number keeps its id, by which it can be called without being read.
"""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Enum
from sqlalchemy.orm.attributes import set_committed_value

from callcenter.crm.contacts.access import CONTACT
from callcenter.crm.contacts.models import Contact, ContactPoint
from callcenter.entity.description import CUSTOM
from callcenter.entity.rights import Access, granted, masked, strictest
from callcenter.server.identity import Identity

POINTS: Final = "points"
#: By which fields each kind of point is covered, besides the list itself.
_FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "phone": ("phone",), "whatsapp": ("phone", "whatsapp"), "viber": ("phone", "viber"),
    "email": ("email",), "telegram": ("telegram",), "url": ("website",),
}  # fmt: skip


def level(name: str, who: Identity) -> Access:
    """Return what `who` may see of a field."""
    return granted(CONTACT, name, who)


def level_of(kind: str, who: Identity) -> Access:
    """Return what `who` may see of the points of a kind."""
    return strictest(level(name, who) for name in (POINTS, *_FIELDS[kind]))


def text(value: str | None, found: Access) -> str | None:
    """Return what may be shown of a text; None if nothing."""
    if value is None or found == "hidden":
        return None
    return str(masked(value)) if found == "masked" else value


def cover_contact(contact: Contact, who: Identity) -> None:
    """Take out of a contact what `who` may not see. It was read to be shown and is never saved."""
    covered = who.fields.get(CONTACT.name, {})
    for name in covered:
        if (found := level(name, who)) not in ("hidden", "masked"):
            continue
        if name.startswith(CUSTOM):
            key = name.removeprefix(CUSTOM)
            custom = {**contact.custom, key: _covered(contact.custom.get(key), found)}
            set_committed_value(contact, "custom", custom)
        elif name in Contact.__table__.columns:
            is_choice = isinstance(Contact.__table__.columns[name].type, Enum)
            value = None if is_choice else _covered(getattr(contact, name), found)
            set_committed_value(contact, name, value)
    if contact.company_id is None:
        set_committed_value(contact, "company", None)
    seen = [point for point in contact.points if level_of(point.kind, who) != "hidden"]
    for point in seen:
        _cover_point(point, level_of(point.kind, who))
    set_committed_value(contact, POINTS, seen)


def _cover_point(point: ContactPoint, found: Access) -> None:
    if found == "masked":
        for name in ("value", "norm"):
            set_committed_value(point, name, text(getattr(point, name), found))
        set_committed_value(point, "rev", None)


def _covered(value: Any, found: Access) -> Any:
    return text(value, found) if isinstance(value, str) else None

"""What a role covers of a contact, taken out before anything of it is shown.

What is covered of numbers and addresses is said by `interactions.covering`, for whatever has
them. A masked number keeps its id, by which it can be called without being read.
"""

from typing import Any

from sqlalchemy import Enum
from sqlalchemy.orm.attributes import set_committed_value

from callcenter.crm.contacts.access import CONTACT
from callcenter.crm.contacts.models import Contact, ContactPoint
from callcenter.entity.description import CUSTOM
from callcenter.entity.rights import Access
from callcenter.interactions.covering import POINTS, level, level_of, text
from callcenter.server.identity import Identity


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

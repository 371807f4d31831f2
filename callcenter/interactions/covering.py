"""What a reader may see of numbers and addresses: of contacts, callers, whoever takes part.

A role covers them once, by what it says of contacts: their fields "phone" and "email" and the list
"points". The same holds wherever else a number stands, a stranger's too: who calls for the first
time may be a customer on another phone.

A covered number is called all the same, by the id of what it belongs to: a point, or a call.
"""

import re
from collections.abc import Mapping
from typing import Final

from sqlalchemy.orm.attributes import set_committed_value

from callcenter.entity.description import CUSTOM
from callcenter.entity.rights import NUMBERS_OF, Access, granted, masked, strictest
from callcenter.interactions.models import Interaction
from callcenter.server.identity import Identity

POINTS: Final = "points"
#: What is shown of a point of which not even the end may be read, where something has to stand.
NOTHING: Final = "•••"
#: A role with this flag may have a masked number shown, and that is written down.
SHOW: Final = "unmask"

#: By which fields each kind of point is covered, besides the list itself.
_FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "phone": ("phone",), "whatsapp": ("phone", "whatsapp"), "viber": ("phone", "viber"),
    "email": ("email",), "telegram": ("telegram",), "url": ("website",),
}  # fmt: skip
_COVERED: Final = ("hidden", "masked")
#: So many digits in a name, and it is a number.
_DIGITS: Final = re.compile(r"(?:\d[\s()./+-]*){5,}")


def level(name: str, who: Identity) -> Access:
    """Return what `who` may see of a field of contacts."""
    return granted(NUMBERS_OF, name, who)


def level_of(kind: str, who: Identity) -> Access:
    """Return what `who` may see of the points of a kind."""
    return strictest(level(name, who) for name in (POINTS, *_FIELDS[kind]))


def text(value: str | None, found: Access) -> str | None:
    """Return what may be shown of a text; None if nothing."""
    if value is None or found == "hidden":
        return None
    return str(masked(value)) if found == "masked" else value


def covers_numbers(who: Identity) -> bool:
    return level_of("phone", who) in _COVERED


def may_show(who: Identity, kind: str = "phone") -> bool:
    """Tell whether `who` may have a masked number or address shown."""
    return level_of(kind, who) == "masked" and SHOW in who.flags


def number(value: str | None, who: Identity) -> str | None:
    """Return what may be shown of a telephone number."""
    return text(value, level_of("phone", who))


def point(value: str | None, who: Identity) -> str | None:
    """Return what may be shown of a number or an address of one who takes part."""
    return text(value, level_of(_kind(value), who)) if value else value


def place(value: str | None, who: Identity) -> str | None:
    """Return the same, with a mark where nothing may be shown of something that is there."""
    return point(value, who) or (NOTHING if value else value)


def name(value: str | None, who: Identity) -> str | None:
    """Return a name as it came with a call or was typed, unless it is itself a number."""
    return point(value, who) if value and holds_number(value) else value


def holds_number(name: str) -> bool:
    """Tell whether what should be a name is, or ends in, a number or an address."""
    return "@" in name or _DIGITS.search(name) is not None


def hides_people(who: Identity) -> bool:
    """Tell whether `who` may not know who takes part in interactions."""
    return any(
        granted("interaction", field, who) in _COVERED for field in ("participants", "contact")
    )


def fact(field: str, value: str | None, who: Identity) -> str | None:
    """Return what may be shown of a text of an interaction: its subject, what was written."""
    return text(value, granted("interaction", field, who))


def cover(row: Interaction, who: Identity) -> Interaction:
    """Take out of an interaction what `who` may not see. It was read to be shown, never to be saved.

    What every interaction has (kind, time, how it stands) pages cannot do without.
    """
    columns = Interaction.__table__.columns
    for field in who.fields.get("interaction", {}):
        found = granted("interaction", field, who)
        if found not in _COVERED:
            continue
        if field.startswith(CUSTOM):
            key = field.removeprefix(CUSTOM)
            rest = {name: held for name, held in row.custom.items() if name != key}
            set_committed_value(row, "custom", rest)
        elif field in columns and columns[field].nullable:
            held = getattr(row, field)
            value = text(held, found) if isinstance(held, str) else None
            set_committed_value(row, field, value)
    return row


def _kind(value: str) -> str:
    return "email" if "@" in value else "phone"

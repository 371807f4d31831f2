"""What a register says of a legal entity, whatever its own words for it are.

`names` lead from our fields to the register's: columns of a table, or ways into JSON, such as
"data.0.name.full".
"""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

FIELDS: Final = (
    "tax_id", "name", "legal_name", "short_name", "registration_no", "country", "region", "city",
    "street", "postal_code", "phones", "emails", "unreliable", "unreliable_reason",
)  # fmt: skip
_YES: Final = frozenset(("1", "true", "yes", "y", "bəli", "beli", "evet", "да", "+"))


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One legal entity; what the register does not say is empty."""

    texts: dict[str, str]
    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    unreliable: bool = False
    #: The name of the register.
    source: str = ""

    def text(self, name: str) -> str:
        return self.texts.get(name, "")


def entry(row: Any, names: Mapping[str, str], source: str) -> Entry:
    """Return what a row of a table, or a JSON answer, says."""
    said = {name: at(row, way) for name, way in names.items() if name in FIELDS}
    return Entry(
        texts={
            name: _text(value)
            for name, value in said.items()
            if name not in ("phones", "emails", "unreliable") and _text(value)
        },
        phones=_several(said.get("phones")), emails=_several(said.get("emails")), source=source,
        unreliable=_text(said.get("unreliable")).casefold() in _YES,
    )  # fmt: skip


def at(row: Any, way: str) -> Any:
    """Return what stands at the end of the way, None if it leads nowhere."""
    if isinstance(row, Mapping) and way in row:
        return row[way]
    for step in way.split("."):
        if isinstance(row, Mapping):
            row = row.get(step)
        elif isinstance(row, list) and step.isdigit() and int(step) < len(row):
            row = row[int(step)]
        else:
            return None
    return row


def _text(value: Any) -> str:
    return "" if value is None else " ".join(str(value).split())


def _several(value: Any) -> tuple[str, ...]:
    parts = value if isinstance(value, list) else _text(value).replace(";", ",").split(",")
    return tuple(text for part in parts if (text := _text(part)))

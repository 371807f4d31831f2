"""What is empty on a contact is filled from a register, and who is unreliable is noted.

What a person wrote is never overwritten. The register's word on reliability is: it may change.
"""

from typing import Any, Final

from callcenter.crm.registers.entries import Entry
from callcenter.entity import editing, saving
from callcenter.entity.saving import Deed
from callcenter.errors import BadInput

_FIELDS: Final = ("legal_name", "short_name", "registration_no", "country", "region", "city")
_ADDRESS: Final = ("country", "region", "city", "street", "postal_code")


async def take_over(deed: Deed, contact_id: int, found: Entry) -> Any:
    """Fill what is empty with what the register says. Raises NotFound."""
    row = await saving.locked(deed, contact_id, "edit")
    given: dict[str, Any] = {
        name: found.text(name)
        for name in _FIELDS
        if found.text(name) and getattr(row, name) is None
    }
    for part, items in (("addresses", _addresses(found)), ("points", _points(found))):
        described = deed.entity.part(part)
        assert described is not None  # noqa: S101
        if items and not (await described.load(deed.session, [contact_id])).get(contact_id):
            given[part] = described.read_json(items)
    try:
        async with deed.session.begin_nested():
            row = await saving.change(deed, contact_id, given, None)
    except BadInput as problem:
        # What the register itself has wrong does not cost the rest.
        wrong = {field.partition(".")[0] for field in problem.fields}
        right = {name: value for name, value in given.items() if name not in wrong}
        row = await saving.change(deed, contact_id, right, None)
    now = (deed.at if found.unreliable else None, found.text("unreliable_reason") or None)
    if (row.unreliable_at is not None) != found.unreliable:
        change = {
            "unreliable_at": [editing.plain(row.unreliable_at), editing.plain(now[0])],
            "unreliable_reason": [row.unreliable_reason, now[1]],
        }
        row.unreliable_at, row.unreliable_reason = now
        await editing.note(deed.session, row, "contact", change, deed.at, deed.by, row.id)
    return row


def _addresses(found: Entry) -> list[dict[str, Any]]:
    if not (found.text("street") or found.text("city")):
        return []
    return [{"kind": "legal", **{name: found.text(name) or None for name in _ADDRESS}}]


def _points(found: Entry) -> list[dict[str, Any]]:
    phones = [{"kind": "phone", "value": number, "label": "main"} for number in found.phones]
    return phones + [{"kind": "email", "value": address} for address in found.emails]

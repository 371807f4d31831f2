"""Whose contacts a person may see or change: the one condition every question adds."""

from typing import Final

from sqlalchemy import ColumnElement

from callcenter.crm.contacts.models import Contact
from callcenter.entity import rights
from callcenter.entity.description import Entity
from callcenter.server.identity import Identity


def _(message: str) -> str:
    return message


#: As much of the description as rights need; `description` adds the rest.
CONTACT: Final = Entity(
    name="contact", plural="contacts", model=Contact, label=_("Contact"), labels=_("Contacts"),
    icon="contact", fields=(),
)  # fmt: skip


def visible_to(who: Identity, action: str = "read") -> ColumnElement[bool]:
    """Return the condition that a contact is there and `who` may do `action` to it."""
    return rights.visible_to(CONTACT, who, action)

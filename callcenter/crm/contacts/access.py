"""Whose contacts a person may see or change: the one condition every question adds."""

from dataclasses import replace
from typing import Any, Final

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


def seen_as(row: Any, who: Identity) -> ColumnElement[bool]:
    """Return the condition that `who` may see a contact under another name in the question.

    `row` is an alias of `Contact`: the company of another one, the other side of a tie.
    """
    return rights.reached(replace(CONTACT, model=row), who, "read")


def visible_to(who: Identity, action: str = "read") -> ColumnElement[bool]:
    """Return the condition that a contact is there and `who` may do `action` to it."""
    return rights.visible_to(CONTACT, who, action)

"""What the pages of rules share: which rules there are, and what one is about."""

from typing import Any, Final

from aiohttp import web
from sqlalchemy import Select, select

from callcenter.entity.description import Entity
from callcenter.entity.keys import ENTITIES
from callcenter.errors import NotFound
from callcenter.rules.models import Automation


def _(message: str) -> str:
    return message


#: What a rule does, in lists.
DONE_WORDS: Final = {
    "assign": _("gives it to somebody"), "task": _("adds a task"), "notify": _("tells somebody"),
    "set": _("fills in a field"), "involve": _("changes who works on it"),
    "move": _("moves it to a stage"), "tag": _("changes its tags"), "lead": _("makes a lead of it"),
    "letter": _("writes to the customer"), "sms": _("sends the customer an SMS"),
    "call": _("plans a call to the customer"), "hook": _("tells another system"),
}  # fmt: skip


def in_order() -> Select[Any]:
    return (
        select(Automation)
        .where(Automation.deleted_at.is_(None))
        .order_by(Automation.position, Automation.id)
    )


def entities(request: web.Request) -> list[Entity]:
    """Return what rules can be about."""
    return [one for one in request.app[ENTITIES] if one.has_pages and one.is_owned]


def entity_named(request: web.Request, name: str) -> Entity:
    found = next((one for one in entities(request) if one.name == name), None)
    if found is None:
        raise NotFound
    return found

"""The options of a list: adding, naming, ordering, switching off, joining two, taking away.

What a row refers to is never lost: an option in use can be switched off or joined with another,
and only one that nothing refers to can be taken away.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter import audit
from callcenter.db import new_id
from callcenter.entity import editing
from callcenter.entity.admin import labels, ordering, usage
from callcenter.entity.models import Option
from callcenter.entity.registry import Registry
from callcenter.errors import BadInput, NotFound
from callcenter.server.actor import Actor
from callcenter.server.body import MISFIT


def _(message: str) -> str:
    return message


#: Colours of ours by name: tokens of web/css/option.css.
COLORS = ("gray", "blue", "teal", "green", "yellow", "orange", "red", "pink", "violet")

THERE_ALREADY = _("This list has one of that name already.")
IN_USE = _("It is used, so it cannot be taken away. Switch it off, or join it with another.")
CHOOSE_ANOTHER = _("Choose another option of this list.")


class OptionForm(msgspec.Struct, frozen=True, kw_only=True):
    label: dict[str, str]
    #: Of a list with a word for each direction: the other direction's; None: it is not spoken of.
    reverse: dict[str, str] | None = None
    color: str = ""
    active: bool = True


async def add(
    session: AsyncSession, key: str, form: OptionForm, language: str, at: datetime, by: Actor
) -> Option:
    """Add an option at the end of a list. Raises BadInput."""
    others = await _others(session, key, None)
    _check(form, others, language)
    taken = set(await session.scalars(select(Option.key).where(Option.list == key)))
    last = await session.scalar(select(func.max(Option.position)).where(Option.list == key))
    option = Option(
        id=new_id(at.timestamp()), list=key, key=labels.key_of(form.label, taken, "option"),
        label=form.label, color=form.color or None, active=form.active,
        data={labels.REVERSE: form.reverse} if form.reverse else {},
        position=0 if last is None else last + 1, version=1, created_at=at, updated_at=at,
        created_by=by["actor_id"], updated_by=by["actor_id"],
    )  # fmt: skip
    session.add(option)
    audit.record(
        session, at, entity="option", entity_id=option.id, action="create",
        diff={"list": [None, key], "label": [None, form.label]}, **by,
    )  # fmt: skip
    await session.flush()
    return option


async def change(
    session: AsyncSession,
    option_id: int,
    form: OptionForm,
    language: str,
    seen: int | None,
    at: datetime,
    by: Actor,
) -> Option:
    """Save a form over an option. Raises NotFound, BadInput or ChangedMeanwhile."""
    option = await locked(session, option_id)
    _check(form, await _others(session, option.list, option.id), language)
    fields: dict[str, Any] = {
        **labels.as_form(form.label), "color": form.color or None, "active": form.active,
    }  # fmt: skip
    if form.reverse is not None:
        fields |= labels.as_form(form.reverse, labels.BACK)
    await editing.save(session, labels.face(option), "option", fields, seen, at, by)
    return option


async def order(
    session: AsyncSession, key: str, ids: Sequence[int], at: datetime, by: Actor
) -> None:
    """Put the options of a list in this order; those not named keep theirs, after them."""
    await ordering.put(session, _of(key), ids, ("option", key), at, by)


async def join(
    session: AsyncSession,
    registry: Registry,
    option_id: int,
    to_id: int | None,
    at: datetime,
    by: Actor,
) -> int:
    """Have `to` stand wherever the option stood, and take the option away; return in how many rows.

    Raises NotFound or BadInput.
    """
    option = await locked(session, option_id)
    to = await session.get(Option, to_id) if to_id is not None else None
    if to is None or to.deleted_at is not None or to.list != option.list or to.id == option.id:
        raise BadInput({"to": CHOOSE_ANOTHER})
    rows = await usage.move(session, registry, option, to)
    _set_aside(session, option, "join", {"to": [option.key, to.key], "rows": [0, rows]}, at, by)
    return rows


async def take_away(
    session: AsyncSession, registry: Registry, option_id: int, at: datetime, by: Actor
) -> Option:
    """Take an option away that nothing refers to. Raises NotFound or BadInput."""
    option = await locked(session, option_id)
    if await usage.is_used(session, registry, option):
        raise BadInput({"": IN_USE})
    _set_aside(session, option, "delete", {"label": [option.label, None]}, at, by)
    return option


async def locked(session: AsyncSession, option_id: int) -> Option:
    option = await session.get(Option, option_id, with_for_update=True)
    if option is None or option.deleted_at is not None:
        raise NotFound
    return option


def _of(key: str) -> Any:
    there = select(Option).where(Option.list == key, Option.deleted_at.is_(None))
    return there.order_by(Option.position, Option.id)


async def _others(session: AsyncSession, key: str, but: int | None) -> list[Option]:
    return [row for row in await session.scalars(_of(key)) if row.id != but]


def _check(form: OptionForm, others: Sequence[Option], language: str) -> None:
    wrong = labels.wrong(form.label, language)
    for code, text in form.label.items():
        if any(other.label.get(code, "").casefold() == text.casefold() for other in others):
            wrong[labels.FIELDS[code]] = THERE_ALREADY
    wrong |= {
        labels.BACK[code]: labels.TOO_LONG
        for code, text in (form.reverse or {}).items()
        if len(text) > labels.LIMIT
    }
    if form.color and form.color not in COLORS:
        wrong["color"] = MISFIT
    if wrong:
        raise BadInput(wrong)


def _set_aside(
    session: AsyncSession,
    option: Option,
    action: str,
    diff: dict[str, Any],
    at: datetime,
    by: Actor,
) -> None:
    option.deleted_at, option.updated_at, option.updated_by = at, at, by["actor_id"]
    option.version += 1
    audit.record(session, at, entity="option", entity_id=option.id, action=action, diff=diff, **by)

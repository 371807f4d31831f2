"""Views: lists, boards and calendars that people keep under a name.

A view is its maker's own, or shared with a team, or with everybody; whoever keeps the settings of
the installation shares with everybody. Each person chooses the view that his list begins with.
Whoever sees a view sees by it only what he may see anyway.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

import msgspec
from sqlalchemy import bindparam, exists, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter import audit
from callcenter.db import Question, among, new_id
from callcenter.entity import editing
from callcenter.entity.admin import ordering
from callcenter.entity.models import FirstView, View
from callcenter.errors import BadInput, NotAllowed, NotFound
from callcenter.server.actor import Actor
from callcenter.server.body import MISSING
from callcenter.server.identity import Identity


def _(message: str) -> str:
    return message


TOO_LONG = _("This is too long.")
NAME_LETTERS = 80


class Seen(NamedTuple):
    """A view as a list needs it."""

    id: int
    version: int
    name: str
    kind: str
    filter: dict[str, Any]
    columns: Sequence[str]
    sort: str
    group: str
    owner_id: int
    shared_team_id: int | None
    for_everybody: bool
    #: Whether the list of who asked begins with it.
    is_first: bool


#: Of the person `user`, who is in `teams`.
_VISIBLE: Final = View.deleted_at.is_(None) & or_(
    View.owner_id == bindparam("user"), View.for_everybody, among(View.shared_team_id, "teams")
)
_IN_ORDER: Final = (View.owner_id != bindparam("user"), View.position, View.name, View.id)
_IS_FIRST: Final = exists().where(
    FirstView.user_id == bindparam("user"), FirstView.entity == View.entity,
    FirstView.view_id == View.id,
)  # fmt: skip
_SEEN: Final = Question(
    select(
        *(getattr(View, name) for name in Seen._fields if name != "is_first"),
        _IS_FIRST.label("is_first"),
    )
    .where(View.entity == bindparam("entity"), _VISIBLE)
    .order_by(*_IN_ORDER)
)


class ViewForm(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    share: str = "mine"
    kind: str = "list"
    filter: dict[str, Any] = {}
    columns: list[str] = []
    sort: str = ""
    group: str = ""


async def seen_by(session: AsyncSession, who: Identity, entity: str) -> list[Seen]:
    """Return the views of an entity that `who` sees, his own first."""
    return [Seen(*row) for row in await _SEEN.ask(session, entity=entity, **_of(who))]


async def find(session: AsyncSession, who: Identity, entity: str, view_id: int) -> Seen:
    """Return a view. Raises NotFound if `who` does not see it."""
    for view in await seen_by(session, who, entity):
        if view.id == view_id:
            return view
    raise NotFound


async def first(session: AsyncSession, who: Identity, entity: str) -> Seen | None:
    """Return the view that the person's list begins with, None if it is none of them."""
    return next((view for view in await seen_by(session, who, entity) if view.is_first), None)


def may_change(view: View | Seen, who: Identity) -> bool:
    return view.owner_id == who.user_id or "settings" in who.flags


def share_of(view: View | Seen) -> str:
    if view.for_everybody:
        return "all"
    return "mine" if view.shared_team_id is None else "team"


async def add(
    session: AsyncSession, who: Identity, entity: str, form: ViewForm, at: datetime, by: Actor
) -> View:
    """Keep a view. Raises BadInput or NotAllowed."""
    columns = _checked(who, form)
    view = View(
        id=new_id(at.timestamp()), entity=entity, owner_id=who.user_id, version=1, created_at=at,
        updated_at=at, created_by=who.user_id, updated_by=who.user_id, **columns,
    )  # fmt: skip
    session.add(view)
    audit.record(
        session, at, entity="view", entity_id=view.id, action="create",
        diff={name: [None, value] for name, value in columns.items()}, **by,
    )  # fmt: skip
    await session.flush()
    return view


async def change(
    session: AsyncSession,
    who: Identity,
    view_id: int,
    columns: Mapping[str, Any],
    seen: int | None,
    at: datetime,
    by: Actor,
) -> View:
    """Change what `columns` says of a view. Raises NotFound, NotAllowed or ChangedMeanwhile."""
    view = await _locked(session, who, view_id)
    await editing.save(session, view, "view", columns, seen, at, by)
    return view


async def name(
    session: AsyncSession, who: Identity, view_id: int, form: ViewForm, seen: int | None,
    at: datetime, by: Actor,
) -> View:  # fmt: skip
    """Call and share a view as the form says. Raises BadInput, NotAllowed or ChangedMeanwhile."""
    columns = {"name": _name(form.name)}
    view = await _locked(session, who, view_id)
    if form.share != share_of(view):
        columns |= shared(who, form.share)
    await editing.save(session, view, "view", columns, seen, at, by)
    return view


async def order(
    session: AsyncSession, who: Identity, entity: str, ids: Sequence[int], at: datetime, by: Actor
) -> None:
    """Put the views that `who` may change in this order."""
    own = View.owner_id == who.user_id if "settings" not in who.flags else true()
    rows = select(View).where(View.entity == entity, _VISIBLE, own).order_by(*_IN_ORDER)
    await ordering.put(
        session, rows.params(**_of(who)), ids, ("view", entity), at, by, called="name"
    )


async def set_aside(
    session: AsyncSession, who: Identity, view_id: int, at: datetime, by: Actor
) -> None:
    view = await _locked(session, who, view_id)
    view.deleted_at = at
    audit.record(
        session, at, entity="view", entity_id=view.id, action="delete",
        diff={"name": [view.name, None]}, **by,
    )  # fmt: skip


async def begin_with(
    session: AsyncSession, who: Identity, entity: str, view_id: int | None
) -> None:
    """Let the person's list begin with a view, or with all rows."""
    chosen = await session.get(FirstView, (who.user_id, entity))
    if view_id is None:
        if chosen is not None:
            await session.delete(chosen)
    elif chosen is None:
        session.add(FirstView(user_id=who.user_id, entity=entity, view_id=view_id))
    else:
        chosen.view_id = view_id


def _of(who: Identity) -> dict[str, Any]:
    return {"user": who.user_id, "teams": sorted(who.teams)}


async def _locked(session: AsyncSession, who: Identity, view_id: int) -> View:
    view = await session.scalar(
        select(View).where(View.id == view_id, _VISIBLE).with_for_update(), _of(who)
    )
    if view is None:
        raise NotFound
    if not may_change(view, who):
        raise NotAllowed
    return view


def _checked(who: Identity, form: ViewForm) -> dict[str, Any]:
    """Return the columns of a view. Raises BadInput or NotAllowed."""
    return {
        "name": _name(form.name), "kind": form.kind, "filter": form.filter, "columns": form.columns,
        "sort": form.sort, "group": form.group, **shared(who, form.share),
    }  # fmt: skip


def _name(typed: str) -> str:
    name = " ".join(typed.split())
    if not name or len(name) > NAME_LETTERS:
        raise BadInput({"name": TOO_LONG if name else MISSING})
    return name


def shared(who: Identity, share: str) -> dict[str, Any]:
    """Return the columns that say who sees a view. Raises NotAllowed."""
    if (share == "team" and who.team_id is None) or (
        share == "all" and "settings" not in who.flags
    ):
        raise NotAllowed
    return {
        "shared_team_id": who.team_id if share == "team" else None,
        "for_everybody": share == "all",
    }

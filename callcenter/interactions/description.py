"""What an interaction is: anything that passes between us and a customer, or has to.

What the telephone system says of a call is its own: people write notes, results and what is to
be done next, never when somebody rang. Everything else is people's.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import column, exists, select, table
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.entity.description import Entity, Field, Sort
from callcenter.events import InteractionChanged
from callcenter.interactions import (
    chains,
    guests_told,
    moving,
    participants,
    reminding,
    repeating,
    series,
    taking_place,
    touch,
)
from callcenter.interactions.access import reached
from callcenter.interactions.checklist import Checklist
from callcenter.interactions.models import Interaction
from callcenter.interactions.participants import PARTICIPANTS
from callcenter.interactions.reminders import remind, tell_colleagues
from callcenter.interactions.with_whom import CONTACT
from callcenter.server.actor import Actor
from callcenter.server.identity import Identity
from callcenter.server.zones import zones


def _(message: str) -> str:
    return message


#: The option list of what can come of an interaction.
RESULTS: Final = "interaction_result"

KINDS: Final = {
    "call": _("Phone call"), "meeting": _("Customer meeting"), "visit": _("Visit"),
    "email": _("E-mail"), "sms": _("SMS"), "chat": _("Chat"), "note": _("Note"), "task": _("Task"),
}  # fmt: skip
STATUSES: Final = {
    "planned": _("Expected"), "live": _("In progress"), "held": _("Completed"),
    "missed": _("Did not take place"), "cancelled": _("No longer relevant"),
}  # fmt: skip
DIRECTIONS: Final = {"in": _("Incoming"), "out": _("Outgoing")}
PRIORITIES: Final = {"low": _("Low"), "normal": _("Normal"), "high": _("High")}

OF_THE_PBX: Final = _("The telephone system writes this of a call, so it cannot be changed.")
NOT_BY_HAND: Final = _("Only a call that is going on is in progress.")
ENDS_BEFORE: Final = _("It would end before it begins. Choose a later end.")
NO_ZONE: Final = _("There is no such time zone. Choose one such as Asia/Baku.")
OWN_CHAIN: Final = _("An interaction cannot follow itself.")

#: Columns that ingest writes of a call.
_OF_PBX: Final = ("kind", "direction", "status", "start_at", "end_at", "all_day")
_YES_OR_NO: Final = ("all_day", "pinned")
#: What is written down before it happens, unless it is said to be over.
TO_COME: Final = ("call", "meeting", "visit", "task")
_TITLE_LETTERS: Final = 80
#: What the cards of those who take part depend on.
FOLLOWED: Final = frozenset(
    ("status", "start_at", "due_at", "participants", "deleted_at", "lead_id")
)

# Calls live in a room above this one, so their table is known by name only.
_call = table("call", column("id"), column("interaction_id"))


def _zone(name: str) -> str | None:
    return None if name in zones() else NO_ZONE


def _derive(row: Any, given: Mapping[str, Any]) -> Mapping[str, Any]:
    """A nameless one is called by its first line; it has one time, or a beginning and a term."""
    follows: dict[str, Any] = {name: False for name in _YES_OR_NO if given.get(name, 0) is None}
    if row is None:
        follows |= {name: value for name, value in _begins(given).items() if not given.get(name)}
    return follows | _times(row, given)


def _begins(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a new one is if nothing is said of it."""
    planned = given.get("kind") in TO_COME
    return {
        "subject": first_line(given.get("body")),
        "status": "planned" if planned else "held",
        "priority": "normal",
    }


def first_line(body: str | None) -> str | None:
    """Return the beginning of a text as a title, None if it has none."""
    line = next((line.strip() for line in (body or "").splitlines() if line.strip()), "")
    if len(line) > _TITLE_LETTERS:
        return line[: _TITLE_LETTERS - 1].rstrip() + "…"
    return line or None


def _times(row: Any, given: Mapping[str, Any]) -> dict[str, Any]:
    """Beginning and term are one moment until somebody parts them."""
    start, due = given.get("start_at"), given.get("due_at")
    if row is None:
        return {"start_at": start or due, "due_at": due or start}
    if row.due_at is not None and row.start_at != row.due_at:
        return {}
    if start is not None and due is None:
        return {"due_at": start}
    return {"start_at": due} if due is not None and start is None else {}


async def _check(
    session: AsyncSession, row: Any, given: Mapping[str, Any], _who: Identity, at: datetime
) -> dict[str, str]:
    if row is not None and await _is_of_pbx(session, row):
        return {name: OF_THE_PBX for name in _OF_PBX if _differs(row, given, name)}
    wrong = taking_place.problem(row, given, at)
    if given.get("status") == "live":
        wrong["status"] = NOT_BY_HAND
    start, end = _value(row, given, "start_at"), _value(row, given, "end_at")
    if start is not None and end is not None and end < start:
        wrong["end_at"] = ENDS_BEFORE
    if row is not None and given.get("thread_id") == row.id and row.thread_id != row.id:
        wrong["thread_id"] = OWN_CHAIN
    return wrong


async def _is_of_pbx(session: AsyncSession, row: Interaction) -> bool:
    """Tell a call that rang from one that is planned, or written down by hand."""
    rang = select(exists().where(_call.c.interaction_id == row.id))
    return row.kind == "call" and bool(await session.scalar(rang))


def _differs(row: Any, given: Mapping[str, Any], name: str) -> bool:
    return name in given and given[name] != getattr(row, name)


def _value(row: Any, given: Mapping[str, Any], name: str) -> Any:
    return given.get(name) if name in given or row is None else getattr(row, name)


async def _saved(
    session: AsyncSession, row: Any, diff: Mapping[str, list[Any]], at: datetime, by: Actor
) -> None:
    await participants.follow(session, row, diff.keys())
    remind(row, diff, at)
    if "owner_id" in diff:
        row.given_by_id = _giver(row, by)
    if "thread_id" in diff and row.thread_id is not None:
        await chains.join(session, row)
    await series.follow(session, row, diff, at, by)
    await tell_colleagues(session, row, diff, at, by)
    await guests_told.follow(session, row, diff, at)
    if FOLLOWED & diff.keys():
        await touch.follow(session, row, diff, at)


def _giver(row: Interaction, by: Actor) -> int | None:
    """Return who has given it to its owner just now, None if he took it, or nobody has it."""
    is_given = row.owner_id is not None and by["actor_id"] != row.owner_id
    return by["actor_id"] if is_given else None


def _changed(at: float, interaction_id: int) -> InteractionChanged:
    return InteractionChanged(at=at, interaction_id=interaction_id)


INTERACTION = Entity(
    name="interaction", plural="interactions", model=Interaction, label=_("Interaction"),
    labels=_("Interactions"), icon="messages-square", title="subject",
    fields=(
        Field(
            name="kind", label=_("Kind"), type="choice", choices=KINDS, required=True, is_open=True,
            aliases=("type", "activity type", "тип", "növ", "tür"),
        ),
        Field(
            name="subject", label=_("Subject"), required=True, limit=300, searchable=True,
            aliases=("title", "topic", "тема", "mövzu", "konu"),
        ),
        CONTACT,
        Field(
            name="status", label=_("Status"), type="choice", choices=STATUSES, required=True,
            is_open=True,
        ),
        Field(name="direction", label=_("Direction"), type="choice", choices=DIRECTIONS),
        Field(
            name="start_at", label=_("When"), type="datetime", required=True, group=_("Time"), is_open=True,
            aliases=("date", "start", "начало", "başlama"),
        ),
        Field(name="end_at", label=_("Until"), type="datetime", group=_("Time")),
        Field(name="due_at", label=_("Due"), type="datetime", group=_("Time")),
        Field(name="all_day", label=_("All day"), type="bool", group=_("Time"), is_open=True),
        Field(
            name="place", label=_("Place"), limit=300, group=_("Time"),
            aliases=("location", "where", "место", "yer", "məkan"),
        ),
        Field(name="remind_at", label=_("Remind at"), type="datetime", group=_("Time")),
        Field(
            name="reminders", label=_("Reminders, minutes before"), limit=40,
            check=reminding.check, on_form=False, filterable=False, group=_("Time"),
        ),
        Field(
            name="owner_id", label=_("Responsible"), type="reference", refers_to="user",
            group=_("Work"),
        ),
        Field(name="team_id", label=_("Team"), type="reference", refers_to="team", group=_("Work")),
        Field(
            name="priority", label=_("Priority"), type="choice", choices=PRIORITIES, required=True,
            group=_("Work"), is_open=True,
        ),
        Field(name="pinned", label=_("Pinned"), type="bool", group=_("Work"), is_open=True),
        Field(
            name="given_by_id", label=_("Given by"), type="reference", refers_to="user",
            writable=False, on_form=False, group=_("Work"),
        ),
        Field(
            name="repeat", label=_("Repeats"), limit=repeating.LONGEST, check=repeating.check,
            on_form=False, filterable=False, group=_("Time"),
        ),
        Field(
            name="zone", label=_("Time zone"), limit=64, check=_zone, on_form=False,
            filterable=False, group=_("Time"),
        ),
        Field(
            name="result_id", label=_("Result"), type="option", options=RESULTS, group=_("Work"),
        ),
        Field(
            name="result_note", label=_("Why, or what was agreed"), type="long_text", limit=4_000,
            group=_("Work"),
        ),
        Field(
            name="lead_id", label=_("Lead"), type="reference", refers_to="lead", on_form=False,
        ),
        Field(
            name="thread_id", label=_("Belongs to"), type="reference", refers_to="interaction",
            on_form=False,
        ),
        Field(
            name="external_id", label=_("Id in another system"), limit=80, unique=True,
            on_form=False, aliases=("id", "external id", "call id"),
        ),
        Field(
            name="body", label=_("Text"), type="long_text", limit=20_000, searchable=True,
            aliases=("description", "note", "comment", "описание", "təsvir", "açıklama"),
        ),
    ),
    keys=("external_id",),
    columns=("kind", "subject", "contact", "status", "start_at", "owner_id", "result_id"),
    sorts=(Sort("start_at", ("start_at",), _("When"), descending=True),),
    board="status", calendar="start_at", move=moving.move, reach=reached, derive=_derive, check=_check, saved=_saved,
    changed=_changed, to_do=lambda: Interaction.status == "planned",
    parts=(PARTICIPANTS, Checklist()), on_rail=False,
)  # fmt: skip

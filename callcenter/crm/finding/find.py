"""What somebody means by what he types: customers, texts, a number, a record, a place to go to.

Everything found is something the asker may open. One's own work comes first, then what is most
recent.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter import phone
from callcenter.calls.models import CallRow
from callcenter.crm.contacts.lines import ContactLine, lines_of
from callcenter.crm.contacts.search import ids_of
from callcenter.crm.finding import texts
from callcenter.crm.finding.places import Place, places
from callcenter.crm.names import fold
from callcenter.entity.description import Entity, value_of
from callcenter.entity.registry import Registry
from callcenter.entity.rights import access, granted, visible_to
from callcenter.server.identity import Identity, may

#: So many of each kind are shown.
SHOWN: Final = 6
#: Shorter than this a word is not looked for in texts.
LEAST_LETTERS: Final = 2


class Hit(NamedTuple):
    """One thing that was found, and where it opens."""

    id: int
    title: str
    href: str
    detail: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """What was found of one kind."""

    name: str
    label: str
    icon: str
    hits: Sequence[Hit]
    #: More were found than are shown.
    more: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    groups: Sequence[Group] = ()
    places: Sequence[Place] = ()
    #: What was typed, if it can be dialled, in E.164.
    number: str | None = None


async def find(
    session: AsyncSession,
    registry: Registry,
    who: Identity,
    typed: str,
    regions: Sequence[str],
    language: str,
) -> Found:
    """Return what fits; for nothing, the places one can go to."""
    typed = typed.strip()
    if not typed:
        return Found(places=places(registry, who, "", language))
    number = phone.read(typed, regions)
    groups = [
        await _contacts(session, who, typed, regions),
        *await _texts(session, registry, who, typed),
        await _record(session, registry, who, typed),
    ]
    return Found(
        _joined(group for group in groups if group is not None),
        places(registry, who, typed, language),
        number.norm if number.kind == "e164" else None,
    )


def without(found: Found, closed: Callable[[str], bool]) -> Found:
    """Return what was found but for what leads to a module that is switched off."""
    open_hits = [
        replace(group, hits=[hit for hit in group.hits if not closed(hit.href)])
        for group in found.groups
    ]
    return replace(
        found, groups=[group for group in open_hits if group.hits],
        places=[place for place in found.places if not closed(place.href)],
    )  # fmt: skip


def _joined(groups: Iterable[Group]) -> list[Group]:
    """Return one group of each kind; what was found in two ways stands once."""
    joined: dict[str, Group] = {}
    for group in groups:
        before = joined.get(group.name, replace(group, hits=[], more=False))
        known = {hit.id for hit in before.hits}
        hits = [*before.hits, *(hit for hit in group.hits if hit.id not in known)]
        more = before.more or group.more or len(hits) > SHOWN
        joined[group.name] = replace(before, hits=hits[:SHOWN], more=more)
    return list(joined.values())


# ---------------------------------------------------------------- customers


async def _contacts(
    session: AsyncSession, who: Identity, typed: str, regions: Sequence[str]
) -> Group | None:
    if may(who, "contact", "read") == "none":
        return None
    ids = await ids_of(session, who, typed, regions)
    lines = await lines_of(session, ids[:SHOWN], who)
    hits = [
        Hit(line.id, line.name, f"/contacts/{line.id}", _facts(line), line.last_contact_at)
        for line in lines
    ]
    return Group("contact", CONTACTS, "users", hits, len(ids) > SHOWN) if hits else None


def _facts(line: ContactLine) -> str:
    """Return what tells one Aygün from another: firm, town, number."""
    number = next((phone.display(point.norm) for point in line.points if point.kind == "phone"), "")
    company = line.company.name if line.company else ""
    return " · ".join(filter(None, (company or line.title, line.city, number)))


# ---------------------------------------------------------------- texts of any entity


async def _texts(
    session: AsyncSession, registry: Registry, who: Identity, typed: str
) -> list[Group]:
    words = [word for word in fold(typed).split() if len(word) >= LEAST_LETTERS and word.isascii()]
    if not words:
        return []
    found = await texts.find(session, words)
    groups = [
        await _group(
            session, entity, who, found[entity.name], _finder(registry, entity, who, words)
        )
        for entity in registry
        if entity.name in found and may(who, entity.name, "read") != "none"
    ]
    return [group for group in groups if group is not None]


def _finder(
    registry: Registry, entity: Entity, who: Identity, words: Sequence[str]
) -> Callable[[Any], bool]:
    """Return what tells whether a row is found by what `who` may read of it.

    In which field a word stands is not kept, so one that is covered would show through.
    """
    fields = texts.looked_through(entity, registry)
    open_ones = [field for field in fields if access(entity, field, who) in ("read", "write")]
    if len(open_ones) == len(fields):
        return lambda _row: True
    return lambda row: texts.has_words(row, open_ones, words)


async def _group(
    session: AsyncSession,
    entity: Entity,
    who: Identity,
    ids: Sequence[int],
    is_found: Callable[[Any], bool],
) -> Group | None:
    """Return the rows among `ids`, newest first, that may be seen; one's own before others'."""
    model: Any = entity.model
    seen = await session.scalars(select(model).where(model.id.in_(ids), visible_to(entity, who)))
    rows = [row for row in seen if is_found(row)]
    place = {id_: number for number, id_ in enumerate(ids)}
    rows.sort(key=lambda row: (getattr(row, "owner_id", None) != who.user_id, place[row.id]))
    hits = await _hits(session, entity, who, rows[:SHOWN])
    return Group(entity.name, entity.labels, entity.icon, hits, len(rows) > SHOWN) if hits else None


async def _hits(
    session: AsyncSession, entity: Entity, who: Identity, rows: Sequence[Any]
) -> list[Hit]:
    title = next(field for field in entity.fields if field.name == entity.title)
    if access(entity, title, who) in ("hidden", "masked"):
        return []
    calls = await _calls_of(session, [row.id for row in rows if entity.name == "interaction"])
    return [
        Hit(
            row.id,
            str(value_of(row, entity.title) or "") or _beginning(_body(entity, row, who)),
            f"/calls/{calls[row.id]}" if row.id in calls else f"/{entity.plural}/{row.id}",
            _number(entity, row, who),
            at=getattr(row, "start_at", None) or row.updated_at,
        )
        for row in rows
    ]  # fmt: skip


async def _calls_of(session: AsyncSession, ids: Sequence[int]) -> dict[int, int]:
    """Return the calls among interactions: they open on their own page."""
    rows = await session.execute(
        select(CallRow.interaction_id, CallRow.id).where(
            CallRow.interaction_id.in_(ids), CallRow.merged_into_id.is_(None)
        )
    )
    return {interaction_id: call_id for interaction_id, call_id in rows if interaction_id}


def _body(entity: Entity, row: Any, who: Identity) -> str | None:
    body: str | None = getattr(row, "body", None)
    return body if granted(entity.name, "body", who) in ("read", "write") else None


def _number(entity: Entity, row: Any, who: Identity) -> str:
    """Return the number that was drawn for a record, for those who may read it."""
    is_read = entity.number and granted(entity.name, texts.NUMBER, who) in ("read", "write")
    return getattr(row, texts.NUMBER) or "" if is_read else ""


def _beginning(body: str | None) -> str:
    line = " ".join((body or "").split())
    return f"{line[:79]}…" if len(line) > 80 else line


# ---------------------------------------------------------------- a record by its id


async def _record(
    session: AsyncSession, registry: Registry, who: Identity, typed: str
) -> Group | None:
    """A row is found by its id, as it stands in addresses and in exports."""
    if not (typed.isascii() and typed.isdigit() and 13 <= len(typed) <= 16):
        return None
    for entity in registry:
        if entity.has_pages and may(who, entity.name, "read") != "none":
            model: Any = entity.model
            row = await session.scalar(
                select(model).where(model.id == int(typed), visible_to(entity, who))
            )
            if row is not None and (hits := await _hits(session, entity, who, [row])):
                return Group(f"{entity.name}-id", entity.label, entity.icon, hits)
    return None


def _(message: str) -> str:
    return message


CONTACTS: Final = _("Contacts")

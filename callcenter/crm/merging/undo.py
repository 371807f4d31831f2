"""Makes two contacts again of what was merged into one, as far as nobody changed it since.

What the winner was given goes back to the loser; what came to the winner later stays there.
Whatever was changed meanwhile is left as it is, and said: people's later work is worth more
than the state before.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter import audit
from callcenter.crm.contacts.models import Contact, Relationship
from callcenter.crm.duplicates.models import Duplicate
from callcenter.crm.merging import own_fields
from callcenter.crm.merging.claims import let_go
from callcenter.crm.merging.models import Merge
from callcenter.crm.merging.references import ENTITY
from callcenter.crm.merging.rows import Moved, given, insert_again, kept, put_back
from callcenter.db import Base
from callcenter.entity import kept_filters
from callcenter.entity.description import CUSTOM, put, value_of
from callcenter.entity.rights import reached
from callcenter.entity.saving import Deed
from callcenter.errors import MergedOn, NotFound, UndoneAlready


def _(message: str) -> str:
    return message


FIELD_STAYS: Final = _("{what} was changed since: it stays “{now}”.")
ROWS_STAY: Final = _("{what} ({count}): changed or deleted since, left as they are.")
ROWS_LOST: Final = _("{what} ({count}): not put back, because the same is there already.")

#: How rows are called in such a sentence.
WORDS: Final = {
    "address": _("Addresses"),
    "audit": _("Lines of the history"),
    "call_intent": _("Calls that were asked for"),
    "contact": _("People of the company"),
    "contact_point": _("Numbers and addresses"),
    "file": _("Files"),
    "involvement": _("Colleagues who share it"),
    "participant": _("Calls and other events"),
    "preference": _("Needs and preferences"),
    "relationship": _("Ties to others"),
    "tagging": _("Tags"),
}
_COLUMNS: Final = Base.metadata.tables[ENTITY].columns
OTHER_ROWS: Final = _("Other records")
OWN_FIELDS: Final = _("Fields of your own that name the contact")
FILTERS: Final = _("Filters of views and rules that name the contact")


@dataclass(frozen=True, slots=True)
class Kept:
    """Something that was not put back: a sentence, and what fills it. `what` is a message id."""

    sentence: str
    what: str
    values: Mapping[str, Any] = field(default_factory=dict)


async def undo(deed: Deed, merge_id: int) -> list[Kept]:
    """Undo a merge; return what could not be put back. Raises NotFound, UndoneAlready or MergedOn."""
    session = deed.session
    merge = await session.scalar(select(Merge).where(Merge.id == merge_id).with_for_update())
    if merge is None:
        raise NotFound
    winner, loser = await _both(deed, merge)
    if merge.undone_at is not None or loser.merged_into_id != winner.id:
        raise UndoneAlready
    if winner.merged_into_id is not None:
        raise MergedOn(name=winner.name)
    await let_go(session, winner, merge.snapshot.get("claimed", {}))
    kept_ = [*_fields(deed, winner, merge.snapshot["changed"])]
    loser.deleted_at = loser.merged_into_id = None
    await session.flush()
    kept_ += await _rows(session, merge)
    kept_ += await _own_fields(deed, merge)
    kept_ += await _filters(session, merge)
    demoted = update(Relationship).where(Relationship.id.in_(merge.snapshot["demoted"]))
    await session.execute(demoted.values(is_primary=True))
    await _open_pair(session, merge.snapshot["pair"])
    _note(deed, merge, winner, loser)
    await session.flush()
    return kept_


async def _both(deed: Deed, merge: Merge) -> tuple[Contact, Contact]:
    ids = sorted((merge.winner_id, merge.loser_id))
    may = reached(deed.registry[ENTITY], deed.who, "delete")
    rows = await deed.session.scalars(
        select(Contact).where(Contact.id.in_(ids), may).order_by(Contact.id).with_for_update()
    )
    found = {row.id: row for row in rows}
    if len(found) != len(ids):
        raise NotFound
    return found[merge.winner_id], found[merge.loser_id]


def _fields(deed: Deed, winner: Contact, changed: Mapping[str, list[Any]]) -> list[Kept]:
    """Put the winner's fields back to what they were; return those that were changed since."""
    fields = deed.registry.fields(ENTITY)
    stays = []
    for name, (before, after) in changed.items():
        now = kept({name: value_of(winner, name)})[name]
        if now != after:
            if name in fields:
                stays.append(Kept(FIELD_STAYS, fields[name].label, {"now": now or "–"}))
            continue
        is_custom = name.startswith(CUSTOM)
        put(winner, name, before if is_custom else given(_COLUMNS[name], before))
    return stays


async def _rows(session: AsyncSession, merge: Merge) -> list[Kept]:
    stays: dict[tuple[str, str], int] = {}
    for each in merge.moved:
        moved = Moved(**each)
        table = Base.metadata.tables[moved.table]
        left = await put_back(session, table, moved, merge.winner_id, merge.loser_id)
        key = ROWS_STAY, WORDS.get(moved.table, OTHER_ROWS)
        stays[key] = stays.get(key, 0) + left
    for dropped in merge.snapshot["dropped"]:
        table = Base.metadata.tables[dropped["table"]]
        if not await insert_again(session, table, dropped["row"]):
            key = ROWS_LOST, WORDS.get(table.name, OTHER_ROWS)
            stays[key] = stays.get(key, 0) + 1
    return [
        Kept(sentence, what, {"count": count}) for (sentence, what), count in stays.items() if count
    ]


async def _own_fields(deed: Deed, merge: Merge) -> list[Kept]:
    # Merges of an earlier release do not tell of them.
    left = [
        await own_fields.put_back(
            deed.session, deed.registry, moved, merge.winner_id, merge.loser_id
        )
        for moved in merge.snapshot.get("own_fields", ())
    ]
    return [Kept(ROWS_STAY, OWN_FIELDS, {"count": sum(left)})] if any(left) else []


async def _filters(session: AsyncSession, merge: Merge) -> list[Kept]:
    # Merges of an earlier release do not tell of them.
    back = [
        await kept_filters.put_back(session, moved) for moved in merge.snapshot.get("filters", ())
    ]
    left = back.count(False)
    return [Kept(ROWS_STAY, FILTERS, {"count": left})] if left else []


async def _open_pair(session: AsyncSession, before: Mapping[str, Any] | None) -> None:
    pair = await session.get(Duplicate, before["id"]) if before else None
    if before and pair is not None and pair.state == "merged":
        pair.state = before["state"]


def _note(deed: Deed, merge: Merge, winner: Contact, loser: Contact) -> None:
    merge.undone_at, merge.undone_by = deed.at, deed.by["actor_id"]
    for row, other in ((winner, loser), (loser, winner)):
        row.version += 1
        row.updated_at, row.updated_by = deed.at, deed.by["actor_id"]
        audit.record(
            deed.session, deed.at, entity=ENTITY, entity_id=row.id, contact_id=row.id,
            action="unmerge", diff={"merged": [other.name, None]}, notable=True, **deed.by,
        )  # fmt: skip

"""Makes one contact of two: the winner stays, the loser is set aside and forwards to it.

Every row that refers to the loser goes over to the winner. What undoing needs is kept: which rows
these were, what the winner's fields said before, and the rows that could not go along.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter import audit
from callcenter.crm.contacts.models import Contact, Relationship
from callcenter.crm.duplicates.models import Duplicate
from callcenter.crm.merging import own_fields, values
from callcenter.crm.merging.claims import claim
from callcenter.crm.merging.models import Merge
from callcenter.crm.merging.references import ENTITY, references
from callcenter.crm.merging.rows import kept, move
from callcenter.db import Base, new_id
from callcenter.entity import kept_filters
from callcenter.entity.description import CUSTOM, Field, put, value_of
from callcenter.entity.editing import Diff, plain
from callcenter.entity.registry import Registry
from callcenter.entity.rights import access
from callcenter.entity.saving import Deed, locked
from callcenter.errors import BadInput, MergedAlready, MergedMeanwhile
from callcenter.server.identity import Identity

#: Says which contact somebody works for.
EMPLOYER: Final = "company_id"


async def merge(
    deed: Deed,
    winner_id: int,
    loser_id: int,
    choices: Mapping[str, str],
    seen: Sequence[int] = (),
) -> Merge:
    """Merge the loser into the winner. `seen` are the versions that the choices were made from.

    Raises NotFound, MergedAlready if they are one contact, MergedMeanwhile if one of them was
    changed since, or BadInput if what was chosen does not fit together.
    """
    if winner_id == loser_id:
        raise MergedAlready
    winner, loser = await _both(deed, winner_id, loser_id)
    if seen and tuple(seen) != (winner.version, loser.version):
        raise MergedMeanwhile
    names = list(fields_of(deed.registry, winner, loser))
    allowed = set(choosable(deed.registry, deed.who, names))
    choices = {name: side for name, side in choices.items() if name in allowed}
    own = await own_fields.naming_contacts(deed.session)
    tying = (EMPLOYER, *own_fields.of_contacts(own))
    fitting = await _fitting(deed, winner, loser, names, choices, tying)
    diff, changed = _put(winner, _derived(deed, winner, fitting))
    await deed.session.flush()
    moved, dropped = await _move_rows(deed.session, loser_id, winner_id)
    snapshot = {
        "changed": changed,
        "own_fields": await own_fields.move(deed.session, deed.registry, own, loser_id, winner_id),
        "filters": await kept_filters.move(
            deed.session, own_fields.asking(deed.registry, own), loser_id, winner_id
        ),
        "dropped": dropped,
        "demoted": await _one_employer(deed.session, winner),
        "pair": await _close_pair(deed.session, winner_id, loser_id),
    }
    _set_aside(deed, winner, loser, diff)
    await deed.session.flush()
    snapshot["claimed"] = await claim(deed.session, winner)
    row = Merge(
        id=new_id(deed.at.timestamp()), winner_id=winner_id, loser_id=loser_id,
        choices=choices, snapshot=snapshot, moved=moved, at=deed.at,
        by_id=deed.by["actor_id"],
    )  # fmt: skip
    deed.session.add(row)
    await deed.session.flush()
    return row


def fields_of(registry: Registry, winner: Contact, loser: Contact) -> dict[str, Field | None]:
    """Return the fields that are joined, by name; values of fields since removed have none."""
    described = {
        name: field
        for name, field in registry.fields(ENTITY).items()
        if field.virtual is None and (field.writable or name in values.JOINED)
    }
    removed = {f"{CUSTOM}{key}": None for row in (winner, loser) for key in row.custom}
    return {**removed, **described}


def choosable(registry: Registry, who: Identity, names: Iterable[str]) -> list[str]:
    """Return those of `names` that `who` may choose about; the others join by themselves."""
    entity, fields = registry[ENTITY], registry.fields(ENTITY)
    return [
        name for name in names if name in fields and access(entity, fields[name], who) == "write"
    ]


async def _both(deed: Deed, winner_id: int, loser_id: int) -> tuple[Contact, Contact]:
    """Lock both, always in the same order, so that two merges cannot wait for each other."""
    actions = {winner_id: "edit", loser_id: "delete"}
    rows = {id_: await locked(deed, id_, actions[id_]) for id_ in sorted(actions)}
    return rows[winner_id], rows[loser_id]


async def _fitting(
    deed: Deed,
    winner: Contact,
    loser: Contact,
    names: Sequence[str],
    choices: Mapping[str, str],
    tying: Iterable[str],
) -> dict[str, Any]:
    """Return the winner's fields that change. Raises BadInput if what was chosen does not fit."""
    ours = {name: value_of(winner, name) for name in names}
    theirs = {name: value_of(loser, name) for name in names}
    # Neither can work for the other any more, or be named by it: that would be itself.
    tying = [name for name in tying if name in ours]
    theirs |= {name: None for name in tying if theirs[name] in (winner.id, loser.id)}
    changed = values.changes(names, ours, theirs, choices)
    changed |= {name: theirs[name] for name in tying if changed.get(name, ours[name]) == loser.id}
    check = deed.registry[ENTITY].check
    if check is None:
        return changed
    if not (wrong := await check(deed.session, winner, changed, deed.who, deed.at)):
        return changed
    if any(name in choices or name not in changed for name in wrong):
        raise BadInput(wrong)
    # What would only have come along by itself stays behind.
    return {name: value for name, value in changed.items() if name not in wrong}


def _derived(deed: Deed, winner: Contact, changed: dict[str, Any]) -> dict[str, Any]:
    """Return what changes with the columns that follow from it."""
    derive = deed.registry[ENTITY].derive
    if not changed or derive is None:
        return changed
    derived = derive(winner, changed).items()
    return changed | {name: value for name, value in derived if value != value_of(winner, name)}


def _put(winner: Contact, changed: Mapping[str, Any]) -> tuple[Diff, dict[str, list[Any]]]:
    """Change the winner's fields; return that as the log tells it, and as an undo needs it."""
    before = {name: value_of(winner, name) for name in changed}
    for name, value in changed.items():
        put(winner, name, value)
    old, new = kept(before), kept({name: value_of(winner, name) for name in changed})
    diff: Diff = {name: [plain(before[name]), plain(value)] for name, value in changed.items()}
    return diff, {name: [old[name], new[name]] for name in changed}


async def _move_rows(
    session: AsyncSession, loser_id: int, winner_id: int
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Give the winner the loser's rows; return which, and those that could not go along."""
    moved, dropped = [], []
    for reference in references(Base.metadata):
        these, those = await move(session, reference, loser_id, winner_id)
        moved += [asdict(these)] if these.keys else []
        dropped += [asdict(row) for row in those]
    return moved, dropped


async def _one_employer(session: AsyncSession, winner: Contact) -> list[int]:
    """Leave one of the winner's employers as the present one; return the ties that are no longer."""
    primary = await session.scalars(
        select(Relationship)
        .where(Relationship.from_id == winner.id, Relationship.is_primary)
        .order_by(Relationship.id)
    )
    ties = sorted(primary, key=lambda tie: tie.to_id != winner.company_id)
    kept = 1 if ties and ties[0].to_id == winner.company_id else 0
    for tie in ties[kept:]:
        tie.is_primary = False
    return [tie.id for tie in ties[kept:]]


async def _close_pair(session: AsyncSession, one_id: int, other_id: int) -> dict[str, Any] | None:
    """Mark what was found of the two as done; return what it said before."""
    pair = await session.scalar(
        select(Duplicate).where(
            Duplicate.a_id == min(one_id, other_id), Duplicate.b_id == max(one_id, other_id)
        )
    )
    if pair is None:
        return None
    before = {"id": pair.id, "state": pair.state}
    pair.state = "merged"
    return before


def _set_aside(deed: Deed, winner: Contact, loser: Contact, diff: Diff) -> None:
    loser.deleted_at, loser.merged_into_id = deed.at, winner.id
    for row in (winner, loser):
        row.version += 1
        row.updated_at, row.updated_by = deed.at, deed.by["actor_id"]
    if diff:
        versions = {"version": [winner.version - 1, winner.version]}
        _record(deed, winner, "edit", diff | versions)
    _record(deed, winner, "merge", {"merged": [None, loser.name]}, notable=True)
    _record(deed, loser, "merge", {"merged_into_id": [None, winner.id]})


def _record(deed: Deed, row: Contact, action: str, diff: Diff, *, notable: bool = False) -> None:
    audit.record(
        deed.session, deed.at, entity=ENTITY, entity_id=row.id, contact_id=row.id, action=action,
        diff=diff, notable=notable, **deed.by,
    )  # fmt: skip

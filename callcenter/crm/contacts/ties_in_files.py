"""Ties in files: whom a contact is tied to, how and since when, each in columns of its own.

Both contacts' rows name a tie, each with its own word ("Employer", "Employee"), and it is imported
once. The present employer is left to the company's column. The other contact may stand further
down in the file, so ties are made once all rows are in.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Row, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.crm.contacts.access import visible_to
from callcenter.crm.contacts.models import Contact, Relationship
from callcenter.crm.contacts.ties import LIMITS, TYPES, WORKS_FOR, has_two_words
from callcenter.entity.description import Field, Held, Virtual
from callcenter.entity.models import Option
from callcenter.entity.options import Choice
from callcenter.server.identity import Identity


def _(message: str) -> str:
    return message


#: The list of words for a tie: a kind's own word by its id, the other side's by that id negated.
WORDS: Final = "tie"


async def words(session: AsyncSession) -> dict[str, tuple[Choice, ...]]:
    """Return what one contact can be to another, in every language: `entity.registry.Source`."""
    kinds = await session.scalars(
        select(Option)
        .where(Option.list == TYPES, Option.deleted_at.is_(None))
        .order_by(Option.position, Option.id)
    )
    choices: list[Choice] = []
    for kind in kinds:
        choices.append(Choice(id=kind.id, list=WORDS, key=kind.key, label=kind.label))
        if has_two_words(kind):
            other = kind.data["reverse"]
            choices.append(Choice(id=-kind.id, list=WORDS, key=f"{kind.key}:back", label=other))
    return {WORDS: tuple(choices)}


async def _load(session: AsyncSession, ids: Sequence[int]) -> dict[int, Any]:
    """Return how many ties each has: whom they lead to not everybody may know."""
    counts: dict[int, int] = {}
    for side in (Relationship.from_id, Relationship.to_id):
        found = select(side, func.count()).where(side.in_(ids)).group_by(side)
        for contact_id, count in await session.execute(found):
            counts[contact_id] = counts.get(contact_id, 0) + count
    return {contact_id: str(count) for contact_id, count in counts.items()}


async def _load_all(
    session: AsyncSession, ids: Sequence[int], who: Identity
) -> dict[int, list[Held]]:
    """Return each tie to a contact that `who` may see, but for the one to the present employer."""
    rows = (await session.execute(_of(ids))).all()
    others = {side for row in rows for side in (row.from_id, row.to_id)}
    seen = select(Contact.id, Contact.name).where(Contact.id.in_(others), visible_to(who))
    names = {row.id: row.name for row in await session.execute(seen)}
    lists: dict[int, list[Held]] = {}
    for row in rows:
        for side, other, word in _sides(row):
            if side in ids and other in names:
                facts = {
                    fact.name: getattr(row, fact.name) for fact in _FACTS if fact.name != "kind"
                }
                lists.setdefault(side, []).append(Held(names[other], {"kind": word, **facts}))
    return lists


def _of(ids: Sequence[int]) -> Any:
    return (
        select(*Relationship.__table__.c, Option)
        .join(Option, Option.id == Relationship.type_id)
        .where(or_(Relationship.from_id.in_(ids), Relationship.to_id.in_(ids)))
        .where(or_(Option.key != WORKS_FOR, Relationship.is_primary.is_(False)))
        .order_by(Relationship.id)
    )


def _sides(row: Row[Any]) -> list[tuple[int, int, int]]:
    """Return a tie as both its contacts tell it: (whose, to whom, in which word)."""
    back = -row.type_id if has_two_words(row.Option) else row.type_id
    return [(row.from_id, row.to_id, row.type_id), (row.to_id, row.from_id, back)]


def _form(text: str, _heading: str, facts: Mapping[str, Any]) -> dict[str, Any] | None:
    return dict(facts) if text else None


def _tied(form: Mapping[str, Any], other: int) -> dict[str, Any]:
    """Return the tie to `other` as the part takes it; without a kind the part says that it lacks."""
    item = {name: value for name, value in form.items() if name != "kind"}
    if (word := form.get("kind")) is None:
        return {**item, "to_id": other}
    return {**item, "to_id" if word > 0 else "from_id": other, "type_id": abs(word)}


_FACTS: Final = (
    Field(name="kind", label=_("Kind"), type="option", options=WORDS, aliases=("type", "role", "тип", "növ", "tür")),
    Field(name="since", label=_("Since"), type="date", aliases=("from",)),
    Field(name="until", label=_("Until"), type="date", aliases=("to",)),
    *(
        Field(name=name, label=label, limit=LIMITS[name])
        for name, label in (
            ("title", _("Position")), ("department", _("Department")), ("note", _("Note")),
        )
    ),
    Field(name="strength", label=_("Strength"), type="integer"),
)  # fmt: skip

#: The ties of a contact as columns of files; lists say how many there are.
FIELD: Final = Field(
    name="relationships", label=_("Relationship"), on_form=False, filterable=False,
    aliases=("related to", "relationships", "связь", "əlaqəli", "ilişki"),
    virtual=Virtual(
        load=_load, load_all=_load_all, part="relationships",
        of_part=lambda told: str(len(told)) if told else None,
        form=_form, facts=_FACTS, names="contact", tied=_tied, parted="bars", alike=False,
    ),
)  # fmt: skip

"""Whose the rows of a block are: bound to the one counterpart that has their keys, or to a new one.

All look-ups of a block are one. Whom several could be is nobody yet, and what becomes of each row
is told in words, on a dry run too.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple, Protocol, Self

from sqlalchemy import select

from callcenter.entity.importable import Counterpart
from callcenter.entity.rights import reached
from callcenter.entity.saving import Deed
from callcenter.errors import BadInput, Sentence
from callcenter.server.identity import may


def _(message: str) -> str:
    return message


GOES_TO: Final = _("Goes to {name}, who has this number or address.")
GOES_TO_SOMEBODY: Final = _("Goes to the contact that has this number or address.")
MADE: Final = _("The contact {name} is made of it.")
MADE_ABOVE: Final = _("Goes to the contact that is made of a row above.")
SEVERAL: Final = _("Several contacts have this number or address, so nobody knows yet whose it is.")

Key = tuple[str, Any]


class Above(Protocol):
    """Which keys rows above had."""

    def has(self, keys: Sequence[Key]) -> bool: ...
    def add(self, keys: Sequence[Key]) -> None: ...


class Made(NamedTuple):
    """A row that was made since a row of the file needs it."""

    entity: str
    id: int


@dataclass(slots=True)
class Bound:
    """What is said of a row besides the file."""

    given: dict[str, Any] = field(default_factory=dict)
    why: str = ""
    #: Its counterpart is still to be made.
    lacks: bool = False
    made: list[Made] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Binder:
    """Binds the rows of one block. `make`: who has no counterpart gets a new one."""

    deed: Deed
    counterpart: Counterpart
    make: bool
    above: Above
    dry: bool
    found: dict[tuple[str, str], set[int]]
    names: Mapping[int, str]

    @classmethod
    async def of(
        cls, deed: Deed, rows: Sequence[Mapping[str, Any]], make: bool, above: Above, dry: bool
    ) -> Self | None:
        """Return what binds these rows; None if rows of their entity have no counterpart."""
        counterpart = deed.entity.counterpart
        if counterpart is None:
            return None
        keys = {key for given in rows for key in counterpart.keys(given)}
        found = await counterpart.find(deed.session, keys)
        ids = set[int]().union(*found.values())
        make = make and may(deed.who, counterpart.entity, "create") != "none"
        names = await names_of(deed, counterpart.entity, ids)
        return cls(deed, counterpart, make, above, dry, found, names)

    def bind(self, given: Mapping[str, Any]) -> Bound:
        """Return whose a new row is, as far as that is known."""
        told = Bound(dict(self.counterpart.begun(given)))
        keys = self.counterpart.keys(given)
        if given.get(self.counterpart.field) is not None or not keys:
            return told
        found = [ids for key in keys if (ids := self.found.get(key))]
        if not found:
            told.lacks = self.make
            return told
        if len(all_have := set.intersection(*found)) != 1:
            told.why = SEVERAL
            return told
        [one] = all_have
        told.given[self.counterpart.field] = one
        told.why = (
            Sentence(GOES_TO, name=self.names[one]) if one in self.names else GOES_TO_SOMEBODY
        )
        return told

    async def fill(self, bound: Bound, given: Mapping[str, Any]) -> None:
        """Make the counterpart of a row that lacks it; on a dry run, say so."""
        keys, name = self.counterpart.keys(given), self.counterpart.named(given)
        bound.why = Sentence(MADE, name=name)
        if self.dry:
            spaced = [(f"{self.counterpart.entity}.{kind}", value) for kind, value in keys]
            bound.why = MADE_ABOVE if self.above.has(spaced) else bound.why
            self.above.add(spaced)
            return
        try:
            async with self.deed.session.begin_nested():
                ids = await self.counterpart.make(self.deed, given)
        except BadInput as problem:
            # The row comes in all the same, and is nobody's yet.
            bound.why = next(iter(problem.fields.values()))
            return
        bound.given[self.counterpart.field] = ids[0]
        bound.made = [Made(self.counterpart.entity, id_) for id_ in ids]
        for key in keys:
            self.found.setdefault(key, set()).add(ids[0])


async def names_of(deed: Deed, entity: str, ids: Collection[int]) -> dict[int, str]:
    """Return what those of these rows are called that the importer may see."""
    if not ids:
        return {}
    described = deed.registry[entity]
    model: Any = described.model
    rows = await deed.session.execute(
        select(model.id, getattr(model, described.title)).where(
            model.id.in_(ids), reached(described, deed.who, "read")
        )
    )
    return {row_id: str(name) for row_id, name in rows}

"""What a list that belongs to each row can do: a contact's numbers, the people of a meeting.

`rows_part` is the usual one, whose items are rows of a table of their own.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.db import Base
from callcenter.server.actor import Actor
from callcenter.server.identity import Identity

if TYPE_CHECKING:
    from callcenter.entity.description import Field


class Part(Protocol):
    """A list that belongs to each row: a contact's numbers, its addresses."""

    name: str
    label: str
    #: What an API client may write of an item.
    shape: type[Any]

    def read_json(self, value: Any) -> list[Any]:
        """Return what an API client wrote. Raises BadInput."""
        ...

    async def load(self, session: AsyncSession, ids: Sequence[int]) -> dict[int, list[Any]]:
        """Return the lists of these rows, as JSON can say them."""
        ...

    async def save(
        self, session: AsyncSession, row: Any, forms: Sequence[Any], at: datetime, by: Actor
    ) -> dict[str, list[Any]]:
        """Bring `forms` into the row's list; return {field: [old, new]}.

        Raises BadInput or ChangedMeanwhile.
        """
        ...


@runtime_checkable
class FormPart(Part, Protocol):
    """A part that is edited in the form of its row, each item in these fields; without any, elsewhere."""

    fields: "tuple[Field, ...]"


@runtime_checkable
class WholePart(Part, Protocol):
    """A part whose forms are all of its list: whoever is not among them is taken out."""

    async def joined(
        self, session: AsyncSession, row: Any, forms: Sequence[Any], before: Sequence[Any]
    ) -> list[Any]:
        """Return the forms with what others have changed since the list was `before`, as the log told it."""
        ...


@runtime_checkable
class CoveredPart(Part, Protocol):
    """A part of which something is covered by what a role says elsewhere, as of contacts."""

    def covered(self, held: Sequence[Any], who: Identity) -> list[Any]:
        """Return a list as `load` tells it, without what `who` may not read."""
        ...


@runtime_checkable
class Undoable(Protocol):
    """A part whose additions an import can take back."""

    def without(self, held: Sequence[Any], gone: Sequence[Any]) -> list[Any]:
        """Return the forms that take `gone`, as the log told it, out of a list as loaded."""
        ...


@runtime_checkable
class Restated(Part, Protocol):
    """A part that says more of a value than what it is, which an import may change and put back."""

    def restated(self, held: Sequence[Any], norm: str, form: Mapping[str, Any]) -> Any | None:
        """Return the form by which a list as loaded says of a value what `form` does; None if it does."""
        ...

    def as_before(
        self, held: Sequence[Any], was: Sequence[Any], became: Sequence[Any]
    ) -> tuple[list[Any], bool]:
        """Return the forms that bring a list as loaded back, and whether that is all of it.

        The other two are as the log told them. What somebody changed since stays.
        """
        ...


@runtime_checkable
class QuickPart(Part, Protocol):
    """A part that can tell the rows of a new row's list without asking the database.

    An import of a million contacts cannot ask for each.
    """

    model: type[Base]

    def rows(
        self, row: Mapping[str, Any], forms: Sequence[Any], at: datetime
    ) -> list[dict[str, Any]]:
        """Return the rows, columns by name, of a list of a new row. Raises BadInput."""
        ...

    def told(self, rows: Sequence[Mapping[str, Any]]) -> list[Any]:
        """Return the list as the audit log tells it."""
        ...

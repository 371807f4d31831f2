"""What an entity hands in so that a file of a million of its rows comes in, and goes again."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.server.actor import Actor


@dataclass(frozen=True, kw_only=True)
class Many:
    """What an import does for all rows of a block at once, and how that is taken back."""

    #: What `saved` does, for new rows: columns by name.
    added: Callable[[AsyncSession, Sequence[Mapping[str, Any]], datetime, Actor], Awaitable[None]]
    #: Takes back what `added` did beyond the rows themselves.
    taken_back: Callable[[AsyncSession, Sequence[int], datetime, Actor], Awaitable[None]]
    #: Which of these rows people have worked with since, so that they have to stay: {id: why}.
    in_use: Callable[[AsyncSession, Sequence[int], datetime], Awaitable[dict[int, str]]]


class Counterpart(Protocol):
    """Whose a row is that an import brings: a row of another entity, found or made by what it says.

    The contact of a lead is one: who has the number or the address that the file gives.
    """

    #: Whose rows they are, and the field that names one.
    entity: str
    field: str
    #: What a form asks who imports: whether those that are not there are made.
    question: str

    def begun(self, given: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return what an imported row says by itself where the file says nothing."""
        ...

    def keys(self, given: Mapping[str, Any]) -> Sequence[tuple[str, str]]:
        """Return by what its counterpart is known."""
        ...

    def named(self, given: Mapping[str, Any]) -> str:
        """Return what one calls a counterpart that is made of a row."""
        ...

    async def find(
        self, session: AsyncSession, keys: Collection[tuple[str, str]]
    ) -> dict[tuple[str, str], set[int]]:
        """Return who has these keys."""
        ...

    async def make(self, deed: Any, given: Mapping[str, Any]) -> Sequence[int]:
        """Make the counterpart of a row, and what it needs; it is the first of the ids. Raises BadInput."""
        ...

    async def needed(self, session: AsyncSession, ids: Sequence[int]) -> dict[int, str]:
        """Return which of these counterparts some row still points to, and why they stay."""
        ...

    async def in_use(self, session: AsyncSession, ids: Sequence[int]) -> dict[int, str]:
        """Return which of these rows of its own people have worked with, and why they stay."""
        ...

    async def taken_back(
        self, session: AsyncSession, rows: Sequence[Any], at: datetime, by: Actor
    ) -> None:
        """Undo what followed at the counterparts from rows that are taken back, in this order."""
        ...

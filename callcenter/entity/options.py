"""Lists that administrators keep: where leads come from, what trade a company is in.

A row refers to an option by its id, so its text can change, in each language, and an option
that is no longer offered stays where it was chosen.
"""

from collections.abc import Mapping

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.entity.models import Option


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """An option as it is offered."""

    id: int
    list: str
    key: str
    label: Mapping[str, str]
    color: str | None = None
    active: bool = True
    #: What it is a part of, and what that is called where that is worth a word.
    of: int | None = None
    within: Mapping[str, str] = {}

    def text(self, language: str) -> str:
        """Return what it is called where it stands among others."""
        above = text_in(self.within, language)
        return f"{above} · {self.own_text(language)}" if above else self.own_text(language)

    def own_text(self, language: str) -> str:
        return text_in(self.label, language) or self.key


def text_in(label: Mapping[str, str], language: str) -> str:
    """Return the text in `language`, else in English, else in any."""
    return label.get(language) or label.get("en") or next(iter(label.values()), "")


async def load(session: AsyncSession) -> dict[str, tuple[Choice, ...]]:
    """Return every list with its options in their order."""
    rows = await session.scalars(
        select(Option).where(Option.deleted_at.is_(None)).order_by(Option.position, Option.id)
    )
    lists: dict[str, tuple[Choice, ...]] = {}
    for row in rows:
        choice = Choice(
            id=row.id, list=row.list, key=row.key, label=row.label, color=row.color,
            active=row.active,
        )  # fmt: skip
        lists[row.list] = (*lists.get(row.list, ()), choice)
    return lists

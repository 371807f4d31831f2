"""Finds common names on PostgreSQL along the index of names.

Its full-text index collects every match before it returns the first one: of five million people a
quarter of a million share a common name, and that takes a quarter of a second. Names are sorted by
their first word, and those that share it by their second. So the distinct first words that begin
like the first word typed are visited one by one, and for each of them the names that continue like
the second. Both orders are tried, given name first and family name first.
"""

from collections.abc import Sequence
from itertools import permutations
from typing import Any, Final

from sqlalchemy import select, text, union_all
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.expression import TextualSelect

from callcenter.crm.contacts.models import Contact

#: So many first words are passed. What is found nowhere among them is rare, and so quickly found
#: by the index of words.
_PASSED: Final = 200

# "!" is the character after the space that ends a word.
_FIND: Final[TextualSelect] = text(
    """
    WITH RECURSIVE first(word) AS (
        (
            SELECT split_part(fold, ' ', 1) FROM contact
            WHERE deleted_at IS NULL AND fold >= :one AND fold < :one_end ORDER BY fold LIMIT 1
        )
        UNION ALL
        SELECT (
            SELECT split_part(fold, ' ', 1) FROM contact
            WHERE deleted_at IS NULL AND fold > (first.word || '!') COLLATE "C" AND fold < :one_end
            ORDER BY fold LIMIT 1
        )
        FROM first WHERE first.word IS NOT NULL
    )
    SELECT found.id, found.fold, found.owner_id, found.last_contact_at
    FROM (SELECT word FROM first WHERE word IS NOT NULL LIMIT :passed) AS one
    CROSS JOIN LATERAL (
        SELECT id, fold, owner_id, last_contact_at FROM contact
        WHERE deleted_at IS NULL AND fold >= (one.word || :other) COLLATE "C"
            AND fold < (one.word || :other_end) COLLATE "C"
        ORDER BY fold LIMIT :most
    ) AS found
    LIMIT :most
    """
).columns(Contact.id, Contact.fold, Contact.owner_id, Contact.last_contact_at)
#: After every letter.
_LAST: Final = "\U0010ffff"


async def named(session: AsyncSession, words: Sequence[str], most: int) -> list[Any]:
    """Return contacts (id, fold, owner_id, last_contact_at) whose first two words begin so."""
    if len(words) not in (1, 2):
        return []
    both = (words[0], words[-1] if len(words) > 1 else "")
    found: dict[int, Any] = {}
    for one, other in dict.fromkeys((both, both[::-1])):
        # A first word alone: whatever follows it.
        after = f" {other}" if other else ""
        rows = await session.execute(
            _FIND,
            {
                "one": one, "one_end": one + _LAST, "other": after, "other_end": after + _LAST,
                "passed": _PASSED, "most": most,
            },
        )  # fmt: skip
        found |= {row.id: row for row in rows}
        if len(found) >= most:
            break
    return list(found.values())[:most]


async def called(session: AsyncSession, words: Sequence[str], most: int) -> Sequence[int]:
    """Return contacts whose first two words are two of these, in either order.

    Of a common name there are enough of them, and the index of words need not be asked: it would
    pass everybody of the rarer word.
    """
    begun = (f"{one} {other}" for one, other in permutations(words, 2))
    # "!" is the character after the space that ends a word.
    ranges = [
        select(Contact.id)
        .where(Contact.deleted_at.is_(None), Contact.fold >= name, Contact.fold < f"{name}!")
        .order_by(Contact.fold)
        .limit(most)
        .subquery()
        .select()
        for name in dict.fromkeys(begun)
    ]
    if not ranges:
        return ()
    return (await session.scalars(union_all(*ranges).limit(most))).all()

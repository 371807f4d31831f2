"""Chains: interactions of one matter, one after the other.

A chain is named by its first interaction; all of it carry its id, the first one too. What is
said in the subject joins nothing: "Re: Offer" of one customer is not that of another.
"""

import re
from collections.abc import Sequence

from sqlalchemy import or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.interactions.access import visible_to
from callcenter.interactions.models import Interaction, Participant
from callcenter.server.identity import Identity

#: So much of a chain is shown; the rest stands in the list of its matter.
SHOWN = 100
#: So many matters are offered to follow.
OFFERED = 8
#: What mail programs put before the subject of an answer, in the languages around us.
_ANSWER = re.compile(
    r"^\s*(?:(?:re|fw|fwd|aw|ynt|cvb|cav|ilt|yön|на|отв|ответ|пересл)(?:\[\d+\])?\s*:\s*)+",
    re.IGNORECASE,
)


def bare(subject: str) -> str:
    """Return a subject without the marks of an answer: "Re: Fwd: Offer" is "Offer"."""
    return _ANSWER.sub("", subject).strip()


async def join(session: AsyncSession, row: Interaction) -> None:
    """Make `row`, and the chain it led, a part of the chain of the one it was told to follow.

    No edit of those rows by a person: their versions stay.
    """
    first = await session.get_one(Interaction, row.thread_id)
    head = first.thread_id or first.id
    of_old_chain = Interaction.thread_id == row.id
    await session.execute(
        update(Interaction)
        .where(or_(Interaction.id.in_((first.id, row.id)), of_old_chain))
        .values(thread_id=head)
        .execution_options(synchronize_session="fetch")
    )


async def of(session: AsyncSession, who: Identity, thread_id: int) -> Sequence[Interaction]:
    """Return what `who` may see of a chain, the oldest first."""
    found = await session.scalars(
        select(Interaction)
        .where(Interaction.thread_id == thread_id, visible_to(who))
        .order_by(Interaction.start_at.desc(), Interaction.id.desc())
        .limit(SHOWN)
    )
    return found.all()[::-1]


async def matters(
    session: AsyncSession, who: Identity, contact_id: int
) -> list[tuple[int, str | None]]:
    """Return the contact's last matters that something may follow: (interaction, subject)."""
    rows = await session.execute(
        select(Interaction.id, Interaction.thread_id, Interaction.subject)
        .join(Participant, Participant.interaction_id == Interaction.id)
        .where(
            Participant.contact_id == contact_id, Interaction.subject.is_not(None), visible_to(who)
        )
        .order_by(Participant.at.desc(), Participant.interaction_id.desc())
        .limit(OFFERED * 3)
    )
    found: dict[int, tuple[int, str | None]] = {}
    for id_, thread_id, subject in rows:
        found.setdefault(thread_id or id_, (thread_id or id_, subject))
    return list(found.values())[:OFFERED]


async def named(
    session: AsyncSession, who: Identity, interaction_id: int
) -> list[tuple[int, str | None]]:
    """Return one interaction as a matter that something may follow, if `who` may see it."""
    rows = await session.execute(
        select(Interaction.id, Interaction.subject).where(
            Interaction.id == interaction_id, visible_to(who)
        )
    )
    return [(id_, subject) for id_, subject in rows]

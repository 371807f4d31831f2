"""Which contacts there are already, for what somebody is typing, the likeliest first.

Only contacts that the asker may see are named. Of others he learns that a number, an address
or a tax id is known, and whom to ask, and nothing more.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.agents.models import User
from callcenter.crm.contacts.access import visible_to
from callcenter.crm.contacts.lines import ContactLine, lines_of
from callcenter.crm.contacts.models import Contact
from callcenter.crm.duplicates.blocking import candidates
from callcenter.crm.duplicates.facts import of_contacts
from callcenter.crm.duplicates.reading import readable
from callcenter.crm.duplicates.score import SHARED, Facts, Reason, Verdict, compare
from callcenter.server.identity import Identity

MOST: Final = 5


@dataclass(frozen=True, slots=True)
class Likeness:
    """A contact that may be the one; `line` is None if the asker may not see it."""

    line: ContactLine | None
    #: Who knows more of it.
    owner_name: str | None
    score: int
    reasons: tuple[Reason, ...]
    #: Whether it is worth to stop and look.
    suggests: bool = False


async def check(
    session: AsyncSession,
    who: Identity,
    facts: Facts,
    *,
    without: int | None = None,
    limit: int = MOST,
) -> list[Likeness]:
    """Return at most `limit` contacts that are like `facts`, the likeliest first."""
    verdicts = await like(session, facts, without=without)
    verdicts = {id_: verdict for id_, verdict in verdicts.items() if verdict.tells}
    mine = await _visible(session, who, list(verdicts))
    ranked = sorted(verdicts, key=lambda id_: (-verdicts[id_].score, id_ not in mine, id_))
    told = [id_ for id_ in ranked if id_ in mine or _of_others(verdicts[id_])][:limit]
    lines = {line.id: line for line in await lines_of(session, [i for i in told if i in mine], who)}
    owners = await _owners(session, told)
    return [
        Likeness(
            lines[id_],
            owners.get(id_),
            verdicts[id_].score,
            readable(verdicts[id_].reasons, who),
            verdicts[id_].suggests,
        )
        if id_ in lines
        else Likeness(None, owners.get(id_), 0, _of_others(verdicts[id_]))
        for id_ in told
    ]


async def like(
    session: AsyncSession, facts: Facts, *, without: int | None = None
) -> dict[int, Verdict]:
    """Return what every contact that may be the one has in common with `facts`."""
    ids = await candidates(session, facts, without=without)
    return {
        contact_id: compare(facts, theirs)
        for contact_id, theirs in (await of_contacts(session, ids)).items()
    }


def _of_others(verdict: Verdict) -> tuple[Reason, ...]:
    """Return what is told of a contact that the asker may not see: what he has in his hands."""
    return tuple(reason for reason in verdict.reasons if reason.code in SHARED)


async def _visible(session: AsyncSession, who: Identity, ids: Sequence[int]) -> frozenset[int]:
    seen = await session.scalars(select(Contact.id).where(Contact.id.in_(ids), visible_to(who)))
    return frozenset(seen)


async def _owners(session: AsyncSession, ids: Sequence[int]) -> dict[int, str]:
    rows = await session.execute(
        select(Contact.id, User.name)
        .join(User, User.id == Contact.owner_id)
        .where(Contact.id.in_(ids))
    )
    return {row.id: row.name for row in rows}

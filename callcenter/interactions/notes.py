"""The note of an interaction: written while people talk, by several of them at times.

A note says which version it was based on. If somebody saved another text meanwhile, the
save is refused with both texts in hand, and nothing is lost. Calls are written by the PBX
link all the time, which never counts as somebody else's edit.
"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.entity import editing
from callcenter.errors import BadInput, NotFound
from callcenter.interactions.access import visible_to
from callcenter.interactions.models import Interaction
from callcenter.server.actor import Actor
from callcenter.server.identity import Identity

LONGEST = 20_000


def _(message: str) -> str:
    return message


TOO_LONG = _("This note is too long. Keep it under 20,000 characters.")


async def find(session: AsyncSession, who: Identity, interaction_id: int) -> Interaction:
    """Return an interaction that `who` may see. Raises NotFound."""
    return await _found(session, who, interaction_id, "read")


async def save(
    session: AsyncSession,
    who: Identity,
    interaction_id: int,
    body: str,
    seen: int | None,
    at: datetime,
    by: Actor,
) -> Interaction:
    """Save a note. Raises NotFound, BadInput, or ChangedMeanwhile with both texts.

    `seen` is the version the text was based on; None overwrites whatever is there.
    """
    if len(body) > LONGEST:
        raise BadInput({"body": TOO_LONG})
    interaction = await _found(session, who, interaction_id, "edit", lock=True)
    text = body.strip() or None
    await editing.save(session, interaction, "interaction", {"body": text}, seen, at, by)
    return interaction


async def _found(
    session: AsyncSession, who: Identity, interaction_id: int, action: str, *, lock: bool = False
) -> Interaction:
    query = select(Interaction).where(Interaction.id == interaction_id, visible_to(who, action))
    found = await session.scalar(query.with_for_update() if lock else query)
    if found is None:
        raise NotFound
    return found

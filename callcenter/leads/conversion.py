"""Ends leads: won, with a customer and the next step planned; or lost, with a reason.

Several leads may be won together, as one piece of work. Every change of a stage takes the same
path, so the process may refuse it; moving a lead back undoes it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.entity import saving
from callcenter.entity.registry import Registry
from callcenter.entity.rights import visible_to
from callcenter.entity.saving import Deed
from callcenter.errors import BadInput
from callcenter.interactions.models import Interaction
from callcenter.interactions.participants import Taking
from callcenter.leads import binding, people
from callcenter.leads.models import Lead
from callcenter.process.engine import Kind
from callcenter.process.pipelines import Pipelines
from callcenter.server.identity import Identity


def _(message: str) -> str:
    return message


NOBODY = _("Say first who it is: choose the contact, or make one.")
SEVERAL = _(
    "Others have this number or this address already. Say on the lead which of them it is, or make "
    "a contact there."
)
NO_STAGE = _("This pipeline has no such end. An administrator can add one.")


def end_of(pipelines: Pipelines, lead: Lead, kind: Kind) -> int:
    """Return the stage in which a lead ends. Raises BadInput if its pipeline has none."""
    pipeline = pipelines.get(lead.pipeline_id)
    ends = pipeline.ends(kind) if pipeline is not None else ()
    if not ends:
        raise BadInput({"": NO_STAGE})
    return ends[0].id


async def win(
    deed: Deed,
    pipelines: Pipelines,
    lead_ids: Sequence[int],
    seen: int | None,
    step: Mapping[str, Any] | None,
) -> list[Lead]:
    """Win these leads, the first one as it was seen in version `seen`; return them.

    Raises NotFound, BadInput or ChangedMeanwhile.
    """
    # Always in the same order, so that two who win the same leads cannot wait for each other.
    rows: dict[int, Lead] = {
        lead_id: await saving.locked(deed, lead_id, "edit") for lead_id in sorted(set(lead_ids))
    }
    first = rows[lead_ids[0]]
    contact_id = first.contact_id or await _there(deed, first) or await _made(deed, first)
    won = []
    for place, lead_id in enumerate(dict.fromkeys(lead_ids)):
        row = rows[lead_id]
        given: dict[str, Any] = {"stage_id": end_of(pipelines, row, "won")}
        if row.contact_id is None:
            given["contact_id"] = contact_id
        won.append(await saving.change(deed, lead_id, given, None if place else seen))
    if step is not None:
        await _plan(deed, won[0], step)
    return won


async def _there(deed: Deed, lead: Lead) -> int | None:
    """Return the contact who has come to be there since the lead came in. Raises BadInput."""
    sure = await binding.whose(deed.session, lead.phone, lead.email)
    asks = {"phone": lead.phone, "email": lead.email}
    if sure is None and any((await binding.owners(deed.session, binding.ways(asks))).values()):
        raise BadInput({"contact_id": SEVERAL})
    return sure


async def _made(deed: Deed, lead: Lead) -> int:
    asks = {name: getattr(lead, name) for name in ("person", "company", "phone", "email")}
    if not any(asks.values()):
        raise BadInput({"contact_id": NOBODY})
    made: int = (await people.make(deed, asks)).id
    return made


async def _plan(deed: Deed, lead: Lead, step: Mapping[str, Any]) -> Interaction:
    taking = Taking(contact_id=lead.contact_id)
    made: Interaction = await saving.create(
        replace(deed, entity=deed.registry["interaction"]),
        {
            **step, "subject": step["subject"] or lead.subject, "status": "planned",
            "lead_id": lead.id, "participants": [taking],
        },
    )  # fmt: skip
    return made


async def others(
    session: AsyncSession, registry: Registry, who: Identity, lead: Lead
) -> Sequence[Lead]:
    """Return the other open leads of the contact, which may be won together with this one."""
    if lead.contact_id is None:
        return []
    rows = await session.scalars(
        select(Lead)
        .where(
            Lead.contact_id == lead.contact_id, Lead.id != lead.id, Lead.closed_at.is_(None),
            visible_to(registry["lead"], who, "edit"),
        )
        .order_by(Lead.created_at.desc())
    )  # fmt: skip
    return rows.all()

"""Stores what was sent by a form, and makes a lead of it.

The submission is stored first, together with a job that makes the lead. So a submission that our
own rules refuse, or that a restart interrupts, is not lost: administrators see it, and can try
again.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter import jobs
from callcenter.db import Database, new_id
from callcenter.db.once import insert_into
from callcenter.entity import saving
from callcenter.entity.reading import Context
from callcenter.entity.registry import Registry
from callcenter.entity.saving import Deed
from callcenter.errors import BadInput
from callcenter.leads.binding import stranger
from callcenter.leads.models import Lead
from callcenter.leads.webforms import reading
from callcenter.leads.webforms.models import FormDay, Submission, WebForm
from callcenter.notices import notices
from callcenter.server.actor import SYSTEM
from callcenter.server.i18n import translate_to
from callcenter.server.identity import Identity

log = structlog.get_logger()

#: The kind of job that makes a lead of a submission, and the one that writes the letter.
KIND: Final = "form-lead"
CONFIRM: Final = "form-confirmation"

_ALL: Final = dict.fromkeys(("create", "read", "edit"), "all")
#: As whom the house itself adds leads: nobody of ours.
HOUSE: Final = Identity(
    user_id=0, name="", login="", role_key="", grants={"lead": _ALL, "contact": _ALL}
)


async def count(session: AsyncSession, form_id: int, day: date, what: str) -> None:
    """Count that a form was shown or sent."""
    row = {"form_id": form_id, "day": day, "shown": 0, "sent": 0, what: 1}
    statement = insert_into(session, FormDay).values(row)
    column: Any = getattr(FormDay, what)
    await session.execute(
        statement.on_conflict_do_update(index_elements=["form_id", "day"], set_={what: column + 1})
    )


async def keep(
    session: AsyncSession, form: WebForm, values: Mapping[str, str], at: datetime, **facts: Any
) -> Submission:
    """Store what was sent, and have a lead made of it; of what a machine sent, none."""
    is_spam = bool(values.get(reading.TRAP))
    row = Submission(
        id=new_id(at.timestamp()), form_id=form.id, at=at, sent=reading.sent(form, values),
        utm=reading.utm(values), status="spam" if is_spam else "kept", **facts,
    )  # fmt: skip
    session.add(row)
    if not is_spam:
        await count(session, form.id, at.date(), "sent")
        await jobs.add(session, KIND, {"submission": row.id}, at, str(row.id))
    return row


class Making:
    """Makes leads of submissions; `zone` and `regions` are how a stranger's words are read."""

    def __init__(
        self,
        database: Database,
        registry: Registry,
        now: Callable[[], datetime],
        regions: Sequence[str],
        zone: str,
    ) -> None:
        self._database, self._registry, self._now = database, registry, now
        self._regions, self._zone = regions, zone

    async def do(self, job: jobs.Job) -> None:
        await self.make(job.payload["submission"])

    async def make(self, submission_id: int) -> int | None:
        """Make the lead, unless there is one; return it. What is refused is said in the submission."""
        try:
            async with self._database.write() as session:
                return await self._made(session, submission_id)
        except BadInput as problem:
            said = "; ".join(
                f"{name}: {translate_to('en', text)}" for name, text in problem.fields.items()
            )
            log.warning("no lead could be made of a web form", submission=submission_id, why=said)
            async with self._database.write() as session:
                row = await session.get_one(Submission, submission_id)
                row.status, row.problem = "failed", said
            return None

    async def _made(self, session: AsyncSession, submission_id: int) -> int | None:
        row = await session.scalar(
            select(Submission).where(Submission.id == submission_id).with_for_update()
        )
        if row is None or row.lead_id is not None or row.status == "spam":
            return row.lead_id if row else None
        form = await session.get_one(WebForm, row.form_id)
        context = Context(self._registry, self._regions, row.language, self._zone)
        given = reading.read(form, row.sent, context)
        deed = Deed(session, self._registry, self._registry["lead"], HOUSE, self._now(), SYSTEM)
        lead: Lead = await saving.create(deed, _given(form, given))
        lead.utm, lead.raw = row.utm, row.sent
        row.lead_id, row.status, row.problem = lead.id, "made", None
        if form.owner_id is not None:
            told = ("lead", lead.id, f"{lead.number} · {lead.subject}")
            await notices.add(
                session,
                [form.owner_id],
                "assigned_lead",
                told,
                None,
                self._now(),
                f"lead.{lead.id}",
            )
        if lead.email and (form.template_id or any(form.confirmation.values())):
            await jobs.add(session, CONFIRM, {"submission": row.id}, self._now(), str(row.id))
        return lead.id


def _given(form: WebForm, given: Mapping[str, Any]) -> dict[str, Any]:
    subject = given.get("subject") or given.get("product") or stranger(given)
    return {
        **given, "channel": "web", "subject": f"{form.name}: {subject}"[:200] if subject else form.name,
        "source_id": form.source_id, "campaign": form.campaign, "owner_id": form.owner_id,
        "team_id": form.team_id, "pipeline_id": form.pipeline_id,
    }  # fmt: skip

"""The demo's rules: one that works, with what it did, and one that waits to be switched on."""

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter import audit
from callcenter.db import new_id
from callcenter.leads.models import Lead
from callcenter.mail.models import MailAccount, Template
from callcenter.rules import shapes
from callcenter.rules.models import Automation, AutomationRun
from callcenter.server.actor import SYSTEM

#: So many leads the rule has run for.
RAN: Final = 6
LARGE: Final = {"all": [{"field": "amount", "op": "more", "value": "5000.00"}]}


async def add(session: AsyncSession, now: datetime) -> None:
    """Add the rules, and the log of the one that runs."""
    account = await session.scalar(select(MailAccount.id).limit(1))
    template = await session.scalar(select(Template.id).where(~Template.is_offer).limit(1))
    large = _rule(
        0, "Böyük sorğular rəhbərə", now, LARGE,
        shapes.SetField(field="interest", value="hot"), shapes.AddTask(subject="Təklif hazırlamaq", whom=shapes.HEAD),
        shapes.Notify(whom=shapes.HEAD),
    )  # fmt: skip
    thanks = _rule(
        1, "Saytdan gələnə təşəkkür", now,
        {"all": [{"field": "channel", "op": "is", "value": "web"}]},
        shapes.SendLetter(template_id=template or 0, account_id=account or 0),
    )  # fmt: skip
    thanks.active = False
    session.add_all((large, thanks))
    await session.flush()
    leads = await session.scalars(
        select(Lead).where(Lead.amount > 500_000).order_by(Lead.created_at.desc()).limit(RAN)
    )
    for lead in leads:
        # Try it out reads of it, too.
        audit.record(
            session, lead.created_at, entity="lead", entity_id=lead.id, action="create",
            diff={"subject": [None, lead.subject]}, notable=True, contact_id=lead.contact_id,
            **SYSTEM,
        )  # fmt: skip
        session.add(_run(large, lead))


def _rule(
    place: int, name: str, now: datetime, condition: dict[str, Any], *actions: shapes.Action
) -> Automation:
    return Automation(
        id=new_id(now.timestamp()), name=name, entity="lead", trigger="created", position=place,
        condition=condition, actions=shapes.written(actions), created_at=now, updated_at=now,
    )  # fmt: skip


def _run(rule: Automation, lead: Lead) -> AutomationRun:
    at = lead.created_at + timedelta(seconds=1)
    return AutomationRun(
        id=new_id(at.timestamp()), automation_id=rule.id, key=f"a{lead.id}", root=f"a{lead.id}",
        entity="lead", entity_id=lead.id, at=at, status="done",
        steps=[{"type": "set", "field": "interest", "changed": True}, {"type": "task"}, {"type": "notify"}],
    )  # fmt: skip

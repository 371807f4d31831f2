"""The demo's leads: some in every stage, with the way that each has come, and who answered when."""

import random
import secrets
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.db import new_id
from callcenter.demo import past
from callcenter.demo.plans import ZONE
from callcenter.entity import numbering, seeds
from callcenter.entity.models import Option
from callcenter.leads.models import Lead
from callcenter.leads.webforms.models import WebForm
from callcenter.process import seeds as process_seeds
from callcenter.process.models import Stage, StageEvent

HOW_MANY: Final = 44
#: (subject, product, amount in minor units)
WANTS: Final = (
    ("Ofis üçün 12 kondisioner", "Kondisioner", 1_450_000),
    ("Anbar üçün rəflər", "Metal rəf", 380_000),
    ("Доставка оборудования в Гянджу", "Доставка", 92_000),
    ("Сервисный договор на год", "Сервис", 640_000),
    ("Yedek parça teklifi", "Yedek parça", 128_000),
    ("Kampanya hakkında bilgi", None, None),
    ("Yeni filial üçün internet", "Internet 100 Mbit", 54_000),
    ("Запрос цены: насосы", "Насос", 275_000),
    ("Bakım anlaşması yenileme", "Bakım", 310_000),
)
STRANGERS: Final = (
    ("Elvin Səfərov", "+994505550141"), ("Мария Котова", "+79165550123"),
    ("Deniz Yıldız", "+905325550162"), ("Lalə Həsənli", "+994555550177"),
)  # fmt: skip
SOURCES: Final = ("site", "call", "recommendation", "social", "exhibition", "advertising")
WAY: Final = ("new", "contacted", "qualified")


async def add(
    session: AsyncSession, known: list[past.Customer], agents: list[past.Agent], now: datetime
) -> None:
    """Add the leads; the lists and the process they need are those of every new installation."""
    await seeds.seed(session, now)
    await process_seeds.seed(session, now)
    dice = random.Random(5)
    stages = {row.key: row for row in await session.scalars(select(Stage))}
    options = {
        (row.list, row.key): row.id
        for row in await session.scalars(select(Option).where(Option.list.in_(("source", "lost_reason"))))
    }  # fmt: skip
    reasons = [id_ for (name, _), id_ in options.items() if name == "lost_reason"]
    for place in range(HOW_MANY):
        at = _at_work(now - timedelta(days=(HOW_MANY - place) * 0.6), dice)
        at = at if at < now else at - timedelta(days=1)
        end = dice.choice(("new", "contacted", "contacted", "qualified", "converted", "lost"))
        end = dice.choice(("new", "new", "contacted")) if place > HOW_MANY - 8 else end
        subject, product, amount = dice.choice(WANTS)
        source = dice.choice(SOURCES)
        lead = Lead(
            id=new_id(at.timestamp()), created_at=at, updated_at=at, subject=subject,
            product=product, amount=amount, currency="AZN" if amount else None,
            number=await numbering.draw(session, "lead", "L-{year}-{n:05}", at, ZONE),
            channel={"site": "web", "call": "call"}.get(source, "other"),
            source_id=options.get(("source", source)), owner_id=dice.choice(agents).user_id,
            interest=dice.choice(("unknown", "cold", "warm", "hot")),
            campaign=dice.choice(("Payız 2026", "Google Ads", None, None)),
            respond_by=at + timedelta(minutes=30),
        )  # fmt: skip
        _asks(lead, place, known, dice)
        if end != "new":
            soon = at + timedelta(minutes=dice.choice((6, 14, 22, 35, 95)))
            lead.first_response_at = min(soon, now)
        if end == "lost":
            lead.lost_reason_id = dice.choice(reasons)
        session.add(lead)
        await session.flush()
        _walk(session, lead, stages, end, now, dice)
    session.add(_form(agents[0], options, now))
    await session.flush()


def _form(agent: past.Agent, options: dict[tuple[str, str], int], now: datetime) -> WebForm:
    """Return the form that stands on the demo company's site."""
    return WebForm(
        id=new_id(now.timestamp()), key="zeng-sifarisi", secret=secrets.token_hex(24),
        name="Zəng sifarişi", version=1, created_at=now, updated_at=now, owner_id=agent.user_id,
        fields=[
            {"name": "person", "required": True}, {"name": "phone", "required": True},
            {"name": "email"}, {"name": "message"},
        ],
        title={
            "az": "Sizə zəng edək", "tr": "Sizi arayalım", "ru": "Мы вам позвоним",
            "en": "We call you",
        },
        confirmation={"az": "Müraciətinizi aldıq.", "ru": "Мы получили ваше обращение."},
        source_id=options.get(("source", "site")),
    )  # fmt: skip


def _asks(lead: Lead, place: int, known: list[past.Customer], dice: random.Random) -> None:
    if place % 9 == 4:
        lead.person, lead.phone = STRANGERS[place // 9 % len(STRANGERS)]
        lead.message = "Xahiş edirəm mənimlə əlaqə saxlayın."
    else:
        lead.contact_id = dice.choice(known[:60]).contact_id


def _walk(
    session: AsyncSession,
    lead: Lead,
    stages: dict[str, Stage],
    end: str,
    now: datetime,
    dice: random.Random,
) -> None:
    """Let the lead go the stages up to its end."""
    way = [*WAY[: WAY.index(end)], end] if end in WAY else [*WAY[: dice.randint(1, 3)], end]
    at, before = lead.created_at, None
    for key in way:
        stage = stages[key]
        session.add(_event(lead, before, stage, at))
        lead.pipeline_id, lead.stage_id, lead.stage_at = stage.pipeline_id, stage.id, at
        lead.updated_at = at
        lead.closed_at = at if stage.kind != "open" else None
        before = stage
        at = min(at + timedelta(hours=dice.uniform(2, 60)), now)
    if lead.closed_at is None:
        lead.next_action_at = _at_work(now + timedelta(hours=dice.randint(-20, 90)), dice)


def _at_work(moment: datetime, dice: random.Random) -> datetime:
    """Return a moment of the same day at which an office is open."""
    day = moment.astimezone(ZONE).replace(hour=9, minute=0, second=0, microsecond=0)
    return (day + timedelta(minutes=5 * dice.randrange(108))).astimezone(moment.tzinfo)


def _event(lead: Lead, before: Stage | None, stage: Stage, at: datetime) -> StageEvent:
    facts: dict[str, Any] = {"amount": lead.amount, "currency": lead.currency}
    return StageEvent(
        id=new_id(at.timestamp()), entity="lead", entity_id=lead.id, pipeline_id=stage.pipeline_id,
        from_stage_id=before.id if before else None, to_stage_id=stage.id, at=at,
        user_id=lead.owner_id, **facts,
    )  # fmt: skip

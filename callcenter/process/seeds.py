"""The pipelines of a new installation. One that ever was there stays as its administrators keep it."""

from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.db import new_id
from callcenter.process.models import Pipeline, Stage

LANGUAGES: Final = ("az", "tr", "ru", "en")


class StageSeed(NamedTuple):
    key: str
    names: tuple[str, str, str, str]
    kind: str = "open"
    probability: int = 0
    max_days: int | None = None
    color: str | None = None


class Seed(NamedTuple):
    entity: str
    key: str
    names: tuple[str, str, str, str]
    respond_within_min: int
    stages: tuple[StageSeed, ...]


SEEDS: Final = (
    Seed(
        "lead", "inquiries", ("Müraciətlər", "Talepler", "Обращения", "Inquiries"), 30,
        (
            StageSeed("new", ("Yeni", "Yeni", "Новое", "New"), probability=10, max_days=1, color="blue"),
            StageSeed("contacted", ("Əlaqə saxlanıldı", "Görüşüldü", "Связались", "Contacted"), probability=25, max_days=3, color="teal"),
            StageSeed("qualified", ("Maraq təsdiqlənib", "Nitelikli", "Интерес подтверждён", "Qualified"), probability=50, max_days=7, color="yellow"),
            StageSeed("converted", ("Müştəri oldu", "Müşteri oldu", "Стал клиентом", "Became a customer"), "won", 100, color="green"),
            StageSeed("lost", ("İtirildi", "Kaybedildi", "Потеряно", "Lost"), "lost", 0, color="red"),
        ),
    ),
)  # fmt: skip


async def seed(session: AsyncSession, at: datetime) -> None:
    """Add the pipelines of entities that never had one."""
    known = set(await session.scalars(select(Pipeline.entity).distinct()))
    for each in SEEDS:
        if each.entity in known:
            continue
        pipeline = Pipeline(
            id=new_id(at.timestamp()), entity=each.entity, key=each.key,
            name=dict(zip(LANGUAGES, each.names, strict=True)),
            respond_within_min=each.respond_within_min, created_at=at, updated_at=at,
        )  # fmt: skip
        session.add(pipeline)
        await session.flush()
        for place, stage in enumerate(each.stages):
            session.add(
                Stage(
                    id=new_id(at.timestamp()),
                    pipeline_id=pipeline.id,
                    key=stage.key,
                    name=dict(zip(LANGUAGES, stage.names, strict=True)),
                    position=place,
                    kind=stage.kind,
                    probability=stage.probability,
                    max_days=stage.max_days,
                    color=stage.color,
                    created_at=at,
                    updated_at=at,
                )
            )
    await session.flush()

"""What a layout would add to what there is, and adding it.

What is called so already, in any language, is there: nothing is overwritten or doubled, and to add
a layout twice adds nothing the second time. Stages join a pipeline of leads that nobody has changed.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final, Literal, NamedTuple

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter import audit
from callcenter.company import kept
from callcenter.company.industries.shapes import Choice, Layout, OwnField, StageOf, Texts, label
from callcenter.db import new_id
from callcenter.entity import custom, options, tags
from callcenter.entity.admin import fields
from callcenter.entity.admin import options as lists
from callcenter.entity.models import Tag
from callcenter.entity.registry import Registry
from callcenter.process import seeds
from callcenter.process.admin import deeds
from callcenter.process.admin.forms import StageForm
from callcenter.process.models import Pipeline, Stage
from callcenter.server.actor import Actor

KEY: Final = "industries"

Kind = Literal["options", "fields", "stages", "tags"]
Item = Choice | OwnField | StageOf | Texts


class Industries(msgspec.Struct, frozen=True, kw_only=True):
    """What was added of which layout: {layout: {kind: ids}}."""

    added: dict[str, dict[str, list[int]]] = {}


class Part(NamedTuple):
    """What a layout has for one place: a list, an entity, a pipeline, the tags."""

    kind: Kind
    #: The list, the entity, the pipeline's id.
    of: str
    new: Sequence[Item]
    there: Sequence[Item]
    #: What is not added although it is not there: the pipeline is the company's own by now.
    apart: Sequence[Item] = ()


class Maker(NamedTuple):
    """Who adds, when, in which language tags are named."""

    session: AsyncSession
    registry: Registry
    language: str
    at: datetime
    by: Actor


async def plan(session: AsyncSession, layout: Layout) -> list[Part]:
    """Return what the layout has for each place, parted into what is new and what is there."""
    known, own = await options.load(session), await custom.load(session)
    parts = [
        _part("options", key, of, (choice.label for choice in known.get(key, ())))
        for key, of in layout.options.items()
    ]
    for entity in dict.fromkeys(field.entity for field in layout.fields):
        of = [field for field in layout.fields if field.entity == entity]
        parts.append(_part("fields", entity, of, (field.labels for field in own.get(entity, ()))))
    words = set(await session.scalars(select(Tag.fold)))
    there = [each for each in layout.tags if words & {tags.fold(text) for text in each}]
    tagging = Part("tags", "", [each for each in layout.tags if each not in there], there)
    return [*parts, *await _stages(session, layout), tagging]


async def add(
    session: AsyncSession,
    registry: Registry,
    layout: Layout,
    language: str,
    at: datetime,
    by: Actor,
) -> int:
    """Add what is not there yet; return how many things that are."""
    sheet = await kept.locked(session, KEY, Industries, at)
    maker = Maker(session, registry, language, at, by)
    ids = {kind: list(of) for kind, of in sheet.added.get(layout.key, {}).items()}
    count = 0
    for part in await plan(session, layout):
        for item in part.new:
            ids.setdefault(part.kind, []).append(await _add(maker, part.of, item))
            count += 1
    await remember(session, sheet, layout.key, ids, at, by)
    return count


async def remember(
    session: AsyncSession,
    sheet: Industries,
    layout: str,
    ids: Mapping[str, list[int]],
    at: datetime,
    by: Actor,
) -> None:
    """Keep what there is of a layout; nothing is left of one without ids."""
    rest = {key: added for key, added in sheet.added.items() if key != layout}
    added = rest | ({layout: dict(ids)} if any(ids.values()) else {})
    await kept.change(session, KEY, Industries(added=added), None, at, by)


async def _stages(session: AsyncSession, layout: Layout) -> list[Part]:
    """Return what joins the pipeline of leads that was delivered; nothing if it was taken away."""
    seed = next(each for each in seeds.SEEDS if each.entity == "lead")
    row = await session.scalar(
        select(Pipeline).where(
            Pipeline.entity == seed.entity, Pipeline.key == seed.key, Pipeline.deleted_at.is_(None)
        )
    )
    if row is None:
        return []
    stages = await deeds.stages_of(session, row.id)
    part = _part("stages", str(row.id), layout.stages, (stage.name for stage in stages))
    if row.version == 1 and _untouched(stages, seed):
        return [part]
    return [part._replace(new=(), apart=part.new)]


def _untouched(stages: Sequence[Stage], seed: seeds.Seed) -> bool:
    delivered = [stage.key for stage in seed.stages]
    return [stage.key for stage in stages] == delivered and all(row.version == 1 for row in stages)


def _part(
    kind: Kind,
    of: str,
    items: Sequence[Choice | OwnField | StageOf],
    labels: Iterable[Mapping[str, str]],
) -> Part:
    known = {(code, text.casefold()) for each in labels for code, text in each.items()}
    there = [item for item in items if _spoken(item.texts) & known]
    return Part(kind, of, [item for item in items if item not in there], there)


def _spoken(texts: Texts) -> set[tuple[str, str]]:
    return {(code, text.casefold()) for code, text in label(texts).items()}


async def _add(maker: Maker, of: str, item: Item) -> int:
    """Add one thing; return its id."""
    match item:
        case Choice():
            return await _add_option(maker, of, item)
        case OwnField():
            return await _add_field(maker, item)
        case StageOf():
            return await _add_stage(maker, int(of), item)
        case _:
            return await _add_tag(maker, label(item)[maker.language])


async def _add_option(maker: Maker, key: str, choice: Choice) -> int:
    form = lists.OptionForm(label=label(choice.texts), color=choice.color)
    row = await lists.add(maker.session, key, form, maker.language, maker.at, maker.by)
    return row.id


async def _add_field(maker: Maker, field: OwnField) -> int:
    form = fields.FieldForm(label=label(field.texts), type=field.type, searchable=field.searchable)
    row = await fields.add(
        maker.session, maker.registry, maker.registry[field.entity], form, maker.language,
        maker.at, maker.by,
    )  # fmt: skip
    for texts in field.choices:
        await _add_option(maker, custom.list_of(row.entity, row.key), Choice(texts))
    return row.id


async def _add_stage(maker: Maker, pipeline_id: int, stage: StageOf) -> int:
    form = StageForm(
        label=label(stage.texts), kind="open", color=stage.color, probability=stage.probability,
        max_days=stage.max_days,
    )  # fmt: skip
    return (await deeds.add_stage(maker.session, pipeline_id, form, maker.at, maker.by)).id


async def _add_tag(maker: Maker, name: str) -> int:
    row = Tag(id=new_id(maker.at.timestamp()), name=name, fold=tags.fold(name))
    maker.session.add(row)
    audit.record(
        maker.session, maker.at, entity="tag", entity_id=row.id, action="create",
        diff={"name": [None, name]}, **maker.by,
    )  # fmt: skip
    await maker.session.flush()
    return row.id

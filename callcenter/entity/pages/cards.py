"""A row by itself: what it says, and the way into the trash and back.

Templates: records/card.html (entity, row, title, groups [(heading, [(label, text, field, value)])],
lists [List], may_edit, may_delete) and records/list.html for the trash.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.entity import listing, saving
from callcenter.entity.description import Entity, Field, value_of
from callcenter.entity.keys import ENTITIES
from callcenter.entity.listing import MOST_COUNTED
from callcenter.entity.pages.asked import asker_of, blank
from callcenter.entity.pages.gone import GONE, mark
from callcenter.entity.pages.lists import head, masked_fields
from callcenter.entity.pages.part_rows import held
from callcenter.entity.parts import FormPart
from callcenter.entity.registry import label_in
from callcenter.entity.requests import deed_of, tell
from callcenter.entity.rights import is_reached, masked, part_access, visible_to
from callcenter.entity.showing import Showing
from callcenter.errors import NotFound
from callcenter.server.body import path_id, read_form, seen_version
from callcenter.server.i18n import language_of, translate_to
from callcenter.server.identity import Identity, require
from callcenter.server.keys import DATABASE
from callcenter.server.pages import redirect, render, zone_of


@dataclass(frozen=True, slots=True)
class Fact:
    field: Field
    label: str
    text: str
    value: Any


@dataclass(frozen=True, slots=True)
class List:
    """A part of a row in words: what stands in each field of each item."""

    label: str
    headings: list[str]
    rows: list[list[str]]


@dataclass(frozen=True, slots=True)
class Told:
    """A row in words, as far as its reader may see it."""

    row: Any
    title: str
    #: Under each heading, the facts.
    groups: list[tuple[str, list[Fact]]]
    lists: list[List]
    showing: Showing
    may_edit: bool
    may_delete: bool


async def tell_of(
    request: web.Request, session: AsyncSession, entity: Entity, who: Identity, row_id: int
) -> Told:
    """Return what a card tells of a row. Raises NotFound."""
    model: Any = entity.model
    asker, registry = asker_of(request, who), request.app[ENTITIES]
    now = blank(registry, entity, asker)
    row = await session.scalar(select(model).where(model.id == row_id, visible_to(entity, who)))
    if row is None:
        raise NotFound
    values = await _values(session, row, now.fields)
    covered = masked_fields(now, who)
    told = [(field, values[name]) for name, field in now.fields.items() if name not in covered]
    language = language_of(request)
    showing = await Showing(registry, language, zone_of(request)).naming(session, told, who)
    facts = [
        Fact(
            field, label_in(field, language),
            masked(values[name]) if name in covered else showing.text(field, values[name]),
            None if name in covered else values[name],
        )
        for name, field in now.fields.items()
        if name != entity.title
    ]  # fmt: skip
    return Told(
        row, listing.title_of(entity, asker, row), _grouped(facts, language),
        await _lists(session, entity, row, showing, who), showing,
        await is_reached(session, entity, who, "edit", row.id),
        await is_reached(session, entity, who, "delete", row.id),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cards:
    """The handlers of one entity."""

    entity: Entity

    def routes(self) -> list[web.RouteDef]:
        many = f"/{self.entity.plural}"
        one = many + r"/{id:\d+}"
        return [
            web.get(one, self.show),
            web.post(f"{one}/delete", self.delete),
            web.post(f"{one}/restore", self.restore),
            web.get(f"{many}/trash", self.trash),
        ]

    async def show(self, request: web.Request) -> web.Response:
        who = require(request, self.entity.name, "read")
        async with request.app[DATABASE].read() as session:
            told = await tell_of(request, session, self.entity, who, path_id(request))
        return render(
            request, "records/card.html", entity=self.entity, row=told.row, title=told.title,
            groups=told.groups, lists=told.lists, showing=told.showing, may_edit=told.may_edit,
            may_delete=told.may_delete,
        )  # fmt: skip

    async def delete(self, request: web.Request) -> web.Response:
        require(request, self.entity.name, "delete")
        async with request.app[DATABASE].write() as session:
            deed = deed_of(request, session, self.entity)
            row = await saving.set_aside(deed, path_id(request))
        tell(request, self.entity, row)
        return redirect(request, f"/{self.entity.plural}?{GONE}={mark(row)}")

    async def restore(self, request: web.Request) -> web.Response:
        require(request, self.entity.name, "delete")
        seen = seen_version(await read_form(request))
        async with request.app[DATABASE].write() as session:
            deed = deed_of(request, session, self.entity)
            row = await saving.restore(deed, path_id(request), seen)
        tell(request, self.entity, row)
        return redirect(request, f"/{self.entity.plural}/{row.id}")

    async def trash(self, request: web.Request) -> web.Response:
        """What was set aside, to be brought back."""
        who = require(request, self.entity.name, "delete")
        asker, registry = asker_of(request, who), request.app[ENTITIES]
        now, after = blank(registry, self.entity, asker), request.query.get("after")
        wanted = now.wanted(trash=True)
        async with request.app[DATABASE].read() as session:
            page = await listing.page(session, registry, self.entity, asker, wanted, after)
            showing = Showing(registry, language_of(request), zone_of(request), page.names)
            facts: dict[str, Any] = {
                "entity": self.entity, "asked": now, "lines": page.lines, "after": page.after,
                "columns": [now.fields[name] for name in now.columns], "showing": showing,
                "masked": masked_fields(now, who), "trash": True,
            }  # fmt: skip
            if after:
                return render(request, "records/rows.html", **facts)
            count = await listing.count(session, registry, self.entity, asker, wanted)
            above = await head(request, session, now, who)
        return render(
            request, "records/list.html", **facts, **above, count=min(count, MOST_COUNTED),
            capped=count > MOST_COUNTED, editor=None, tab="trash", number="",
        )  # fmt: skip


async def _values(session: Any, row: Any, fields: Mapping[str, Field]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, described in fields.items():
        if described.virtual is not None:
            values[name] = (await described.virtual.load(session, [row.id])).get(row.id)
        else:
            values[name] = value_of(row, name)
    return values


async def _lists(
    session: AsyncSession, entity: Entity, row: Any, showing: Showing, who: Identity
) -> list[List]:
    """Return the parts whose fields are described, as far as `who` may see them."""
    told = []
    for part in entity.parts:
        level = part_access(entity, part, who)
        if not isinstance(part, FormPart) or not part.fields or level == "hidden":
            continue
        items = [
            [held(field, item[field.name]) for field in part.fields]
            for item in (await part.load(session, [row.id])).get(row.id, [])
        ]
        pairs = [pair for item in items for pair in zip(part.fields, item, strict=True)]
        words = await showing.naming(session, pairs, who)
        rows = [
            [words.text(field, value) for field, value in zip(part.fields, item, strict=True)]
            for item in items
        ]
        headings = [label_in(field, showing.language) for field in part.fields]
        told.append(
            List(
                translate_to(showing.language, part.label), headings,
                masked(rows) if level == "masked" else rows,
            )
        )  # fmt: skip
    return told


def _grouped(facts: list[Fact], language: str) -> list[tuple[str, list[Fact]]]:
    groups: dict[str, list[Fact]] = {}
    for fact in facts:
        field = fact.field
        heading = field.group if field.is_custom else translate_to(language, field.group)
        groups.setdefault(heading, []).append(fact)
    return list(groups.items())

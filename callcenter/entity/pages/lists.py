"""The list of an entity: its rows, its filter, its columns, the search.

Template records/list.html, and records/rows.html for the rows that follow `after`: entity, asked,
lines [Line], columns [Field], showing, after, count (None if it is not counted), capped, words
[Said], views, editor (records/editor.html) or None, sorts, wrong, tab, sums {field: amount}. A list
in sections has `sections` [Section] and `rest`, where the next ones begin; records/groups.html
shows those.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter import phone
from callcenter.db import plain_text
from callcenter.entity import filters, listing, views, wording
from callcenter.entity.description import Condition, Entity, Field
from callcenter.entity.keys import ENTITIES
from callcenter.entity.listing import MOST_COUNTED, PAGE_ROWS, Page, Wanted
from callcenter.entity.nesting import MOST_DEEP, Filter, place_of
from callcenter.entity.pages import inputs
from callcenter.entity.pages.asked import Asked, asked, asker_of, begin_columns
from callcenter.entity.pages.editor import Editor, editor_of
from callcenter.entity.pages.gone import gone
from callcenter.entity.pages.sections import Sections, money
from callcenter.entity.registry import label_in
from callcenter.entity.requests import context_of
from callcenter.entity.rights import access
from callcenter.entity.showing import Names, Showing, names_of
from callcenter.errors import BadInput
from callcenter.letters import plain, small
from callcenter.server.body import number_in
from callcenter.server.errors import sentences
from callcenter.server.i18n import language_of
from callcenter.server.identity import Identity, require
from callcenter.server.keys import DATABASE
from callcenter.server.pages import redirect, render, zone_of

#: A search shows so many at most: the likeliest.
MOST_FOUND = 200
MOST_PICKED = 10
#: A list in sections shows so many of them at first, and so many rows of each.
MOST_GROUPS = 30
ROWS_OF_A_GROUP = 10


@dataclass(frozen=True, slots=True)
class Lists:
    """The handlers of one entity."""

    entity: Entity

    def routes(self) -> list[web.RouteDef]:
        many = f"/{self.entity.plural}"
        return [
            web.get(many, self.show),
            web.get(f"{many}/filter", self.edit_filter),
            web.get(f"{many}/pick", self.pick),
        ]

    async def show(self, request: web.Request) -> web.Response:
        who = require(request, self.entity.name, "read")
        async with request.app[DATABASE].read() as session:
            now = await asked(request, session, self.entity, who)
            editor: Editor | None = None
            if "field" in request.query:
                try:
                    added = editor_condition(request, now, who)
                    return redirect(request, added.url())
                except BadInput as problem:
                    editor = await editor_of(request, session, now, who, problem)
            elif "chosen" in request.query:
                return redirect(request, _with_columns(request, now).url())
            return await self._page(request, session, now, who, editor)

    async def edit_filter(self, request: web.Request) -> web.Response:
        """One line of the filter, to be filled in."""
        who = require(request, self.entity.name, "read")
        async with request.app[DATABASE].read() as session:
            now = await asked(request, session, self.entity, who)
            editor = await editor_of(request, session, now, who)
        language, registry = language_of(request), request.app[ENTITIES]
        return render(
            request, "records/filter.html", entity=self.entity, asked=now, editor=editor,
            filterable=list(filters.filterable(registry, self.entity, who).values()),
            label=lambda described: label_in(described, language),
            group={name: request.query[name] for name in ("into", "anew") if name in request.query},
        )  # fmt: skip

    async def pick(self, request: web.Request) -> web.Response:
        """Records that may be meant by what is typed into a field that refers to one."""
        who = require(request, self.entity.name, "read")
        typed = request.query.get("q", "").strip()
        async with request.app[DATABASE].read() as session:
            found = await inputs.picked(session, self.entity, who, typed, MOST_PICKED)
        return render(request, "records/picks.html", found=found)

    async def _page(
        self,
        request: web.Request,
        session: AsyncSession,
        now: Asked,
        who: Identity,
        editor: Editor | None,
    ) -> web.Response:
        registry, asker = request.app[ENTITIES], asker_of(request, who)
        wanted = await searched(session, now, who)
        after = request.query.get("after")
        if now.group and not now.wrong:
            return await self._groups(request, session, now, who, wanted, editor)
        page = Page([])
        if not now.wrong:
            page = await listing.page(
                session, registry, self.entity, asker, wanted, after, PAGE_ROWS
            )
            page = in_order(page, wanted)
        facts: dict[str, Any] = {
            "entity": self.entity, "asked": now, "lines": page.lines, "after": page.after,
            "columns": [now.fields[name] for name in now.columns],
            "showing": _showing(request, page.names),
            "masked": masked_fields(now, who), "trash": False,
        }  # fmt: skip
        if after:
            return render(request, "records/rows.html", **facts)
        count, sums = await listing.totals(
            session, registry, self.entity, asker, wanted, money(now)
        )
        return render(
            request, "records/list.html", **facts, **await head(request, session, now, who),
            count=min(count, MOST_COUNTED), capped=count > MOST_COUNTED, editor=editor, tab="list",
            number=self._number(request, now), sums=sums,
        )  # fmt: skip

    async def _groups(
        self,
        request: web.Request,
        session: AsyncSession,
        now: Asked,
        who: Identity,
        wanted: Wanted,
        editor: Editor | None,
    ) -> web.Response:
        """The list in sections: some of them with their first rows, or the next rows of one."""
        registry, asker, query = request.app[ENTITIES], asker_of(request, who), request.query
        sections = Sections(self.entity, now.groups[now.group], request, who, money(now))
        facts: dict[str, Any] = {
            "entity": self.entity, "asked": now, "masked": masked_fields(now, who), "trash": False,
            "columns": [now.fields[name] for name in now.columns],
        }  # fmt: skip
        if "section" in query:
            after, value = query.get("after"), query["section"]
            part = await sections.more(session, wanted, value, after, PAGE_ROWS)
            return render(
                request, "records/rows.html", **facts, showing=_showing(request, part.page.names),
                lines=part.lines, after=part.page.after, section=value,
            )  # fmt: skip
        values = await sections.values(session)
        begin = min(number_in(query, "from") or 0, len(values))
        shown = [
            await sections.one(session, wanted, value, label, ROWS_OF_A_GROUP)
            for value, label in values[begin : begin + MOST_GROUPS]
        ]
        names = {key: name for part in shown for key, name in part.page.names.items()}
        facts |= {
            "showing": _showing(request, names), "sections": [part for part in shown if part.count],
            "rest": begin + MOST_GROUPS if begin + MOST_GROUPS < len(values) else 0,
        }  # fmt: skip
        if begin:
            return render(request, "records/groups.html", **facts)
        count, sums = await listing.totals(
            session, registry, self.entity, asker, wanted, money(now)
        )
        return render(
            request, "records/list.html", **facts, **await head(request, session, now, who),
            count=min(count, MOST_COUNTED), capped=count > MOST_COUNTED, editor=editor, tab="list",
            number=self._number(request, now), lines=[], after=None,
            sums=sums,
        )  # fmt: skip

    def _number(self, request: web.Request, now: Asked) -> str:
        """Return what was typed if it is a number that can be dialled, else nothing."""
        if not any(each.type == "phone" for each in now.fields.values()):
            return ""
        number = phone.read(now.typed, context_of(request).regions)
        return number.norm if number.kind == "e164" else ""


def _showing(request: web.Request, names: Names) -> Showing:
    return Showing(request.app[ENTITIES], language_of(request), zone_of(request), names)


async def head(
    request: web.Request, session: AsyncSession, now: Asked, who: Identity
) -> dict[str, Any]:
    """Return what stands above a list, a board and a calendar alike."""
    registry, language = request.app[ENTITIES], language_of(request)
    names = await names_of(session, registry, wording.referred(now.filter, now.fields), who)
    showing = Showing(registry, language, zone_of(request), names)
    kept = await views.seen_by(session, who, now.entity.name)
    return {
        "words": wording.words(now.filter, now.fields, showing),
        "views": kept,
        "changeable": {view.id for view in kept if views.may_change(view, who)},
        "wrong": sorted(set(sentences(request, BadInput(dict(now.wrong))).values())),
        "filterable": list(filters.filterable(registry, now.entity, who).values()),
        "label": lambda described: label_in(described, language),
        "gone": await gone(request, session, now.entity, who),
    }


async def searched(session: AsyncSession, now: Asked, who: Identity) -> Wanted:
    """Return which rows are wanted, those that the search box finds if somebody typed into it."""
    wanted = now.wanted()
    if not now.typed:
        return wanted
    entity: Any = now.entity
    if entity.search is not None:
        ids = await entity.search(session, who, now.typed, MOST_FOUND)
        return replace(wanted, ids=tuple(ids[:MOST_FOUND]))
    title = plain_text(getattr(entity.model, entity.title))
    return replace(wanted, also=title.contains(plain(small(now.typed)), autoescape=True))


def in_order(page: Page, wanted: Wanted) -> Page:
    """Return what a search found in its own order, the likeliest first."""
    if wanted.ids is None:
        return page
    place = {row_id: n for n, row_id in enumerate(wanted.ids)}
    return replace(page, lines=sorted(page.lines, key=lambda line: place[line.id]))


def masked_fields(now: Asked, who: Identity) -> set[str]:
    return {
        name
        for name, described in now.fields.items()
        if access(now.entity, described, who) == "masked"
    }


def editor_condition(request: web.Request, now: Asked, who: Identity) -> Asked:
    """Return the list with the condition that somebody filled in. Raises BadInput."""
    query, registry = request.query, request.app[ENTITIES]
    fields: Mapping[str, Field] = filters.filterable(registry, now.entity, who)
    values: Sequence[str] = [text.strip() for text in query.getall("value", []) if text.strip()]
    condition = filters.typed(
        query["field"], query.get("op", ""), values, fields, context_of(request)
    )
    return replace(now, filter=_put(now.filter, query, condition))


def _put(wanted: Filter, query: Mapping[str, str], condition: Condition) -> Filter:
    """Return the filter with a condition in the place of another, or in a group, maybe a new one."""
    place = place_of(query.get("place", ""))
    if place and isinstance(wanted.at(place), Condition):
        return wanted.put(place, condition)
    into = place_of(query.get("into", "")) or ()
    group = wanted.at(into)
    if not isinstance(group, Filter):
        into, group = (), wanted
    if "anew" in query and group and len(into) + 1 < MOST_DEEP:
        return wanted.put(into, group + Filter((condition,), any=not group.any))
    return wanted.put(into, group + condition)


def _with_columns(request: web.Request, now: Asked) -> Asked:
    chosen = [name for name in request.query.getall("chosen") if name in now.fields]
    return replace(
        now, columns=tuple(dict.fromkeys(chosen)) or begin_columns(now.entity, now.fields)
    )

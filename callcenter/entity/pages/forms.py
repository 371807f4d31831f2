"""The form of a row: adding one, changing one.

Template records/form.html: entity, row (None if it is new), title, groups [(heading, [Input])],
parts [part_rows.Shown], errors {field: sentence}, clashes {field: Clash}, version, back.

When two people changed the same field, the form comes back with the other's text beside one's
own, and asks which is to stay; what the other changed elsewhere is taken over.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from aiohttp import web
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.entity import editing, saving
from callcenter.entity.description import Entity, Field, value_of
from callcenter.entity.editing import plain
from callcenter.entity.keys import ENTITIES
from callcenter.entity.listing import title_of
from callcenter.entity.pages import clashes, inputs, part_rows
from callcenter.entity.pages.asked import asker_of
from callcenter.entity.pages.inputs import Input
from callcenter.entity.pages.part_rows import TAKE, Sent
from callcenter.entity.parts import FormPart
from callcenter.entity.registry import label_in
from callcenter.entity.requests import context_of, deed_of, tell
from callcenter.entity.rights import access, visible_to
from callcenter.errors import BadInput, ChangedMeanwhile, NotFound, Problem
from callcenter.server.body import MISSING, path_id, seen_version, sent_form
from callcenter.server.errors import sentence, sentences
from callcenter.server.i18n import language_of, translate_to
from callcenter.server.identity import Identity, require
from callcenter.server.keys import DATABASE
from callcenter.server.pages import redirect, render

#: Says of which part the form is to have one more line.
MORE = "more"


@dataclass(frozen=True, slots=True)
class Clash:
    """What somebody else wrote into a field meanwhile."""

    who: str
    theirs: str


@dataclass(slots=True)
class Shown:
    """What stands in the form."""

    texts: Mapping[str, Sequence[str]]
    errors: dict[str, str] = field(default_factory=dict)
    clashes: dict[str, Clash] = field(default_factory=dict)
    version: int | None = None
    status: int = 200
    #: What was sent of each part; of one that was not sent, nothing.
    parts: dict[str, Sent] = field(default_factory=dict)
    #: Whether one more line was asked for, and nothing is to be saved yet.
    wants_more: bool = False


@dataclass(frozen=True, slots=True)
class Forms:
    """The handlers of one entity."""

    entity: Entity

    def routes(self) -> list[web.RouteDef]:
        many = f"/{self.entity.plural}"
        return [
            web.get(f"{many}/new", self.new),
            web.post(many, self.create),
            web.get(f"{many}/{{id:\\d+}}/edit", self.edit),
            web.post(f"{many}/{{id:\\d+}}/edit", self.change),
        ]

    async def new(self, request: web.Request) -> web.Response:
        who = require(request, self.entity.name, "create")
        fields = self._fields(request, who)
        texts = {name: request.query.getall(name) for name in fields if name in request.query}
        return await self._page(request, who, None, Shown(texts))

    async def create(self, request: web.Request) -> web.Response:
        who = require(request, self.entity.name, "create")
        given, shown = await self._read(request, who)
        if shown.errors or shown.wants_more:
            return await self._page(request, who, None, shown)
        try:
            async with request.app[DATABASE].write() as session:
                row = await saving.create(deed_of(request, session, self.entity), given)
        except BadInput as problem:
            self._refused(request, who, shown, problem)
            return await self._page(request, who, None, shown)
        tell(request, self.entity, row)
        return redirect(request, f"/{self.entity.plural}/{row.id}")

    async def edit(self, request: web.Request) -> web.Response:
        who = require(request, self.entity.name, "edit")
        row = await self._found(request, who)
        fields = self._fields(request, who)
        values = {name: value_of(row, name) for name in fields}
        texts = inputs.texts_of(fields.values(), values, context_of(request))
        shown = Shown(texts, version=row.version)
        async with request.app[DATABASE].read() as session:
            for part in part_rows.parts_of(self.entity, who):
                items = await _items(session, part, row)
                shown.parts[part.name] = Sent(part_rows.lines_of(part, items, context_of(request)))
        return await self._page(request, who, row, shown)

    async def change(self, request: web.Request) -> web.Response:
        who = require(request, self.entity.name, "edit")
        row = await self._found(request, who)
        given, shown = await self._read(request, who)
        if shown.errors or shown.wants_more:
            return await self._page(request, who, row, shown)
        try:
            async with request.app[DATABASE].write() as session:
                deed = deed_of(request, session, self.entity)
                row = await saving.change(deed, row.id, given, shown.version)
        except BadInput as problem:
            self._refused(request, who, shown, problem)
            return await self._page(request, who, row, shown)
        except ChangedMeanwhile as problem:
            row = await self._found(request, who)
            await self._compare(request, who, row, given, shown, problem)
            return await self._page(request, who, row, shown)
        tell(request, self.entity, row)
        return redirect(request, f"/{self.entity.plural}/{row.id}")

    # ------------------------------------------------------------ what was sent

    def _fields(self, request: web.Request, who: Identity) -> dict[str, Field]:
        """Return the fields that a form of this person has."""
        return {
            name: described
            for name, described in request.app[ENTITIES].fields(self.entity.name).items()
            if described.on_form
            and described.virtual is None
            and access(self.entity, described, who) == "write"
        }

    async def _read(self, request: web.Request, who: Identity) -> tuple[dict[str, Any], Shown]:
        await sent_form(request)
        form, fields = await request.post(), self._fields(request, who)
        seen = seen_version({"version": str(form.get("version", ""))})
        async with request.app[DATABASE].read() as session:
            given, texts, wrong = await inputs.read(
                session, form, fields.values(), context_of(request), who
            )
            parts = {
                part.name: await part_rows.read(session, form, part, context_of(request), who)
                for part in part_rows.parts_of(self.entity, who)
            }
        for name, value in list(given.items()):
            if form.get(TAKE + name) == "theirs":
                del given[name]
            elif value is None and not inputs.may_be_nothing(fields[name], self.entity):
                # A new row begins with what its column begins with; an old one has something.
                del given[name]
                if fields[name].required or seen is not None:
                    wrong.setdefault(name, MISSING)
        if MORE in form:
            return given, Shown(texts, version=seen, parts=parts, wants_more=True)
        for part in part_rows.parts_of(self.entity, who):
            sent = parts[part.name]
            wrong |= sent.wrong
            try:
                if sent.items and not sent.wrong:
                    given[part.name] = part.read_json(sent.items)
            except BadInput as problem:
                wrong |= part_rows.placed(part, sent, problem.fields)
        errors = sentences(request, BadInput(wrong)) if wrong else {}
        status = 422 if wrong else 200
        return given, Shown(texts, errors, version=seen, status=status, parts=parts)

    def _refused(
        self, request: web.Request, who: Identity, shown: Shown, problem: BadInput
    ) -> None:
        """Put what is wrong where it was typed."""
        wrong = problem.fields
        for part in part_rows.parts_of(self.entity, who):
            wrong = part_rows.placed(part, shown.parts[part.name], wrong)
        shown.errors, shown.status = sentences(request, BadInput(wrong)), 422

    async def _found(self, request: web.Request, who: Identity) -> Any:
        model: Any = self.entity.model
        async with request.app[DATABASE].read() as session:
            query = select(model).where(model.id == path_id(request))
            row = await session.scalar(query.where(visible_to(self.entity, who, "edit")))
        if row is None:
            raise NotFound
        return row

    # ------------------------------------------------------------ two people at once

    async def _compare(
        self,
        request: web.Request,
        who: Identity,
        row: Any,
        given: Mapping[str, Any],
        shown: Shown,
        problem: ChangedMeanwhile,
    ) -> None:
        """Take over what others changed where this person did not, and show where both did."""
        context, fields = context_of(request), self._fields(request, who)
        texts = dict(shown.texts)
        async with request.app[DATABASE].read() as session:
            others = await editing.since(session, self.entity.name, row.id, shown.version or 0)
            for name in given.keys() & others.keys() & fields.keys():
                now, mine, before = value_of(row, name), given[name], others[name].before
                if plain(mine) == before:
                    texts[name] = inputs.texts_of([fields[name]], {name: now}, context).get(
                        name, ()
                    )
                elif plain(mine) != plain(now):
                    theirs = await clashes.in_words(session, fields[name], now, context, who)
                    shown.clashes[name] = Clash(
                        await editing.name_of(session, others[name].who), theirs
                    )
            for part in part_rows.parts_of(self.entity, who):
                sent, items = shown.parts[part.name], await _items(session, part, row)
                sent.lines, differ = part_rows.rejoined(part, sent.lines, items, context)
                other = str(problem.values.get("who"))
                shown.clashes |= {name: Clash(other, theirs) for name, theirs in differ.items()}
        shown.texts, shown.version, shown.status = texts, row.version, problem.status
        shown.errors = {"": self._say(request, problem, fields)}

    def _say(self, request: web.Request, problem: Problem, fields: Mapping[str, Field]) -> str:
        name, language = str(problem.values.get("field")), language_of(request)
        part = self.entity.part(name)
        label = translate_to(language, part.label) if part is not None else name
        label = label_in(fields[name], language) if name in fields else label
        return sentence(request, ChangedMeanwhile(**problem.values | {"field": label}))

    # ------------------------------------------------------------ shown

    async def _page(
        self, request: web.Request, who: Identity, row: Any, shown: Shown
    ) -> web.Response:
        fields, context = self._fields(request, who), context_of(request)
        async with request.app[DATABASE].read() as session:
            known = await inputs.inputs_of(
                session, fields.values(), shown.texts, context, who, self.entity
            )
            parts = [
                await part_rows.shown(
                    session, part, shown.parts.get(part.name, Sent()).lines, context, who
                )
                for part in part_rows.parts_of(self.entity, who)
            ]
        return render(
            request, "records/form.html", status=shown.status, entity=self.entity, row=row,
            title=title_of(self.entity, asker_of(request, who), row) if row is not None else "",
            groups=grouped(known), parts=parts, errors=shown.errors, clashes=shown.clashes,
            version="" if shown.version is None else shown.version,
        )  # fmt: skip


async def _items(session: AsyncSession, part: FormPart, row: Any) -> list[Any]:
    return (await part.load(session, [row.id])).get(row.id, [])


def grouped(known: Sequence[Input]) -> list[tuple[str, list[Input]]]:
    """Return the inputs under their headings, those without one first."""
    order = list(dict.fromkeys(["", *(one.group for one in known)]))
    ordered = sorted(known, key=lambda one: order.index(one.group))
    return [(heading, list(some)) for heading, some in groupby(ordered, lambda one: one.group)]

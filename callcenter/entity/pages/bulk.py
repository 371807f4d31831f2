"""The same change to many rows at once: those that were marked, or all that the list finds.

Each row is saved by itself, by the same rule as from its form, so one that cannot be changed
costs none of the others; the answer names each of them and says why.

Template records/bulk.html: entity, asked, ids (those marked), everything, count, fields [(name,
label)], chosen (Input or None), errors, result (Result or None), back.
"""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from aiohttp import web
from multidict import MultiMapping
from sqlalchemy import select

from callcenter.entity import listing, saving
from callcenter.entity.description import Entity, Field
from callcenter.entity.keys import ENTITIES
from callcenter.entity.pages import inputs
from callcenter.entity.pages.asked import asked, asker_of
from callcenter.entity.pages.gone import mark, read_mark
from callcenter.entity.pages.inputs import Input
from callcenter.entity.pages.lists import searched
from callcenter.entity.registry import label_in
from callcenter.entity.requests import context_of, deed_of, tell
from callcenter.entity.rights import access, part_access, visible_to
from callcenter.entity.saving import Deed
from callcenter.errors import BadInput, Problem
from callcenter.server.body import MISSING, sent_form
from callcenter.server.errors import sentence, sentences
from callcenter.server.i18n import language_of, translate_to
from callcenter.server.identity import Identity, require
from callcenter.server.keys import DATABASE
from callcenter.server.pages import render


def _(message: str) -> str:
    return message


#: The part that tags are, and the two things that are done with them, as the form says them.
TAGS = "tags"
TAGGING = ("+tags", "-tags")
DEEDS = (_("Put a tag on them"), _("Take a tag away"))
TAG = _("Tag")
#: So many rows are changed at once at most; so many in one transaction.
MOST_ROWS = 2_000
BLOCK = 100

Save = Callable[[Deed, int], Awaitable[Any]]


@dataclass(slots=True)
class Result:
    #: What was done to them: the last word of the address.
    deed: str
    done: int = 0
    #: Rows that are in the trash now, each with its version: they can be brought back.
    gone: list[str] = field(default_factory=list)
    #: (id, title, why it was not changed)
    failed: list[tuple[int, str, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Bulk:
    """The handlers of one entity."""

    entity: Entity

    def routes(self) -> list[web.RouteDef]:
        many = f"/{self.entity.plural}"
        return [
            web.post(f"{many}/bulk", self.ask),
            web.post(f"{many}/bulk/change", self.change),
            web.post(f"{many}/bulk/delete", self.delete),
            web.post(f"{many}/bulk/restore", self.restore),
        ]

    async def ask(self, request: web.Request) -> web.Response:
        """Which field, and what it shall say."""
        who = require(request, self.entity.name, "edit")
        return await self._page(request, who)

    async def change(self, request: web.Request) -> web.Response:
        who = require(request, self.entity.name, "edit")
        await sent_form(request)
        form = await request.post()
        if form.get("field") in TAGGING and self._may_tag(who):
            return await self._tag(request, who)
        named = self._fields(request, who).get(str(form.get("field", "")))
        if named is None:
            return await self._page(request, who)
        async with request.app[DATABASE].read() as session:
            given, texts, wrong = await inputs.read(
                session, form, [named], context_of(request), who
            )
        # A value that no input sends is none: boxes that nobody marked.
        given.setdefault(named.name, None)
        if wrong:
            errors = sentences(request, BadInput(wrong))
            return await self._page(request, who, texts=texts, errors=errors)
        return await self._done(
            request, who, lambda deed, row_id: saving.change(deed, row_id, given, None)
        )

    async def _tag(self, request: web.Request, who: Identity) -> web.Response:
        """Put a tag on the rows, or take one away."""
        form, part = await request.post(), self.entity.part(TAGS)
        name = str(form.get("tag", "")).strip()
        if part is None or not name:
            errors = sentences(request, BadInput({"tag": MISSING}))
            return await self._page(request, who, errors=errors)
        given = {TAGS: part.read_json([{"name": name, "gone": form["field"] == TAGGING[1]}])}
        return await self._done(
            request, who, lambda deed, row_id: saving.change(deed, row_id, given, None)
        )

    def _may_tag(self, who: Identity) -> bool:
        part = self.entity.part(TAGS)
        return part is not None and part_access(self.entity, part, who) == "write"

    async def delete(self, request: web.Request) -> web.Response:
        who = require(request, self.entity.name, "delete")
        return await self._done(request, who, saving.set_aside, "delete")

    async def restore(self, request: web.Request) -> web.Response:
        """Bring back what is marked in the trash, or what was put there just now, by its version."""
        who = require(request, self.entity.name, "delete")
        await sent_form(request)
        seen = dict(self._marked(await request.post()))
        return await self._done(
            request, who, lambda deed, row_id: saving.restore(deed, row_id, seen[row_id]), "restore"
        )

    # ------------------------------------------------------------ which rows

    def _marked(self, form: MultiMapping[Any]) -> Iterable[tuple[int, int | None]]:
        """Return the rows that are named one by one, each with its version if that is said."""
        for text in form.getall("ids", []):
            row_id, version = read_mark(str(text))
            if row_id is not None:
                yield row_id, version

    async def _ids(self, request: web.Request, who: Identity) -> list[int]:
        """Return the rows that are meant, at most one more than `MOST_ROWS`."""
        form = await request.post()
        if "everything" not in form:
            return list(dict(self._marked(form)))[: MOST_ROWS + 1]
        registry, asker = request.app[ENTITIES], asker_of(request, who)
        ids: list[int] = []
        after: str | None = None
        async with request.app[DATABASE].read() as session:
            now = await asked(request, session, self.entity, who)
            wanted = replace(await searched(session, now, who), columns=())
            while not now.wrong and len(ids) <= MOST_ROWS:
                page = await listing.page(session, registry, self.entity, asker, wanted, after, 500)
                ids += [line.id for line in page.lines]
                if (after := page.after) is None:
                    break
        return ids[: MOST_ROWS + 1]

    def _fields(self, request: web.Request, who: Identity) -> dict[str, Field]:
        """Return the fields that may be changed in many rows: none that names a row by itself."""
        return {
            name: described
            for name, described in request.app[ENTITIES].fields(self.entity.name).items()
            if described.on_form
            and described.virtual is None
            and not described.unique
            and name != self.entity.title
            and access(self.entity, described, who) == "write"
        }

    # ------------------------------------------------------------ done

    async def _done(
        self, request: web.Request, who: Identity, save: Save, deed: str = "change"
    ) -> web.Response:
        await sent_form(request)
        ids = await self._ids(request, who)
        if len(ids) > MOST_ROWS:
            return await self._page(request, who)
        result = Result(deed)
        for start in range(0, len(ids), BLOCK):
            await self._block(request, ids[start : start + BLOCK], save, result)
        await self._name(request, result.failed)
        return await self._page(request, who, result=result)

    async def _block(
        self, request: web.Request, ids: Iterable[int], save: Save, result: Result
    ) -> None:
        saved: list[Any] = []
        async with request.app[DATABASE].write() as session:
            deed = deed_of(request, session, self.entity)
            # In one order, so that two who change the same rows cannot wait for each other.
            for row_id in sorted(ids):
                try:
                    async with session.begin_nested():
                        saved.append(await save(deed, row_id))
                except Problem as problem:
                    result.failed.append((row_id, "", _why(request, problem)))
        result.done += len(saved)
        result.gone += [mark(row) for row in saved if result.deed == "delete"]
        for row in saved:
            tell(request, self.entity, row)

    async def _name(self, request: web.Request, failed: list[tuple[int, str, str]]) -> None:
        """Name the rows that could not be changed, those that this person may see."""
        model: Any = self.entity.model
        who = require(request, self.entity.name, "read")
        asker, ids = asker_of(request, who), [row_id for row_id, _title, _why in failed]
        columns = select(model.id, getattr(model, self.entity.title))
        async with request.app[DATABASE].read() as session:
            rows = await session.execute(
                columns.where(model.id.in_(ids), visible_to(self.entity, who))
            )
            titles = {row.id: listing.title_of(self.entity, asker, row) for row in rows}
        failed[:] = [(row_id, titles.get(row_id, f"#{row_id}"), why) for row_id, _t, why in failed]

    # ------------------------------------------------------------ shown

    async def _page(
        self,
        request: web.Request,
        who: Identity,
        *,
        texts: inputs.Texts | None = None,
        errors: dict[str, str] | None = None,
        result: Result | None = None,
    ) -> web.Response:
        await sent_form(request)
        form, fields, language = (
            await request.post(), self._fields(request, who), language_of(request),
        )  # fmt: skip
        ids = [] if result is not None else await self._ids(request, who)
        named = fields.get(str(form.get("field", "")))
        async with request.app[DATABASE].read() as session:
            now = await asked(request, session, self.entity, who)
            chosen = [_tag_input(language)] if form.get("field") in TAGGING else []
            if named is not None:
                chosen = await inputs.inputs_of(
                    session, [named], texts or {}, context_of(request), who, self.entity
                )
        return render(
            request, "records/bulk.html", status=422 if errors else 200, entity=self.entity, asked=now,
            ids=[] if "everything" in form else ids, everything="everything" in form,
            count=min(len(ids), MOST_ROWS), too_many=len(ids) > MOST_ROWS, most=MOST_ROWS,
            fields=[
                *((name, label_in(each, language)) for name, each in fields.items()),
                *(_tagging(language) if self._may_tag(who) else ()),
            ], field=str(form.get("field", "")),
            chosen=next(iter(chosen), None), errors=errors or {}, result=result,
        )  # fmt: skip


def _tagging(language: str) -> list[tuple[str, str]]:
    return list(zip(TAGGING, (translate_to(language, text) for text in DEEDS), strict=True))


def _tag_input(language: str) -> Input:
    return Input("tag", translate_to(language, TAG), "text", required=True, limit=60)


def _why(request: web.Request, problem: Problem) -> str:
    if isinstance(problem, BadInput) and problem.fields:
        return " ".join(dict.fromkeys(sentences(request, problem).values()))
    return sentence(request, problem)

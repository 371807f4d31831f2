"""Keeping a list, board or calendar as a view; letting it show something else, beginning with it.

All views of an entity by themselves, for naming, sharing and ordering them: `kept`.
"""

from dataclasses import dataclass
from typing import Any

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.entity import filters, views
from callcenter.entity.description import Entity
from callcenter.entity.pages.asked import Asked, asked
from callcenter.entity.views import Seen, ViewForm
from callcenter.errors import BadInput
from callcenter.server.actor import actor
from callcenter.server.body import path_id, read_form
from callcenter.server.errors import sentences
from callcenter.server.identity import Identity, require
from callcenter.server.keys import CLOCK, DATABASE
from callcenter.server.pages import redirect, render

#: Where each kind of view is shown.
PAGES = {"list": "", "board": "/board", "calendar": "/calendar"}


def address(entity: Entity, kind: str, view_id: int) -> str:
    return f"/{entity.plural}{PAGES[kind]}?view={view_id}"


@dataclass(frozen=True, slots=True)
class Saved:
    """The handlers of one entity."""

    entity: Entity

    def routes(self) -> list[web.RouteDef]:
        many = f"/{self.entity.plural}/views"
        return [
            web.get(f"{many}/new", self.new),
            web.post(many, self.add),
            web.post(f"{many}/{{id:\\d+}}", self.change),
            web.post(f"{many}/{{id:\\d+}}/first", self.begin),
            web.post(f"{many}/first", self.begin),
            web.post(f"{many}/{{id:\\d+}}/delete", self.delete),
        ]

    async def new(self, request: web.Request) -> web.Response:
        who = require(request, self.entity.name, "read")
        async with request.app[DATABASE].read() as session:
            now = await asked(request, session, self.entity, who)
        return self._form(request, now, {}, {})

    async def add(self, request: web.Request) -> web.Response:
        who = require(request, self.entity.name, "read")
        values, at = await read_form(request), request.app[CLOCK]()
        try:
            async with request.app[DATABASE].write() as session:
                now = await asked(request, session, self.entity, who)
                form = ViewForm(
                    name=values.get("name", ""), share=values.get("share", "mine"), **_shown(request, now)
                )  # fmt: skip
                view = await views.add(session, who, self.entity.name, form, at, actor(request))
                if "first" in values:
                    await views.begin_with(session, who, self.entity.name, view.id)
        except BadInput as problem:
            return self._form(request, now, values, sentences(request, problem))
        return redirect(request, address(self.entity, view.kind, view.id))

    async def change(self, request: web.Request) -> web.Response:
        """Let the view show what the list shows now."""
        who = require(request, self.entity.name, "read")
        at = request.app[CLOCK]()
        async with request.app[DATABASE].write() as session:
            now = await asked(request, session, self.entity, who)
            view = await views.find(session, who, self.entity.name, path_id(request))
            columns: dict[str, Any] = _shown(request, now)
            await views.change(session, who, view.id, columns, None, at, actor(request))
        return redirect(request, address(self.entity, columns["kind"], view.id))

    async def begin(self, request: web.Request) -> web.Response:
        """Let this person's list begin with the view, or with all rows if none is named."""
        who = require(request, self.entity.name, "read")
        async with request.app[DATABASE].write() as session:
            view = await self._named(request, session, who)
            await views.begin_with(session, who, self.entity.name, view and view.id)
        if view is None:
            return redirect(request, f"/{self.entity.plural}?own=1")
        return redirect(request, address(self.entity, view.kind, view.id))

    async def delete(self, request: web.Request) -> web.Response:
        who = require(request, self.entity.name, "read")
        async with request.app[DATABASE].write() as session:
            view = await views.find(session, who, self.entity.name, path_id(request))
            at, by = request.app[CLOCK](), actor(request)
            await views.set_aside(session, who, view.id, at, by)
        return redirect(request, f"/{self.entity.plural}?own=1")

    async def _named(
        self, request: web.Request, session: AsyncSession, who: Identity
    ) -> Seen | None:
        if "id" not in request.match_info:
            return None
        return await views.find(session, who, self.entity.name, path_id(request))

    def _form(
        self, request: web.Request, now: Asked, values: dict[str, str], errors: dict[str, str]
    ) -> web.Response:
        return render(
            request, "records/view.html", status=422 if errors else 200, entity=self.entity, asked=now,
            values={"name": "", "share": "mine", "kind": _kind(request)} | values, errors=errors,
        )  # fmt: skip


def _kind(request: web.Request) -> str:
    kind = request.query.get("kind", "list")
    return kind if kind in PAGES else "list"


def _shown(request: web.Request, now: Asked) -> dict[str, Any]:
    """Return what a view keeps of a list. Raises BadInput if its filter could not be read."""
    if now.wrong:
        raise BadInput({"": next(iter(now.wrong.values()))})
    return {
        "kind": _kind(request), "filter": filters.written(now.filter, now.fields),
        "columns": list(now.columns), "sort": str(now.order), "group": now.group,
    }  # fmt: skip

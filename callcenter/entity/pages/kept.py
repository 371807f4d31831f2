"""All views of an entity that somebody sees: naming, sharing and ordering those that are his.

Template records/views.html: entity, views [Seen], changeable {id} · records/view_edit.html: entity,
view, values (name, share, version), errors.
"""

from dataclasses import dataclass

from aiohttp import web

from callcenter.entity import views
from callcenter.entity.admin.told import moved
from callcenter.entity.description import Entity
from callcenter.entity.views import Seen, ViewForm, may_change
from callcenter.errors import BadInput, ChangedMeanwhile, NotAllowed
from callcenter.server.actor import actor
from callcenter.server.body import path_id, read_form, seen_version
from callcenter.server.errors import refused
from callcenter.server.identity import Identity, require
from callcenter.server.keys import CLOCK, DATABASE
from callcenter.server.pages import redirect, render

Values = dict[str, str]


@dataclass(frozen=True, slots=True)
class Kept:
    """The handlers of one entity."""

    entity: Entity

    def routes(self) -> list[web.RouteDef]:
        many = f"/{self.entity.plural}/views"
        return [
            web.get(many, self.show),
            web.post(f"{many}/order", self.order),
            web.get(f"{many}/{{id:\\d+}}/edit", self.edit),
            web.post(f"{many}/{{id:\\d+}}/edit", self.name),
        ]

    async def show(self, request: web.Request) -> web.Response:
        who = require(request, self.entity.name, "read")
        async with request.app[DATABASE].read() as session:
            kept = await views.seen_by(session, who, self.entity.name)
        return render(
            request, "records/views.html", entity=self.entity, views=kept,
            changeable={view.id for view in kept if may_change(view, who)},
            saved="saved" in request.query,
        )  # fmt: skip

    async def order(self, request: web.Request) -> web.Response:
        who = require(request, self.entity.name, "read")
        async with request.app[DATABASE].write() as session:
            kept = await views.seen_by(session, who, self.entity.name)
            ids = await moved(request, [view.id for view in kept if may_change(view, who)])
            at, by = request.app[CLOCK](), actor(request)
            await views.order(session, who, self.entity.name, ids, at, by)
        return redirect(request, f"/{self.entity.plural}/views")

    async def edit(self, request: web.Request) -> web.Response:
        who = require(request, self.entity.name, "read")
        view = await self._view(request, who)
        return self._form(request, view, {})

    async def name(self, request: web.Request) -> web.Response:
        """Call and share a view otherwise."""
        who = require(request, self.entity.name, "read")
        view, values = await self._view(request, who), await read_form(request)
        form = ViewForm(name=values.get("name", ""), share=values.get("share", "mine"))
        try:
            async with request.app[DATABASE].write() as session:
                await views.name(
                    session, who, view.id, form, seen_version(values), request.app[CLOCK](),
                    actor(request),
                )  # fmt: skip
        except (BadInput, ChangedMeanwhile) as problem:
            return self._form(request, view, values, *refused(request, problem))
        return redirect(request, f"/{self.entity.plural}/views?saved=1")

    async def _view(self, request: web.Request, who: Identity) -> Seen:
        async with request.app[DATABASE].read() as session:
            view = await views.find(session, who, self.entity.name, path_id(request))
        if not may_change(view, who):
            raise NotAllowed
        return view

    def _form(
        self,
        request: web.Request,
        view: Seen,
        values: Values,
        errors: Values | None = None,
        status: int = 422,
    ) -> web.Response:
        begin = {
            "name": view.name, "share": views.share_of(view), "version": str(view.version),
        }  # fmt: skip
        return render(
            request, "records/view_edit.html", status=status if errors else 200, entity=self.entity,
            view=view, values=begin | values, errors=errors or {},
        )  # fmt: skip

"""Administration pages of the industries one can begin with.

Templates: company/industries.html (layouts, added: keys) · company/industry.html (industry, parts:
[applying.Part], shown: {list: lists.Shown}, entities, count: what is new, added, done: {word: n}).
"""

from aiohttp import web

from callcenter.company import kept
from callcenter.company.industries import applying
from callcenter.company.industries.applying import KEY, Industries, Item
from callcenter.company.industries.layouts import BY_KEY, LAYOUTS
from callcenter.company.industries.shapes import Choice, Layout, OwnField, StageOf, label
from callcenter.company.industries.taking_back import take_back
from callcenter.entity.admin.lists import all_lists
from callcenter.entity.admin.told import tell
from callcenter.entity.keys import ENTITIES
from callcenter.errors import NotFound
from callcenter.server.actor import actor
from callcenter.server.body import whole_number
from callcenter.server.i18n import language_of
from callcenter.server.identity import administrator
from callcenter.server.keys import CLOCK, DATABASE
from callcenter.server.pages import redirect, render


async def show_all(request: web.Request) -> web.Response:
    administrator(request)
    async with request.app[DATABASE].read() as session:
        sheet = await kept.read(session, KEY, Industries)
    return render(
        request, "company/industries.html", layouts=LAYOUTS, added=sheet.added, label=label
    )


async def show(request: web.Request) -> web.Response:
    administrator(request)
    layout, registry = _layout(request), request.app[ENTITIES]
    async with request.app[DATABASE].read() as session:
        parts = await applying.plan(session, layout)
        sheet = await kept.read(session, KEY, Industries)
    told = {word: whole_number(request.query.get(word, "")) for word in ("new", "gone", "left")}
    return render(
        request, "company/industry.html", industry=layout, parts=parts, label=label, named=named,
        shown={each.key: each for each in all_lists(registry)}, entities=registry,
        count=sum(len(part.new) for part in parts), added=layout.key in sheet.added, told=told,
    )  # fmt: skip


async def add(request: web.Request) -> web.Response:
    administrator(request)
    layout, at = _layout(request), request.app[CLOCK]()
    async with request.app[DATABASE].write() as session:
        count = await applying.add(
            session, request.app[ENTITIES], layout, language_of(request), at, actor(request)
        )
    await tell(request)
    return redirect(request, f"/admin/industries/{layout.key}?new={count}")


async def undo(request: web.Request) -> web.Response:
    administrator(request)
    layout, at = _layout(request), request.app[CLOCK]()
    database, registry = request.app[DATABASE], request.app[ENTITIES]
    gone, left = await take_back(database, registry, layout.key, at, actor(request))
    await tell(request)
    return redirect(request, f"/admin/industries/{layout.key}?gone={gone}&left={left}")


def named(item: Item) -> dict[str, str]:
    """Return what a thing is called, by language; a tag is nothing but its texts."""
    return label(item.texts if isinstance(item, Choice | OwnField | StageOf) else item)


def _layout(request: web.Request) -> Layout:
    layout = BY_KEY.get(request.match_info["key"])
    if layout is None:
        raise NotFound
    return layout


routes = [
    web.get("/admin/industries", show_all),
    web.get("/admin/industries/{key}", show),
    web.post("/admin/industries/{key}", add),
    web.post("/admin/industries/{key}/take-back", undo),
]

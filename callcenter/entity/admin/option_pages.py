"""Administration pages of option lists.

Templates: entity/lists.html (lists: [lists.Shown]) · entity/list.html (shown: lists.Shown, values,
errors, colors, saved) · entity/option.html (shown, option: Choice, values, errors, others: [Choice],
colors).
"""

from aiohttp import web

from callcenter.entity.admin import labels, options
from callcenter.entity.admin.lists import BOTH_WAYS, Shown, all_lists, one_list
from callcenter.entity.admin.told import moved, tell
from callcenter.entity.keys import ENTITIES
from callcenter.entity.models import Option
from callcenter.errors import BadInput, ChangedMeanwhile, NotFound
from callcenter.server.actor import actor
from callcenter.server.body import (
    number_in,
    path_id,
    read_form,
    seen_version,
)
from callcenter.server.errors import refused, sentences
from callcenter.server.i18n import language_of
from callcenter.server.identity import administrator
from callcenter.server.keys import CLOCK, DATABASE
from callcenter.server.pages import redirect, render

Values = dict[str, str]


async def show_lists(request: web.Request) -> web.Response:
    administrator(request)
    return render(request, "entity/lists.html", lists=all_lists(request.app[ENTITIES]))


async def show_list(request: web.Request) -> web.Response:
    administrator(request)
    return _list_page(request, _list(request), {"active": "1"})


async def add_option(request: web.Request) -> web.Response:
    administrator(request)
    shown, values, at = _list(request), await read_form(request), request.app[CLOCK]()
    form = _read(values | {"active": "1"}, both_ways=shown.both_ways)
    try:
        async with request.app[DATABASE].write() as session:
            await options.add(session, shown.key, form, language_of(request), at, actor(request))
    except BadInput as problem:
        return _list_page(request, shown, values, sentences(request, problem))
    await tell(request)
    return redirect(request, f"/admin/lists/{shown.key}?saved=1")


async def order_options(request: web.Request) -> web.Response:
    administrator(request)
    shown = _list(request)
    ids = await moved(request, [each.id for each in shown.choices])
    async with request.app[DATABASE].write() as session:
        await options.order(session, shown.key, ids, request.app[CLOCK](), actor(request))
    await tell(request)
    return redirect(request, f"/admin/lists/{shown.key}")


async def show_option(request: web.Request) -> web.Response:
    administrator(request)
    return await _option_page(request)


async def change_option(request: web.Request) -> web.Response:
    administrator(request)
    values, at = await read_form(request), request.app[CLOCK]()
    both_ways = (await _option(request)).list in BOTH_WAYS
    try:
        async with request.app[DATABASE].write() as session:
            option = await options.change(
                session, path_id(request), _read(values, both_ways=both_ways),
                language_of(request),
                seen_version(values), at, actor(request),
            )  # fmt: skip
    except (BadInput, ChangedMeanwhile) as problem:
        return await _option_page(request, values, *refused(request, problem))
    await tell(request)
    return redirect(request, f"/admin/lists/{option.list}?saved=1")


async def join_options(request: web.Request) -> web.Response:
    administrator(request)
    option, values = await _option(request), await read_form(request)
    to, at = number_in(values, "to"), request.app[CLOCK]()
    try:
        async with request.app[DATABASE].write() as session:
            await options.join(session, request.app[ENTITIES], option.id, to, at, actor(request))
    except BadInput as problem:
        return await _option_page(request, None, sentences(request, problem))
    await tell(request)
    return redirect(request, f"/admin/lists/{option.list}?saved=1")


async def take_option_away(request: web.Request) -> web.Response:
    administrator(request)
    option, at = await _option(request), request.app[CLOCK]()
    try:
        async with request.app[DATABASE].write() as session:
            await options.take_away(session, request.app[ENTITIES], option.id, at, actor(request))
    except BadInput as problem:
        return await _option_page(request, None, sentences(request, problem))
    await tell(request)
    return redirect(request, f"/admin/lists/{option.list}?saved=1")


def _list(request: web.Request) -> Shown:
    shown = one_list(request.app[ENTITIES], request.match_info["list"])
    if shown is None:
        raise NotFound
    return shown


async def _option(request: web.Request) -> Option:
    async with request.app[DATABASE].read() as session:
        option = await session.get(Option, path_id(request))
    if option is None or option.deleted_at is not None:
        raise NotFound
    return option


def _read(values: Values, *, both_ways: bool) -> options.OptionForm:
    return options.OptionForm(
        label=labels.read(values), color=values.get("color", ""), active="active" in values,
        reverse=labels.read(values, labels.BACK) if both_ways else None,
    )  # fmt: skip


def _list_page(
    request: web.Request, shown: Shown, values: Values, errors: Values | None = None
) -> web.Response:
    blank = dict.fromkeys((*labels.FIELDS.values(), *labels.BACK.values(), "color"), "")
    return render(
        request, "entity/list.html", status=422 if errors else 200, shown=shown,
        values=blank | values, errors=errors or {}, colors=options.COLORS,
        saved="saved" in request.query,
    )  # fmt: skip


async def _option_page(
    request: web.Request, values: Values | None = None, errors: Values | None = None,
    status: int = 422,
) -> web.Response:  # fmt: skip
    option = await _option(request)
    shown = one_list(request.app[ENTITIES], option.list)
    if values is None:
        back = labels.as_values(option.data.get(labels.REVERSE, {}), labels.BACK)
        values = labels.as_values(option.label) | back | {
            "color": option.color or "", "version": str(option.version),
        }  # fmt: skip
        values |= {"active": "1"} if option.active else {}
    words = (*labels.FIELDS.values(), *labels.BACK.values())
    blank = dict.fromkeys((*words, "color", "version"), "")
    others = [each for each in shown.choices if each.id != option.id] if shown else []
    return render(
        request, "entity/option.html", status=status if errors else 200, shown=shown,
        option=option, values=blank | values, errors=errors or {}, others=others,
        colors=options.COLORS,
    )  # fmt: skip


routes = [
    web.get("/admin/lists", show_lists),
    web.get("/admin/lists/{list}", show_list),
    web.post("/admin/lists/{list}", add_option),
    web.post("/admin/lists/{list}/order", order_options),
    web.get("/admin/options/{id}", show_option),
    web.post("/admin/options/{id}", change_option),
    web.post("/admin/options/{id}/join", join_options),
    web.post("/admin/options/{id}/take-away", take_option_away),
]

"""The steps of a task on its page: ticked, added and taken away one by one, saved at once.

Template interactions/checklist.html: row, can_tick, error.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from aiohttp import web

from callcenter.entity import saving
from callcenter.entity.requests import deed_of, tell
from callcenter.errors import BadInput
from callcenter.interactions import checklist
from callcenter.interactions.checklist import Step
from callcenter.interactions.description import INTERACTION
from callcenter.server.body import path_id, read_form
from callcenter.server.errors import sentences
from callcenter.server.identity import require
from callcenter.server.keys import DATABASE
from callcenter.server.pages import is_fragment, redirect, render

routes = web.RouteTableDef()

_DEEDS: Final[Mapping[str, Callable[[list[Any], str], list[Step]]]] = {
    "add": checklist.added,
    "tick": lambda steps, text: checklist.ticked(steps, text, done=True),
    "untick": lambda steps, text: checklist.ticked(steps, text, done=False),
    "remove": checklist.without,
}


@routes.post(r"/interactions/{id:\d+}/checklist")
async def change(request: web.Request) -> web.Response:
    """Do one thing to one step, to the list as it is by now."""
    require(request, "interaction", "edit")
    values = await read_form(request)
    error, row_id = None, path_id(request)
    async with request.app[DATABASE].write() as session:
        deed = deed_of(request, session, INTERACTION)
        row = await saving.locked(deed, row_id, "edit")
        do = _DEEDS.get(values.get("deed", ""))
        try:
            if do is not None:
                steps = do(row.checklist, values.get("step", ""))
                row = await saving.change(deed, row_id, {"checklist": steps}, None)
        except BadInput as problem:
            error = sentences(request, problem).get("checklist")
    tell(request, INTERACTION, row)
    if not is_fragment(request):
        return redirect(request, f"/interactions/{row_id}")
    return render(
        request, "interactions/checklist.html", status=422 if error else 200, row=row,
        can_tick=True, error=error,
    )  # fmt: skip

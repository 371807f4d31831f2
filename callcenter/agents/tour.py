"""The tour of a new colleague: a few things to try, on the desk, until he closes it.

What was tried is kept with the person, so it is the same at every desk.
"""

from datetime import datetime

import msgspec
from aiohttp import web

from callcenter.agents import people
from callcenter.errors import NotFound
from callcenter.server.body import read_form
from callcenter.server.identity import identity
from callcenter.server.keys import CLOCK, DATABASE
from callcenter.server.pages import redirect


def _(message: str) -> str:
    return message


#: Among what was learned: no more of it.
CLOSED = "closed"


class Lesson(msgspec.Struct, frozen=True):
    key: str
    label: str
    tells: str
    leads_to: str = ""


LESSONS = (
    Lesson(
        "ready", _("Say that you are ready"),
        _("Open your state at the top left and choose “Ready”: calls of your queues ring from then on."),
    ),
    Lesson(
        "call", _("Take a call"),
        _("The card of the caller opens beside your work by itself; what you type there is kept."),
    ),
    Lesson(
        "search", _("Find somebody"),
        _("Press / or Ctrl K and type a name in any alphabet, a number or an e-mail address."),
        "/contacts",
    ),
    Lesson(
        "dial", _("Call with a click"),
        _("Click any number: your own phone rings first, then the customer's."), "/calls",
    ),
    Lesson(
        "keys", _("Learn the keys"), _("Press ? on any page to see what works without the mouse."),
        "/help/keys",
    ),
    Lesson(
        "account", _("Make it yours"), _("Language, colours and time zone are under your name."),
        "/account",
    ),
)  # fmt: skip
KEYS = frozenset(lesson.key for lesson in LESSONS)


async def learn(request: web.Request) -> web.Response:
    """Tick a lesson, or the whole tour off."""
    key = (await read_form(request)).get("lesson", "")
    if key not in KEYS | {CLOSED}:
        raise NotFound
    await _note(request, key, request.app[CLOCK]())
    return redirect(request, "/desk")


async def again(request: web.Request) -> web.Response:
    """Begin the tour anew."""
    await _note(request, "", request.app[CLOCK]())
    return redirect(request, "/desk", whole=True)


async def _note(request: web.Request, key: str, at: datetime) -> None:
    async with request.app[DATABASE].write() as session:
        person = await people.locked(session, identity(request).user_id)
        person.learned = sorted({*person.learned, key}) if key else []
        person.updated_at = at


routes = [web.post("/me/tour", learn), web.post("/me/tour/again", again)]

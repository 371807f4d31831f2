"""REST of the stream of changes: a part of it, or as it goes on.

A client keeps the cursor it was told last. Who asks for `text/event-stream` is told on and on
and resumes with `Last-Event-ID`, as browsers do by themselves; the line is ended now and then,
so that nobody is told for ever by rights of yesterday.
"""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Annotated, Final

import msgspec
from aiohttp import web

from callcenter.audit import Cursor, newest
from callcenter.bus import Bus
from callcenter.entity.events import Part, read, right_to
from callcenter.entity.keys import ENTITIES
from callcenter.errors import BadInput, TooManyStreams
from callcenter.server.body import MISFIT, answer, within
from callcenter.server.identity import Identity, demand_scope, identity
from callcenter.server.keys import AUTHENTICATE, BUS, DATABASE
from callcenter.server.openapi import Query, operation

routes = web.RouteTableDef()

PART: Final = 200
MOST: Final = 1_000
#: Nothing may be published of what another node writes, so we look by ourselves, too.
LOOK_EVERY_S: Final = 2.0
#: Between two signs of life, at each of which it is asked who listens.
BEAT_S: Final = 15.0
#: The client comes again with its cursor.
LASTS_S: Final = 600.0
STREAMS_OF_ONE: Final = 5
STREAMS_OF_ALL: Final = 200


class Streams:
    """Those who are being told on and on; `close` ends it for all."""

    def __init__(self, bus: Bus) -> None:
        self._open: dict[asyncio.Task[None], tuple[int, asyncio.Event]] = {}
        bus.listen(self._touch)

    @asynccontextmanager
    async def one(self, user_id: int) -> AsyncIterator[asyncio.Event]:
        """Give an event that is set whenever something may have changed. Raises TooManyStreams."""
        of_one = Counter(whose for whose, _news in self._open.values())[user_id]
        if of_one >= STREAMS_OF_ONE or len(self._open) >= STREAMS_OF_ALL:
            raise TooManyStreams
        task, news = asyncio.current_task(), asyncio.Event()
        assert task is not None  # noqa: S101
        self._open[task] = (user_id, news)
        try:
            yield news
        finally:
            del self._open[task]

    def _touch(self, _event: object) -> None:
        for _user_id, news in self._open.values():
            news.set()

    async def close(self, _app: web.Application) -> None:
        for task in tuple(self._open):
            task.cancel()


STREAMS = web.AppKey("streams", Streams)


def install(app: web.Application) -> None:
    app[STREAMS] = Streams(app[BUS])
    app.on_shutdown.append(app[STREAMS].close)


@routes.get("/api/v1/events")
@operation(
    answers=Part, refusals=(TooManyStreams,),
    query={
        "after": Query(str, 'The cursor that was told last, or "now" for none of the past.'),
        "limit": Query(Annotated[int, msgspec.Meta(ge=1, le=MOST)], "So many lines at most."),
        "entity": Query(str, "Only changes of these entities, their names parted by commas."),
    },
)  # fmt: skip
async def events(request: web.Request) -> web.StreamResponse:
    """Changes after a cursor (`after`, else from the beginning; "now" for none of the past), in
    the order in which they can be read, at most `limit`. `entity` names which, several with
    commas. As `text/event-stream`: told on and on, resumed by `Last-Event-ID`.
    """
    who = identity(request)
    for name in _named(request):
        demand_scope(who, right_to(request.app[ENTITIES], name), "read")
    after = await _cursor(request)
    if "text/event-stream" in request.headers.get("Accept", ""):
        async with request.app[STREAMS].one(who.user_id) as news:
            return await _tell_on(request, who, after, news)
    return answer(await _part(request, who, after, within(request.query, "limit", PART, MOST)))


async def _cursor(request: web.Request) -> Cursor:
    written = request.headers.get("Last-Event-ID") or request.query.get("after", "")
    if written == "now":
        async with request.app[DATABASE].read() as session:
            return await newest(session)
    cursor = Cursor.read(written) if written else Cursor()
    if cursor is None:
        raise BadInput({"after": MISFIT})
    return cursor


async def _part(request: web.Request, who: Identity, after: Cursor, limit: int) -> Part:
    named = _named(request)
    async with request.app[DATABASE].read() as session:
        return await read(session, request.app[ENTITIES], who, after, limit, named)


def _named(request: web.Request) -> list[str]:
    # Addresses and imports call an entity by its plural, so "contacts" is meant as well.
    singular = {entity.plural: entity.name for entity in request.app[ENTITIES]}
    named = request.query.get("entity", "").replace(" ", "").split(",")
    return [singular.get(name, name) for name in named if name]


async def _tell_on(
    request: web.Request, who: Identity, after: Cursor, news: asyncio.Event
) -> web.StreamResponse:
    response = web.StreamResponse(
        headers={"Content-Type": "text/event-stream", "X-Accel-Buffering": "no"}
    )
    await response.prepare(request)
    now = time.monotonic()
    ends, beat = now + LASTS_S, now + BEAT_S
    with suppress(ConnectionError):
        await response.write(b"retry: 2000\n\n")
        while (now := time.monotonic()) < ends:
            if now >= beat:
                beat = now + BEAT_S
                await response.write(b": \n\n")
                if (asked := await request.app[AUTHENTICATE](request)) is None:
                    break
                who = asked
            news.clear()
            part = await _part(request, who, after, PART)
            if (told := Cursor.read(part.after)) is not None and told != after:
                after = told
                await response.write(_written(part))
            elif not part.more:
                with suppress(TimeoutError):
                    async with asyncio.timeout(LOOK_EVERY_S):
                        await news.wait()
        await response.write_eof()
    return response


def _written(part: Part) -> bytes:
    """Return the part as a browser reads it; the last line brings the cursor over what is left out."""
    lines = [
        b"id: %s\nevent: change\ndata: %s\n\n" % (event.cursor.encode(), msgspec.json.encode(event))
        for event in part.events
    ]
    return b"".join([*lines, b"id: %s\n\n" % part.after.encode()])

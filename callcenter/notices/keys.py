"""What the pages of this room find in the application."""

from collections.abc import Callable, Collection

from aiohttp import web

#: Have what was just written down told.
TELLER: web.AppKey[Callable[[], None]] = web.AppKey("tell_soon")
#: By which channels the installation can reach people.
WAYS: web.AppKey[Callable[[], Collection[str]]] = web.AppKey("notice_ways")

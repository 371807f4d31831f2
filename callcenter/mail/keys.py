"""What the handlers of this room find in the application; `app` puts it there."""

from collections.abc import Callable

from aiohttp import web

#: Called when a mailbox was added or changed: its line begins anew.
LOOK: web.AppKey[Callable[[], None]] = web.AppKey("mail_look")
#: Called when something was put among the jobs: it is done at once.
WAKE: web.AppKey[Callable[[], None]] = web.AppKey("mail_wake")

"""Every request has an id; how it went stands in the log and in the metrics.

The id is on the answer (X-Request-Id), on each log line of the request, in the
audit, and is the reference a person reads off an error page. The log names the
path without its query: a reset link carries its secret there.
"""

import random
import re
import time
from collections.abc import Awaitable, Callable

import structlog
from aiohttp import web
from prometheus_client import Histogram

from callcenter.server.client import ip
from callcenter.server.identity import access, known
from callcenter.server.keys import SETTINGS

log = structlog.get_logger()

REQUEST_ID = web.RequestKey("request_id", str)

SECONDS = Histogram(
    "callcenter_http_request_seconds",
    "Time from a request to its answer; a websocket counts when it ends.",
    ("method", "route", "status"),
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@web.middleware
async def track(request: web.Request, handler: Handler) -> web.StreamResponse:
    request[REQUEST_ID] = request_id = _given(request) or _new_id()
    started = time.perf_counter()
    with structlog.contextvars.bound_contextvars(request_id=request_id):
        response = await handler(request)
        _note(request, response, time.perf_counter() - started)
    return response


def _given(request: web.Request) -> str | None:
    """Return the id a proxy has given this request, if there is a proxy."""
    given = request.headers.get("X-Request-Id", "")
    believed = request.app[SETTINGS].behind_proxy and re.fullmatch(r"[\w-]{1,40}", given, re.ASCII)
    return given if believed else None


def _new_id() -> str:
    """Return a name for a request. It is no secret, so the system's entropy is not asked for it."""
    return f"{random.getrandbits(32):08x}"


def _note(request: web.Request, response: web.StreamResponse, seconds: float) -> None:
    resource = request.match_info.route.resource
    route = resource.canonical if resource else "none"
    SECONDS.labels(request.method, route, str(response.status)).observe(seconds)
    who = known(request)
    say = log.debug if access(request) == "bare" else log.info
    say(
        "request", method=request.method, path=request.path, status=response.status,
        ms=round(seconds * 1000, 1), user=who.login if who else None, ip=ip(request),
    )  # fmt: skip

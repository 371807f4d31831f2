"""The web application: routes of the rooms, behind the gate, and how it listens."""

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import structlog
from aiohttp import web

from callcenter.bus import Bus
from callcenter.db import Database
from callcenter.errors import TooManyRequests
from callcenter.server import (
    compressing,
    csrf,
    errors,
    gate,
    headers,
    health,
    home,
    keys,
    paths,
    tracking,
)
from callcenter.server.assets import Assets
from callcenter.server.brand import AS_DELIVERED, Brand
from callcenter.server.limits import Limit
from callcenter.server.templates import preload
from callcenter.settings import Settings

log = structlog.get_logger()

#: Larger bodies are refused; uploads have their own routes.
BODY_LIMIT_BYTES = 1024 * 1024


def now() -> datetime:
    return datetime.now(UTC)


def build(
    settings: Settings,
    database: Database,
    bus: Bus,
    *,
    authenticate: keys.Authenticate,
    routes: Iterable[web.AbstractRouteDef],
    clock: Callable[[], datetime] = now,
    checks: Iterable[keys.Check] = (),
    brand: Callable[[], Brand] = lambda: AS_DELIVERED,
    closed: Callable[[str], bool] = lambda _path: False,
    regions: Sequence[str] = (),
) -> web.Application:
    """Return the application, its templates and catalogues read; rooms add keys of their own."""
    app = web.Application(
        middlewares=[
            tracking.track,
            compressing.compress,
            csrf.remember_visit,
            errors.answer,
            gate.admit,
        ],
        client_max_size=BODY_LIMIT_BYTES,
    )
    app[keys.SETTINGS] = settings
    app[keys.DATABASE] = database
    app[keys.BUS] = bus
    app[keys.CLOCK] = clock
    app[keys.AUTHENTICATE] = authenticate
    app[keys.BRAND] = brand
    app[keys.REGIONS] = regions or settings.region_list
    app[keys.CLOSED] = closed
    app[keys.TOKEN_LIMIT] = Limit(settings.api_per_minute, 60, TooManyRequests)
    app[keys.CHECKS] = (health.database_answers(database), *checks)
    app[keys.ASSETS] = assets = Assets(paths.web() / "dist")
    app.on_response_prepare.append(headers.secure)
    app.add_routes(routes)
    app.add_routes([*home.routes, *health.routes])
    app.router.add_get("/static/{name:.+}", assets.serve)
    preload()
    return app


@asynccontextmanager
async def listening(app: web.Application, host: str, port: int) -> AsyncIterator[str]:
    """Serve `app` as long as the context lasts; gives the address people open.

    On leaving, requests in progress get a few seconds to end; websockets are closed by the
    hub's own on_shutdown, since waiting for them would hold a restart up.
    """
    runner = web.AppRunner(app, handle_signals=False, access_log=None, shutdown_timeout=5.0)
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, port)
        await site.start()
        yield f"http://{_in_address(host)}:{_port(runner)}"
    finally:
        await runner.cleanup()


def _port(runner: web.AppRunner) -> int:
    port: int = runner.addresses[0][1]
    return port


def _in_address(host: str) -> str:
    if host in ("0.0.0.0", "::", ""):  # noqa: S104
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host

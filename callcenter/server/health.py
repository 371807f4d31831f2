"""For the machines that watch us: alive, ready, metrics.

`/healthz` answers as long as the event loop turns. `/readyz` says what is
missing before work can be done; a PBX that cannot be reached is not among it,
since the rest of the house works without. `/metrics` is for this machine, or
for an API token of somebody with the flag `settings`.
"""

import asyncio

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from callcenter.db import Database
from callcenter.errors import NotAllowed
from callcenter.server.client import is_on_this_machine
from callcenter.server.identity import bare, known, public
from callcenter.server.keys import CHECKS, Check

#: A check that takes longer has failed.
CHECK_LIMIT_S = 3.0


@bare
async def alive(_request: web.Request) -> web.Response:
    return web.Response(text="ok\n")


@bare
async def ready(request: web.Request) -> web.Response:
    missing = [said for check in request.app[CHECKS] if (said := await _ask(check))]
    return web.Response(
        text="".join(f"{said}\n" for said in missing) or "ok\n", status=503 if missing else 200
    )


@public
async def metrics(request: web.Request) -> web.Response:
    who = known(request)
    if not is_on_this_machine(request) and (who is None or "settings" not in who.flags):
        raise NotAllowed
    return web.Response(body=generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})


async def _ask(check: Check) -> str | None:
    try:
        return await asyncio.wait_for(check(), CHECK_LIMIT_S)
    except TimeoutError:
        return f"{check.__name__.rstrip('_')}: no answer within {CHECK_LIMIT_S:g} s"


def database_answers(database: Database) -> Check:
    """Return the check that everything needs."""

    async def database_() -> str | None:
        try:
            async with database.read() as session:
                await session.execute(text("SELECT 1"))
        except (SQLAlchemyError, OSError) as error:
            return f"database: {type(error).__name__}"
        return None

    return database_


routes = [web.get("/healthz", alive), web.get("/readyz", ready), web.get("/metrics", metrics)]

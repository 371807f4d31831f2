"""How the house opens its door, and how it closes it."""

import asyncio

import aiohttp
from aiohttp import web

from callcenter.server.application import listening

TEST_LIMIT_S = 30


async def test_it_says_where_it_listens_and_ends_what_is_in_progress():
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slow(_request: web.Request) -> web.Response:
        begun.set()
        await go_on.wait()
        return web.Response(text="done")

    app = web.Application()
    app.router.add_get("/slow", slow)
    app.on_shutdown.append(lambda _app: _set(go_on))
    async with asyncio.timeout(TEST_LIMIT_S), aiohttp.ClientSession() as client:
        async with listening(app, "127.0.0.1", 0) as address:
            asked = asyncio.create_task(client.get(f"{address}/slow"))
            await begun.wait()
        response = await asked

        assert address.startswith("http://127.0.0.1:")
        assert await response.text() == "done"


async def _set(event: asyncio.Event) -> None:
    event.set()

"""What goes out compressed, and what as it is."""

import zlib
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from callcenter.db import Database
from callcenter.server.compressing import LEAST_BYTES
from callcenter.server.identity import public
from tests.fixtures.house import house_on

LONG = "Zərifə Əliyeva, " * 2_000
GZIP = {"Accept-Encoding": "gzip, deflate, br"}


@public
async def answer(request: web.Request) -> web.Response:
    """Answer with so many letters of such a type."""
    length = int(request.query.get("length", len(LONG)))
    response = web.Response(text=LONG[:length], content_type=request.query["type"])
    response.headers["Vary"] = "Cookie"
    return response


@pytest.mark.parametrize(
    ("query", "asked", "compressed"),
    [
        ({"type": "text/html"}, GZIP, True),
        ({"type": "application/json"}, GZIP, True),
        ({"type": "application/json", "length": "4000"}, GZIP, True),
        ({"type": "text/html", "length": "20"}, GZIP, False),
        ({"type": "image/png"}, GZIP, False),
        ({"type": "text/html"}, {"Accept-Encoding": "identity"}, False),
    ],
)
async def test_long_texts_go_out_compressed_where_the_browser_takes_it(
    sqlite_database: Database,
    tmp_path: Path,
    query: dict[str, str],
    asked: dict[str, str],
    compressed: bool,
):
    async with (
        house_on(sqlite_database, tmp_path, routes=[web.get("/long", answer)]) as house,
        aiohttp.ClientSession(auto_decompress=False) as client,
        client.get(f"{house.origin}/long", params=query, headers=asked) as response,
    ):
        body = await response.read()

    whole = LONG[: int(query.get("length", len(LONG)))].encode()
    assert ("Content-Encoding" in response.headers) is compressed
    assert (zlib.decompress(body, 31) if compressed else body) == whole
    assert len(body) == int(response.headers["Content-Length"])
    is_text = query["type"] != "image/png"
    is_long = len(whole) >= LEAST_BYTES
    assert ("Accept-Encoding" in response.headers["Vary"]) is (is_text and is_long)
    assert response.headers["Vary"].startswith("Cookie")
    assert response.headers["X-Content-Type-Options"] == "nosniff"

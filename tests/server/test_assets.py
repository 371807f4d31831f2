"""Built files: kept for ever under their hashed names, found by their plain ones."""

import gzip
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web

from callcenter.db import Database
from callcenter.server.assets import Assets
from tests.fixtures.house import House, house_on

SCRIPT = b"export {}\n" * 50


@pytest.fixture
def dist(tmp_path: Path) -> Path:
    folder = tmp_path / "web" / "dist"
    folder.mkdir(parents=True)
    (folder / "app-5F3A.js").write_bytes(SCRIPT)
    (folder / "app-5F3A.js.gz").write_bytes(gzip.compress(SCRIPT))
    (folder / "sound.ogg").write_bytes(b"ring")
    (folder / "manifest.json").write_text('{"app.js": "app-5F3A.js"}')
    (tmp_path / "web" / "secret.txt").write_text("secret")
    return folder


@pytest.fixture
async def house(sqlite_database: Database, tmp_path: Path, dist: Path) -> AsyncIterator[House]:
    routes = [web.get("/built/{name:.+}", Assets(dist).serve)]
    async with house_on(sqlite_database, tmp_path, routes=routes) as opened:
        yield opened


def test_a_plain_name_leads_to_the_hashed_one(dist: Path):
    assert Assets(dist).address("app.js") == "/static/app-5F3A.js"


def test_without_a_build_pages_still_have_addresses(tmp_path: Path):
    assert Assets(tmp_path / "nothing").address("app.js") == "/static/app.js"


async def test_a_hashed_file_is_kept_for_ever_and_sent_compressed(house: House):
    browser = await house.browser()
    packed = await browser.open("/built/app-5F3A.js", Accept_Encoding="gzip")
    plain = await browser.open("/built/app-5F3A.js", Accept_Encoding="identity")

    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.headers["Content-Type"].startswith(("text/javascript", "application/javascript"))
    assert packed.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert packed.text == plain.text == SCRIPT.decode()
    assert "Content-Encoding" not in plain.headers


async def test_a_file_without_a_hash_is_asked_for_each_time(house: House):
    page = await (await house.browser()).open("/built/sound.ogg")

    assert page.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize(
    "path",
    [
        "/built/..%2fsecret.txt",
        "/built/%2e%2e/secret.txt",
        "/built/nothing.js",
        "/built//etc/passwd",
    ],
)
async def test_nothing_but_what_was_built_is_served(house: House, path: str):
    assert (await (await house.browser()).open(path)).status == 404

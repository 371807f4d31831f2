"""Whatever another site makes a browser do, nothing changes here."""

from pathlib import Path

import pytest
from aiohttp import web

from callcenter.db import Database
from callcenter.server.identity import public
from callcenter.settings import Settings
from tests.fixtures.house import House, house_on

SAVE = {"name": "Anna", "version": "1", "theme": "auto"}


async def test_a_form_of_ours_is_taken(sqlite_house: House):
    await sqlite_house.person("anna")

    assert (await (await sqlite_house.signed_in("anna")).submit("/account", SAVE)).status == 303


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},  # a sandboxed frame, a file
        {"Origin": ""},
        {"Origin": "http://127.0.0.1"},  # another port is another origin
    ],
)
async def test_a_form_from_elsewhere_is_refused_even_with_the_right_token(
    sqlite_house: House, headers: dict[str, str]
):
    await sqlite_house.person("anna", locale="en")
    page = await (await sqlite_house.signed_in("anna")).submit("/account", SAVE, **headers)

    assert page.status == 403
    assert "did not come from a page of this installation" in page.text


@pytest.mark.parametrize(
    ("site", "status"), [("same-origin", 303), ("same-site", 403), ("cross-site", 403), (None, 403)]
)
async def test_without_an_origin_the_browser_must_say_that_the_page_is_ours(
    sqlite_house: House, site: str | None, status: int
):
    await sqlite_house.person("anna")
    browser = await sqlite_house.signed_in("anna")

    page = await browser.request(
        "POST", "/account", data=SAVE | {"csrf_token": browser.token},
        headers={"Sec_Fetch_Site": site} if site else {},
    )  # fmt: skip

    assert page.status == status


@pytest.mark.parametrize("token", ["", "0" * 64, "0" * 128, "0" * 127, "ə"])
async def test_a_form_without_the_token_of_the_page_is_refused(sqlite_house: House, token: str):
    await sqlite_house.person("anna")
    browser = await sqlite_house.signed_in("anna")

    page = await browser.submit("/account", SAVE | {"csrf_token": token})

    assert page.status == 403


async def test_the_token_of_another_persons_page_is_no_good(sqlite_house: House):
    await sqlite_house.person("anna")
    await sqlite_house.person("boris")
    anna, boris = await sqlite_house.signed_in("anna"), await sqlite_house.signed_in("boris")

    page = await anna.submit("/account", SAVE | {"csrf_token": boris.token})

    assert page.status == 403


async def test_each_page_writes_the_token_otherwise_and_all_of_them_hold(sqlite_house: House):
    """Pages are compressed: a text that stays the same could be guessed by their length."""
    await sqlite_house.person("anna")
    browser = await sqlite_house.signed_in("anna")

    tokens = []
    for _ in range(3):
        await browser.open("/account")
        tokens.append(browser.token)
    answers = [
        await browser.submit("/account", SAVE | {"csrf_token": token, "version": str(number)})
        for number, token in enumerate(tokens, 1)
    ]

    assert len(set(tokens)) == 3
    assert 403 not in {answer.status for answer in answers}
    halves = {token[: len(token) // 2] for token in tokens} | {
        token[len(token) // 2 :] for token in tokens
    }
    assert len(halves) == 6


async def test_a_script_sends_the_token_in_a_header(sqlite_house: House):
    await sqlite_house.person("root", "admin")
    browser = await sqlite_house.signed_in("root")
    wish = {"pbx_id": 1, "endpoint": "PJSIP/1", "user_id": None}

    without = await browser.call("PUT", "/api/v1/phones", wish, X_CSRF_Token="")
    with_it = await browser.call("PUT", "/api/v1/phones", wish)

    assert (without.status, without.json["error"]["code"]) == (403, "foreign-origin")
    assert with_it.status == 422  # let in, and told that there is no such PBX


async def test_nobody_can_sign_another_browser_in(sqlite_house: House):
    await sqlite_house.person("anna")
    browser = await sqlite_house.browser()

    page = await browser.submit("/sign-in", {"login": "anna", "password": "x"})

    assert page.status == 403  # it has never seen the form, so it has no token of it


async def test_behind_a_proxy_the_public_address_is_the_only_origin(
    sqlite_database: Database, tmp_path: Path
):
    @public
    async def save(_request: web.Request) -> web.Response:
        return web.Response(text="saved")

    settings = Settings(data=str(tmp_path), public_url="https://crm.example.az/", behind_proxy=True)
    routes = [web.post("/save", save)]
    async with house_on(sqlite_database, tmp_path, settings=settings, routes=routes) as house:
        browser = await house.browser(X_Forwarded_Proto="https")
        page = await browser.open("/sign-in")
        cookie = page.headers["Set-Cookie"].split(";")[0]  # Secure: not sent over plain http
        ours = await browser.submit("/save", Origin="https://crm.example.az", Cookie=cookie)
        other = await browser.submit("/save", Cookie=cookie)

    assert "Secure" in page.headers["Set-Cookie"]
    assert page.headers["Strict-Transport-Security"].startswith("max-age=")
    assert (ours.status, other.status) == (200, 403)

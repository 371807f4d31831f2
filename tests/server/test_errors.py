"""Refusals and failures in the form that the one who asked can read."""

from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path

import pytest
from aiohttp import web

from callcenter.db import Database
from callcenter.errors import AgentHasNoPhone, BadInput, TooManyAttempts
from callcenter.server.body import MISSING, if_match, path_id, read_json
from callcenter.server.identity import public
from tests.fixtures.house import House, house_on


@public
async def fail(_request: web.Request) -> web.Response:
    raise ZeroDivisionError("the password is hunter2")


@public
async def refuse(_request: web.Request) -> web.Response:
    raise AgentHasNoPhone(name="<b>Anna</b>")


@public
async def limited(_request: web.Request) -> web.Response:
    raise TooManyAttempts(wait_s=7)


@public
async def invalid(_request: web.Request) -> web.Response:
    raise BadInput({"number": MISSING})


@public
async def thing(request: web.Request) -> web.Response:
    return web.json_response({"id": path_id(request), "version": if_match(request)})


@public
async def numbers(request: web.Request) -> web.Response:
    return web.json_response(await read_json(request, dict[str, int]))


@pytest.fixture
async def house(sqlite_database: Database, tmp_path: Path) -> AsyncIterator[House]:
    routes = [
        web.get("/fail", fail), web.get("/api/v1/fail", fail), web.get("/refuse", refuse),
        web.get("/api/v1/refuse", refuse), web.get("/api/v1/limited", limited),
        web.get("/api/v1/invalid", invalid), web.post("/invalid", invalid), web.get("/things/{id}", thing),
        web.post("/numbers", numbers),
    ]  # fmt: skip
    async with house_on(sqlite_database, tmp_path, routes=routes) as opened:
        yield opened


async def test_a_refusal_is_a_page_a_fragment_or_json(house: House):
    browser = await house.browser(Accept_Language="en")
    page = await browser.open("/refuse")
    fragment = await browser.open("/refuse", HX_Request="true")
    api = await browser.open("/api/v1/refuse")

    said = "&lt;b&gt;Anna&lt;/b&gt; has no phone to ring first"
    assert [page.status, fragment.status, api.status] == [409, 409, 409]
    assert "<html" in page.text
    assert said in page.text
    assert "<html" not in fragment.text
    assert said in fragment.text
    assert api.json["error"]["code"] == "agent-has-no-phone"
    assert "<b>Anna</b>" in api.json["error"]["message"]


async def test_whoever_asks_for_json_gets_json(house: House):
    page = await (await house.browser()).open("/refuse", Accept="application/json")

    assert page.headers["Content-Type"].startswith("application/json")


async def test_a_history_restore_gets_the_whole_page(house: House):
    page = await (await house.browser()).open(
        "/refuse", HX_Request="true", HX_History_Restore_Request="true"
    )

    assert "<html" in page.text


@pytest.mark.parametrize("path", ["/fail", "/api/v1/fail"])
async def test_what_nobody_foresaw_is_shown_with_a_reference_and_without_details(
    house: House, path: str
):
    page = await (await house.browser(Accept_Language="en")).open(path)

    assert page.status == 500
    assert f"(reference {page.headers['X-Request-Id']})" in page.text
    assert "hunter2" not in page.text
    assert "ZeroDivisionError" not in page.text


async def test_wrong_fields_are_named_in_the_answer(house: House):
    page = await (await house.browser(Accept_Language="en")).open("/api/v1/invalid")

    assert page.status == 422
    assert page.json == {
        "error": {
            "code": "bad-input",
            "message": "Some fields cannot be saved. Correct the marked ones and save again.",
            "fields": {"number": "This is needed."},
        }
    }


async def test_too_many_tries_say_when_to_come_back(house: House):
    assert (await (await house.browser()).open("/api/v1/limited")).headers["Retry-After"] == "7"


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/api/v1/nothing", 404, "not-found"),
        ("GET", "/api/v1/things/x", 404, "not-found"),
        ("PATCH", "/api/v1/me", 405, "method-not-allowed"),
    ],
)
async def test_an_address_that_leads_nowhere_says_so(
    house: House, method: str, path: str, status: int, code: str
):
    page = await (await house.browser()).request(method, path)

    assert (page.status, page.json["error"]["code"]) == (status, code)


async def test_a_method_an_address_does_not_take_names_those_it_takes(house: House):
    page = await (await house.browser()).request("PATCH", "/api/v1/me")

    assert set(page.headers["Allow"].split(",")) == {"GET", "HEAD"}


@pytest.mark.parametrize(
    ("text", "status", "version"),
    [(None, 200, None), ("*", 200, None), ('"7"', 200, 7), ('W/"7"', 200, 7), ('"x"', 422, None)],
)
async def test_a_version_comes_back_as_if_match(house: House, text, status: int, version):
    page = await (await house.browser()).open(
        "/things/5", **({"If_Match": text} if text else {}), Accept="application/json"
    )

    assert page.status == status
    if status == 200:
        assert page.json == {"id": 5, "version": version}


async def test_a_body_beyond_the_limit_is_refused(house: House):
    browser = await house.browser()
    await browser.open("/sign-in")
    page = await browser.request(
        "POST", "/numbers", data=BytesIO(b"x" * (1024 * 1024 + 1)),
        headers={"Origin": house.origin, "X-CSRF-Token": browser.token, "Accept": "application/json"},
    )  # fmt: skip

    assert (page.status, page.json["error"]["code"]) == (413, "too-large")


async def test_a_refused_form_without_a_page_of_its_own_says_what_is_wrong_and_leads_back(
    house: House,
) -> None:
    browser = await house.browser(Accept_Language="en")
    await browser.open("/sign-in")
    came_from = {"HX-Request": "true", "HX-Current-URL": f"{house.origin}/calls?q=a"}
    page = await browser.submit("/invalid", {}, **came_from)

    assert page.status == 422
    assert "Something went wrong" not in page.text
    assert str(MISSING) in page.text
    assert 'href="/calls?q=a"' in page.text
    # The address that was posted to is not what reloading asks for.
    assert page.headers["HX-Push-Url"] == "false"

    elsewhere = await browser.submit("/invalid", {}, **came_from | {"HX-Current-URL": "//x"})
    assert 'href="//x"' not in elsewhere.text

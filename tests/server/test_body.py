"""What comes in is text: what could be none is refused with a sentence, on either engine."""

import msgspec
import pytest
from aiohttp import web

from callcenter.server.body import answer, read_json
from callcenter.server.identity import public
from tests.fixtures.house import House, house_on


class Note(msgspec.Struct):
    text: str


@public
async def echo(request: web.Request) -> web.Response:
    return answer(await read_json(request, Note))


@pytest.fixture
async def house(sqlite_database, tmp_path):
    async with house_on(
        sqlite_database, tmp_path, routes=[web.post("/api/v1/echo", echo)]
    ) as open_:
        yield open_


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b'{"text": "two\\nlines"}', 200),
        (b'{"text": "a path: C:\\\\u0000"}', 200),  # a backslash and five letters
        (b'{"text": "a\\u0000b"}', 400),
        (b'{"text": "a\\\\\\u0000b"}', 400),  # a backslash, then NUL
        (b'{"text": "\\ud800"}', 400),
        (b'{"text": "\xff"}', 400),
        (b'{"text": "a\x00b"}', 400),
        (b"", 400),
    ],
)
async def test_json_without_text_is_not_understood(house: House, sent: bytes, status: int) -> None:
    browser = await house.browser()
    await browser.open("/sign-in")

    page = await browser.request(
        "POST",
        "/api/v1/echo",
        data=sent,
        headers={"Origin": house.origin, "X-CSRF-Token": browser.token},
    )

    assert page.status == status, page.text
    if status == 400:
        assert page.json["error"]["code"] == "not-understood"


@pytest.mark.parametrize("path", ["/sign-in?next=%00", "/account?x=a%00b", "/%00", "/static/%00"])
async def test_an_address_with_nul_is_not_understood(house: House, path: str) -> None:
    browser = await house.browser(Accept_Language="en")
    page = await browser.open(path)

    assert page.status == 400
    assert "it is not what this address expects" in page.text


@pytest.mark.parametrize("login", ["ann\0a", "\0"])
async def test_a_form_with_nul_is_not_understood(house: House, login: str) -> None:
    browser = await house.browser(Accept_Language="en")
    await browser.open("/sign-in")
    page = await browser.submit("/sign-in", {"login": login, "password": "whatever it is"})

    assert page.status == 400
    assert "it is not what this address expects" in page.text


async def test_a_form_in_no_alphabet_is_answered_with_a_sentence(house: House) -> None:
    browser = await house.browser(Accept_Language="en")
    await browser.open("/sign-in")
    page = await browser.request(
        "POST",
        "/sign-in",
        data=b"csrf_token=" + browser.token.encode() + b"&login=\xff&password=%ff",
        headers={
            "Origin": house.origin, "Content-Type": "application/x-www-form-urlencoded",
        },
    )  # fmt: skip

    assert 400 <= page.status < 500
    assert "Something went wrong on our side" not in page.text

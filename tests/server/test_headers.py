"""What every answer tells the browser."""

import pytest

from tests.fixtures.house import House


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/sign-in", 200),
        ("/account", 200),
        ("/help/keys", 200),
        ("/admin", 403),
        ("/nothing", 404),
        ("/api/v1/me", 200),
        ("/healthz", 200),
        ("/static/nothing.js", 404),
    ],
)
async def test_no_answer_goes_without_the_policy(sqlite_house: House, path: str, status: int):
    await sqlite_house.person("anna")
    browser = await sqlite_house.signed_in("anna")
    page = await (await sqlite_house.browser() if path == "/sign-in" else browser).open(path)

    assert page.status == status
    policy = page.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'self'; ")
    assert "unsafe" not in policy
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert page.headers["Referrer-Policy"] == "same-origin"
    assert len(page.headers["X-Request-Id"]) == 8
    assert page.headers["Server"] == "callcenter"


async def test_no_browser_keeps_a_page_with_customers_on_it(sqlite_house: House):
    await sqlite_house.person("anna")
    page = await (await sqlite_house.signed_in("anna")).open("/account")

    assert page.headers["Cache-Control"] == "no-store"
    assert "HX-Request" in page.headers["Vary"]


async def test_pages_hold_no_inline_script_or_style(sqlite_house: House):
    await sqlite_house.person("root", "admin")
    browser = await sqlite_house.signed_in("root")

    for path in ("/account", "/admin", "/admin/people/new", "/admin/pbx/new", "/password"):
        text = (await browser.open(path)).text
        assert "<style" not in text
        assert " style=" not in text
        assert " onclick=" not in text
        assert text.count("<script") == text.count('<script type="module" src=')

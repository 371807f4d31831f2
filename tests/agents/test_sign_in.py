"""Who gets in, who does not, and how long a session lasts."""

import pytest
from sqlalchemy import select
from yarl import URL

from callcenter.agents.keys import SIGN_IN
from callcenter.agents.models import Token
from callcenter.agents.tokens import digest
from callcenter.audit import Audit
from callcenter.events import SessionsEnded
from callcenter.server import cookies
from tests.fixtures.house import PASSWORD, Browser, House


def session_cookie(browser: Browser) -> str:
    for cookie in browser.client.session.cookie_jar:
        if cookie.key == cookies.SESSION:
            return cookie.value
    return ""


async def tries(browser: Browser, login: str, password: str = PASSWORD, **fields: str):
    await browser.open("/sign-in")
    return await browser.submit("/sign-in", {"login": login, "password": password, **fields})


async def test_a_person_signs_in_and_is_known_on_the_next_page(house: House):
    await house.person("anna")
    browser = await house.browser()

    page = await tries(browser, "  Anna ", next="/account")

    assert (page.status, page.location) == (303, "/account")
    assert "Anna" in (await browser.open("/account")).text


async def test_the_front_door_leads_to_the_desk_or_to_sign_in(sqlite_house: House):
    await sqlite_house.person("anna")

    assert (await (await sqlite_house.signed_in("anna")).open("/")).location == "/desk"
    assert (await (await sqlite_house.browser()).open("/")).location == "/sign-in"


async def test_the_session_cookie_is_hidden_from_scripts_and_other_sites(house: House):
    await house.person("anna")
    page = await tries(await house.browser(), "anna")

    cookie = next(c for c in page.headers.getall("Set-Cookie") if c.startswith(cookies.SESSION))
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie  # plain http on loopback: the browser would not send it back


async def test_the_database_holds_only_a_digest_of_the_session(house: House):
    await house.person("anna")
    browser = await house.signed_in("anna")

    async with house.database.read() as session:
        token = await session.scalar(select(Token))

    assert token.hash == digest(session_cookie(browser))
    assert session_cookie(browser).encode() not in token.hash


@pytest.mark.parametrize(
    ("login", "password"),
    [("anna", "wrong"), ("nobody", PASSWORD), ("anna", ""), ("", ""), ("boris", PASSWORD)],
)
async def test_whoever_is_not_let_in_reads_the_same_sentence(
    sqlite_house: House, login: str, password: str
):
    await sqlite_house.person("anna")
    boris = await sqlite_house.person("boris")
    async with sqlite_house.database.write() as session:
        (await session.merge(boris)).active = False
    browser = await sqlite_house.browser(Accept_Language="en")

    page = await tries(browser, login, password)

    assert page.status == 401
    assert "Login or password is wrong." in page.text
    assert session_cookie(browser) == ""


async def test_a_failed_sign_in_stands_in_the_audit_without_the_password(house: House):
    anna = await house.person("anna")
    await tries(await house.browser(), "anna", "my secret guess")

    async with house.database.read() as session:
        line = await session.scalar(select(Audit).where(Audit.action == "sign-in-failed"))

    assert (line.entity_id, line.ip) == (anna.id, "127.0.0.1")
    assert "my secret guess" not in str(vars(line))


async def test_after_five_wrong_passwords_even_the_right_one_must_wait(sqlite_house: House):
    await sqlite_house.person("anna")
    browser = await sqlite_house.browser(Accept_Language="en")
    for _ in range(5):
        assert (await tries(browser, "anna", "wrong")).status == 401

    locked = await tries(browser, "anna")
    sqlite_house.clock.move(seconds=301)
    later = await tries(browser, "anna")

    assert locked.status == 429
    assert "Wait 300 seconds" in locked.text
    assert later.status == 303


async def test_a_locked_person_does_not_lock_colleagues_of_the_same_office(sqlite_house: House):
    await sqlite_house.person("anna")
    await sqlite_house.person("boris")
    browser = await sqlite_house.browser()
    for _ in range(6):
        await tries(browser, "anna", "wrong")

    assert (await tries(browser, "boris")).status == 303


async def test_somebody_who_comes_and_goes_all_day_is_never_locked_out(sqlite_house: House):
    await sqlite_house.person("anna")
    browser = await sqlite_house.browser()
    for _ in range(8):
        await tries(browser, "anna", "typo")
        assert (await tries(browser, "anna")).status == 303
        await browser.open("/account")
        await browser.submit("/sign-out")


async def test_signing_in_never_continues_a_session_that_was_there_before(house: House):
    await house.person("anna")
    browser = await house.signed_in("anna")
    planted = session_cookie(browser)

    await browser.submit("/sign-in", {"login": "anna", "password": PASSWORD})

    assert session_cookie(browser) != planted
    stranger = await house.browser()
    page = await stranger.open("/account", Cookie=f"{cookies.SESSION}={planted}")
    assert page.status == 303


async def test_a_session_ends_when_nobody_has_used_it_for_twelve_hours(house: House):
    await house.person("anna")
    browser = await house.signed_in("anna")

    house.clock.move(hours=11, minutes=59)
    assert (await browser.open("/account")).status == 200
    house.clock.move(hours=11, minutes=59)
    assert (await browser.open("/account")).status == 200  # each use moves the end
    house.clock.move(hours=12, minutes=1)
    assert (await browser.open("/account")).status == 303


async def test_an_ended_session_leads_a_page_to_sign_in_and_back(sqlite_house: House):
    browser = await sqlite_house.browser()

    page = await browser.open("/account?tab=2")
    form = await browser.open(page.location)

    assert page.location == "/sign-in?next=/account?tab%3D2"
    assert form.value("next") == "/account?tab=2"


async def test_an_ended_session_is_json_for_the_api(sqlite_house: House):
    page = await (await sqlite_house.browser()).open("/api/v1/me", Accept_Language="en")

    assert page.status == 401
    assert page.json["error"]["code"] == "not-signed-in"
    assert page.json["error"]["message"].startswith("Your session has ended.")


async def test_an_ended_session_makes_htmx_load_the_sign_in_page(sqlite_house: House):
    here = f"{sqlite_house.origin}/contacts?q=a b"
    page = await (await sqlite_house.browser()).open(
        "/account", HX_Request="true", HX_Current_URL=here
    )

    assert page.status == 401
    assert URL(page.headers["HX-Redirect"]).path == "/sign-in"
    assert URL(page.headers["HX-Redirect"]).query["next"] == "/contacts?q=a+b"
    door = await (await sqlite_house.browser()).open(page.headers["HX-Redirect"])
    assert "Sessiyanız bitib." in door.text


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example", "//evil.example", "/\\evil.example", "/\tx", "x"]
)
async def test_sign_in_never_leads_to_another_site(sqlite_house: House, elsewhere: str):
    await sqlite_house.person("anna")
    page = await tries(await sqlite_house.browser(), "anna", next=elsewhere)

    assert page.location == "/"


async def test_signing_out_ends_the_session_and_says_so_to_the_house(house: House):
    anna = await house.person("anna")
    browser = await house.signed_in("anna")
    kept = session_cookie(browser)

    page = await browser.submit("/sign-out")

    assert page.location == "/sign-in"
    again = await (await house.browser()).open("/account", Cookie=f"{cookies.SESSION}={kept}")
    assert again.status == 303
    ended = next(event for event in house.events if isinstance(event, SessionsEnded))
    assert ended.user_id == anna.id
    assert ended.token_id


async def test_each_language_greets_on_the_sign_in_page(sqlite_house: House):
    titles = {}
    for code in ("az", "tr", "ru", "en"):
        page = await (await sqlite_house.browser(Accept_Language=f"{code},en;q=0.5")).open(
            "/sign-in"
        )
        assert f'<html lang="{code}"' in page.text
        titles[code] = page.text.split("<h1>")[1].split("</h1>")[0]

    assert len(set(titles.values())) == 4


async def test_a_language_chosen_before_sign_in_is_kept_for_next_time(sqlite_house: House):
    browser = await sqlite_house.browser(Accept_Language="en")
    await browser.open("/sign-in")

    page = await browser.submit("/preferences", {"locale": "ru", "next": "/sign-in?next=/calls"})

    assert page.location == "/sign-in?next=/calls"
    assert '<html lang="ru"' in (await browser.open("/sign-in")).text


async def test_the_persons_own_language_wins_over_the_browsers(house: House):
    await house.person("anna", locale="ru")
    browser = await house.signed_in("anna")

    assert '<html lang="ru"' in (await browser.open("/account", Accept_Language="en")).text


async def test_a_page_that_nobody_touches_does_not_keep_its_session(sqlite_house: House):
    await sqlite_house.person("anna")
    browser = await sqlite_house.signed_in("anna")
    sign_in, secret = sqlite_house.app[SIGN_IN], session_cookie(browser)

    async def is_let_in() -> bool:
        at = sqlite_house.clock()
        return await sign_in.identify("session", secret, at, is_use=False) is not None

    sqlite_house.clock.move(hours=11)
    assert await is_let_in()
    sqlite_house.clock.move(hours=2)
    assert not await is_let_in()

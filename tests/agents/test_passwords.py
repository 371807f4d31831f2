"""Changing a password, and choosing a new one by a link."""

import time

import pytest
from argon2 import PasswordHasher

from callcenter.agents import passwords, tokens
from callcenter.agents.models import User
from callcenter.errors import BadInput, ResetLinkUsed
from callcenter.events import SessionsEnded
from callcenter.server.actor import SYSTEM
from tests.fixtures.house import PASSWORD, REAL_HASHER, House

NEW = "seven green bottles"


async def link_for(house: House, user_id: int) -> str:
    async with house.database.write() as session:
        return await passwords.make_reset_link(session, user_id, house.clock(), SYSTEM)


@pytest.mark.parametrize(
    ("password", "problem"),
    [
        ("", passwords.MISSING),
        ("short", passwords.TOO_SHORT),
        ("x" * 201, passwords.TOO_LONG),
        ("aaaaaaaaaaaa", passwords.TOO_PLAIN),
        ("annamammadova", passwords.TOO_PLAIN),  # his own login and name
        ("password111", passwords.TOO_PLAIN),
    ],
)
def test_what_is_easy_to_guess_is_refused(password: str, problem: str):
    person = User(login="anna", name="Anna Mammadova")
    with pytest.raises(BadInput) as refused:
        passwords.check(password, password, person)

    assert refused.value.fields == {"password": problem}


def test_the_new_password_must_be_typed_twice_alike():
    with pytest.raises(BadInput) as refused:
        passwords.check(NEW, NEW + "!", User(login="anna", name="Anna"))

    assert refused.value.fields == {"again": passwords.DIFFERENT}


async def test_a_changed_password_ends_all_other_sessions_but_not_ones_own(house: House):
    anna = await house.person("anna")
    here, elsewhere = await house.signed_in("anna"), await house.signed_in("anna")

    page = await here.submit("/password", {"present": PASSWORD, "password": NEW, "again": NEW})

    assert page.status == 303
    assert (await here.open("/account")).status == 200
    assert (await elsewhere.open("/account")).status == 303
    assert SessionsEnded(at=house.clock().timestamp(), user_id=anna.id) in house.events
    await house.signed_in("anna", NEW)


async def test_only_who_knows_the_present_password_may_change_it(sqlite_house: House):
    await sqlite_house.person("anna", locale="en")
    browser = await sqlite_house.signed_in("anna")

    page = await browser.submit("/password", {"present": "no", "password": NEW, "again": NEW})

    assert page.status == 422
    assert "This is not your present password." in page.text
    await sqlite_house.signed_in("anna", PASSWORD)


async def test_somebody_with_an_expired_password_sees_only_the_form_for_a_new_one(house: House):
    anna = await house.person("anna")
    async with house.database.write() as session:
        (await session.merge(anna)).password_expired = True
    browser = await house.browser()
    await browser.open("/sign-in")
    await browser.submit("/sign-in", {"login": "anna", "password": PASSWORD})

    page = await browser.open("/account")
    api = await browser.open("/api/v1/me")
    await browser.open("/password")
    await browser.submit("/password", {"present": PASSWORD, "password": NEW, "again": NEW})

    assert (page.status, page.location) == (303, "/password")
    assert (api.status, api.json["error"]["code"]) == (403, "password-expired")
    assert (await browser.open("/account")).status == 200


async def test_a_program_whose_person_never_signs_in_is_let_in_by_its_token(sqlite_house: House):
    shop = await sqlite_house.person("shop", "integrator")
    async with sqlite_house.database.write() as session:
        (await session.merge(shop)).password_expired = True
        secret, _row = tokens.issue(
            session, "api", shop.id, sqlite_house.clock(), name="shop", scopes=("*",)
        )
    program = await sqlite_house.browser()

    me = await program.call("GET", "/api/v1/me", Authorization=f"Bearer {secret}")

    assert (me.status, me.json["login"]) == (200, "shop")


async def test_a_reset_link_sets_a_password_once(house: House):
    anna = await house.person("anna")
    old = await house.signed_in("anna")
    secret = await link_for(house, anna.id)
    browser = await house.browser(Accept_Language="en")
    form = await browser.open(f"/password/reset?token={secret}")
    fields = {"token": form.value("token"), "password": NEW, "again": NEW}

    first = await browser.submit("/password/reset", fields)
    second = await browser.submit("/password/reset", fields)

    assert (first.status, first.location) == (303, "/sign-in?done=password")
    assert second.status == 410
    assert "This link has been used or is too old." in second.text
    assert (await old.open("/account")).status == 303
    await house.signed_in("anna", NEW)


async def test_of_two_people_with_the_same_link_only_one_sets_the_password(house: House):
    anna = await house.person("anna")
    secret = await link_for(house, anna.id)
    hash_ = await passwords.hashed(NEW)
    async with house.database.write() as session:
        await passwords.use_link(session, secret, hash_, house.clock(), SYSTEM)

    with pytest.raises(ResetLinkUsed):
        async with house.database.write() as session:
            await passwords.use_link(session, secret, hash_, house.clock(), SYSTEM)


async def test_a_reset_link_is_good_for_an_hour(sqlite_house: House):
    anna = await sqlite_house.person("anna")
    secret = await link_for(sqlite_house, anna.id)
    browser = await sqlite_house.browser()

    sqlite_house.clock.move(minutes=59)
    assert (await browser.open(f"/password/reset?token={secret}")).status == 200
    sqlite_house.clock.move(minutes=2)
    assert (await browser.open(f"/password/reset?token={secret}")).status == 410


async def test_a_new_reset_link_ends_the_one_before(sqlite_house: House):
    anna = await sqlite_house.person("anna")
    first, second = await link_for(sqlite_house, anna.id), await link_for(sqlite_house, anna.id)
    browser = await sqlite_house.browser()

    assert (await browser.open(f"/password/reset?token={first}")).status == 410
    assert (await browser.open(f"/password/reset?token={second}")).status == 200


async def test_an_administrator_hands_over_a_link_that_works(house: House):
    anna = await house.person("anna")
    await house.person("root", "admin")
    admin = await house.signed_in("root")

    page = await admin.submit(f"/admin/people/{anna.id}/reset-link")

    link = page.text.split(f"{house.origin}/password/reset?token=")[1].split('"')[0].split("<")[0]
    assert (await (await house.browser()).open(f"/password/reset?token={link}")).status == 200


async def test_an_unknown_login_takes_as_long_as_a_known_one(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(passwords, "_hasher", REAL_HASHER)
    passwords._nobodys.cache_clear()
    stored = await passwords.hashed(PASSWORD)
    await passwords.is_right("warm", None)

    async def fastest(hash_: str | None) -> float:
        spans = []
        for _ in range(3):
            # The processor's time: that of a clock would tell of the machine's other work, too.
            began = time.process_time()
            assert not await passwords.is_right("wrong", hash_)
            spans.append(time.process_time() - began)
        return min(spans)

    try:
        assert await fastest(None) > await fastest(stored) / 3
    finally:
        passwords._nobodys.cache_clear()


def test_a_stolen_hash_is_expensive_to_guess():
    assert REAL_HASHER.hash("x").startswith("$argon2id$")
    assert (REAL_HASHER.memory_cost, REAL_HASHER.time_cost) >= (64 * 1024, 3)


async def test_an_old_hash_is_made_anew_at_the_next_sign_in(house: House):
    anna = await house.person("anna")
    weaker = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1, hash_len=16).hash(PASSWORD)
    async with house.database.write() as session:
        (await session.merge(anna)).password_hash = weaker

    await house.signed_in("anna")

    async with house.database.read() as session:
        now = (await session.get_one(User, anna.id)).password_hash
    assert now != weaker
    await house.signed_in("anna")

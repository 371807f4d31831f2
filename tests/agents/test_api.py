"""The people's part of the REST API, by session and by token."""

from pathlib import Path

import pytest

from callcenter.agents import tokens
from callcenter.agents.models import User
from callcenter.db import Database
from callcenter.settings import Settings
from tests.agents.test_people import a_pbx
from tests.fixtures.house import House, house_on


async def token_of(house: House, person: User, *scopes: str) -> str:
    async with house.database.write() as session:
        secret, _row = tokens.issue(
            session, "api", person.id, house.clock(), name="test", scopes=scopes
        )
    return f"Bearer {secret}"


async def test_a_token_says_who_one_is_and_needs_no_csrf_token(house: House):
    boss = await house.person("boss", "admin")
    async with house.database.write() as session:
        session.add(pbx := a_pbx(house))
    bearer = await token_of(house, boss, "*")
    client = await house.browser()

    me = await client.open("/api/v1/me", Authorization=bearer)
    moved = await client.request(
        "PUT", "/api/v1/phones", headers={"Authorization": bearer},
        data=f'{{"pbx_id": {pbx.id}, "endpoint": "PJSIP/1001", "user_id": {boss.id}}}',
    )  # fmt: skip
    users = await client.open("/api/v1/users", Authorization=bearer)

    assert (me.json["login"], me.json["role"]) == ("boss", "admin")
    assert moved.status == 204
    assert users.json[0]["phones"][0]["endpoint"] == "PJSIP/1001"


@pytest.mark.parametrize(
    ("scopes", "status"),
    [(("*",), 200), (("user:read",), 200), (("user:*",), 200), (("contact:read",), 403)],
)
async def test_a_token_opens_only_what_its_scopes_name(
    sqlite_house: House, scopes: tuple[str, ...], status: int
):
    boss = await sqlite_house.person("boss", "admin")
    bearer = await token_of(sqlite_house, boss, *scopes)

    page = await (await sqlite_house.browser()).open("/api/v1/users", Authorization=bearer)

    assert page.status == status
    if status == 403:
        assert page.json["error"]["code"] == "out-of-scope"
        assert "user:read" in page.json["error"]["message"]


async def test_a_token_never_opens_more_than_its_person_may(sqlite_house: House):
    anna = await sqlite_house.person("anna")
    bearer = await token_of(sqlite_house, anna, "*")

    page = await (await sqlite_house.browser()).open("/api/v1/users", Authorization=bearer)

    assert (page.status, page.json["error"]["code"]) == (403, "not-allowed")


@pytest.mark.parametrize("header", ["Bearer nonsense", "Bearer ", "Basic YTpi", "Bearer"])
async def test_a_wrong_token_is_nobody(sqlite_house: House, header: str):
    page = await (await sqlite_house.browser()).open("/api/v1/me", Authorization=header)

    assert page.status == 401


async def test_a_session_secret_is_no_api_token(sqlite_house: House):
    await sqlite_house.person("anna")
    browser = await sqlite_house.signed_in("anna")
    (secret,) = [
        c.value for c in browser.client.session.cookie_jar if c.key == "callcenter_session"
    ]

    page = await (await sqlite_house.browser()).open("/api/v1/me", Authorization=f"Bearer {secret}")

    assert page.status == 401


async def test_a_token_is_made_and_revoked_on_the_persons_page(house: House):
    anna = await house.person("anna")
    await house.person("root", "admin")
    admin, client = await house.signed_in("root"), await house.browser()
    path = f"/admin/people/{anna.id}/tokens"

    refused = await admin.submit(path, {"token_name": "", "scopes": "everything"})
    made = await admin.submit(path, {"token_name": "1C", "scopes": "*"})
    secret = tokens.API_PREFIX + made.text.split(tokens.API_PREFIX)[1][:43]
    before = await client.open("/api/v1/me", Authorization=f"Bearer {secret}")
    shown = await admin.open(f"/admin/people/{anna.id}")
    token_id = shown.text.split("/admin/tokens/")[1].split("/")[0]
    await admin.submit(f"/admin/tokens/{token_id}/revoke")
    after = await client.open("/api/v1/me", Authorization=f"Bearer {secret}")

    assert refused.status == 422
    assert (before.status, after.status) == (200, 401)
    assert secret not in shown.text


async def test_what_does_not_fit_is_named_field_by_field(sqlite_house: House):
    boss = await sqlite_house.person("boss", "admin", locale="en")
    bearer = {"Authorization": await token_of(sqlite_house, boss, "*")}
    client = await sqlite_house.browser()

    async def put(body: str):
        return await client.request("PUT", "/api/v1/phones", headers=bearer, data=body)

    nonsense, missing, misfit, unknown = [
        await put(body)
        for body in (
            "{",
            '{"pbx_id": 1, "endpoint": "PJSIP/1"}',
            '{"pbx_id": "1", "endpoint": "PJSIP/1", "user_id": null}',
            '{"pbx_id": 1, "endpoint": "1001", "user_id": 5}',
        )
    ]

    assert (nonsense.status, nonsense.json["error"]["code"]) == (400, "not-understood")
    assert missing.json["error"]["fields"] == {"user_id": "This is needed."}
    assert misfit.json["error"]["fields"] == {"pbx_id": "This value does not fit here."}
    assert sorted(unknown.json["error"]["fields"]) == ["endpoint", "pbx_id", "user_id"]
    assert [page.status for page in (missing, misfit, unknown)] == [422, 422, 422]
    assert sqlite_house.events == []


@pytest.mark.parametrize(
    ("endpoint", "kind", "status"),
    [
        ("tel:+994501112233", "external", 204),
        ("tel:+994501112233", "desk", 422),  # what is rung by a trunk is no phone of the PBX
        ("PJSIP/1001", "external", 422),
        ("tel:0501112233", "external", 422),  # nobody knows in which country
    ],
)
async def test_an_outside_number_is_given_by_its_one_form(
    sqlite_house: House, endpoint: str, kind: str, status: int
):
    boss = await sqlite_house.person("boss", "admin", locale="en")
    bearer = {"Authorization": await token_of(sqlite_house, boss, "*")}
    client = await sqlite_house.browser()
    async with sqlite_house.database.write() as session:
        session.add(pbx := a_pbx(sqlite_house))

    body = {"pbx_id": pbx.id, "endpoint": endpoint, "kind": kind, "user_id": boss.id}
    given = await client.call("PUT", "/api/v1/phones", body, **bearer)
    taken = await client.call("PUT", "/api/v1/phones", body | {"user_id": None}, **bearer)

    assert (given.status, taken.status) == (status, 422 if "tel:0" in endpoint else 204)


@pytest.mark.parametrize("scopes", [("contact:read",), ("*",)])
async def test_a_token_opens_no_pages(sqlite_house: House, scopes: tuple[str, ...]):
    anna = await sqlite_house.person("anna", email="anna@example.az")
    bearer = await token_of(sqlite_house, anna, *scopes)
    client = await sqlite_house.browser()

    # Whoever sets the address, gets the links for a new password.
    changed = await client.submit(
        "/account", {"name": "Anna", "email": "thief@example.az"}, Authorization=bearer
    )
    read = await client.open("/account", Authorization=bearer)
    # Everybody may choose a language, but with a token nobody's account is changed so.
    await client.submit("/preferences", {"locale": "ru", "theme": "dark"}, Authorization=bearer)

    assert (changed.status, read.status) == (403, 403)
    async with sqlite_house.database.read() as session:
        person = await session.get_one(User, anna.id)
    assert (person.email, person.theme) == ("anna@example.az", "auto")


async def test_one_makes_a_token_of_ones_own_and_withdraws_it(sqlite_house: House):
    await sqlite_house.person("anna", locale="en")
    anna, client = await sqlite_house.signed_in("anna"), await sqlite_house.browser()
    asked = [("token_name", "Sheet"), ("days", "30"), ("scopes", "contact:read")]

    made = await anna.submit("/account/tokens", asked)
    secret = tokens.API_PREFIX + made.text.split(tokens.API_PREFIX)[1][:43]
    bearer = {"Authorization": f"Bearer {secret}"}
    good = (await client.open("/api/v1/me", **bearer)).status
    shown = await anna.open("/account/tokens")
    token_id = shown.text.split("/account/tokens/")[1].split("/")[0]
    sqlite_house.clock.move(days=31)
    anna = await sqlite_house.signed_in("anna")
    too_late = (await client.open("/api/v1/me", **bearer)).status
    await anna.submit(f"/account/tokens/{token_id}/revoke")

    assert (good, too_late) == (200, 401)
    assert "contact:read" in shown.text
    assert secret not in shown.text
    assert "/revoke" not in (await anna.open("/account/tokens")).text


async def test_one_is_offered_only_what_ones_role_allows(sqlite_house: House):
    await sqlite_house.person("anna", locale="en")
    anna = await sqlite_house.signed_in("anna")
    asked = [("token_name", ""), ("scopes", "contact:read"), ("scopes", "user:edit")]

    offered = await anna.open("/account/tokens")
    refused = await anna.submit("/account/tokens", asked)

    assert 'value="contact:read"' in offered.text
    assert 'value="user:edit"' not in offered.text
    assert refused.status == 422
    assert 'value="contact:read" aria-label="Contacts: See" title="contact:read" checked' in (
        refused.text
    )


async def test_nobody_withdraws_a_token_of_somebody_else_but_an_administrator(sqlite_house: House):
    boss, anna = await sqlite_house.person("boss", "admin"), await sqlite_house.person("anna")
    await token_of(sqlite_house, boss, "*")
    admin, agent = await sqlite_house.signed_in("boss"), await sqlite_house.signed_in("anna")

    page = await admin.open("/admin/tokens")
    token_id = page.text.split("/admin/tokens/")[1].split("/")[0]

    assert f"/admin/people/{boss.id}" in page.text
    assert (await agent.submit(f"/account/tokens/{token_id}/revoke")).status == 404
    assert (await agent.submit(f"/admin/tokens/{token_id}/revoke")).status == 403
    assert (await agent.open("/admin/tokens")).status == 403
    assert (await admin.submit(f"/admin/tokens/{token_id}/revoke?all=1")).location == (
        "/admin/tokens"
    )
    assert anna.id != boss.id


async def test_a_token_that_asks_too_often_is_told_how_long_to_wait(
    sqlite_database: Database, tmp_path: Path
):
    slow = Settings(data=str(tmp_path), api_per_minute=3)
    async with house_on(sqlite_database, tmp_path, settings=slow) as house:
        boss = await house.person("boss", "admin", locale="en")
        client = await house.browser()
        one, other = [{"Authorization": await token_of(house, boss, "*")} for _ in range(2)]

        statuses = [(await client.open("/api/v1/me", **one)).status for _ in range(3)]
        refused = await client.open("/api/v1/me", **one)
        others = await client.open("/api/v1/me", **other)
        house.clock.move(minutes=1)
        again = await client.open("/api/v1/me", **one)

    assert statuses == [200] * 3
    assert (refused.status, refused.json["error"]["code"]) == (429, "too-many-requests")
    assert refused.headers["Retry-After"] == "60"
    assert (others.status, again.status) == (200, 200)

"""One's own state over REST."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from callcenter.agents import roles, state_api
from callcenter.db import Database
from callcenter.server.application import build
from callcenter.server.identity import Identity
from callcenter.settings import Settings
from tests.agents.test_keeper import ANNA, Office, give_phones, opened

Client = TestClient[web.Request, web.Application]


@pytest.fixture
async def office(sqlite_database: Database) -> AsyncIterator[Office]:
    await give_phones(sqlite_database)
    async with opened(sqlite_database) as office:
        office.queues.snapshot()
        yield office


@pytest.fixture
async def client(
    office: Office, sqlite_database: Database, tmp_path: Path
) -> AsyncIterator[Client]:
    async def authenticate(request: web.Request) -> Identity | None:
        role = request.headers.get("Role")
        if role is None:
            return None
        return Identity(
            user_id=ANNA, name="Anna", login="anna", role_key=role, via="token",
            scopes=frozenset({"*"}), grants=roles.SEEDS[role].grants if role in roles.SEEDS else {},
        )  # fmt: skip

    app = build(
        Settings(data=str(tmp_path), language="en"), sqlite_database, office.bus,
        authenticate=authenticate, routes=state_api.routes,
    )  # fmt: skip
    app[state_api.KEEPER] = office.keeper
    async with TestClient(TestServer(app, host="127.0.0.1")) as client:
        yield client


async def put(client: Client, body: Any, role: str = "agent") -> tuple[int, Any]:
    async with client.put("/api/v1/me/state", json=body, headers={"Role": role}) as response:
        return response.status, await response.json()


async def test_an_agent_says_what_he_wants_and_is_told_what_he_does(client: Client, office: Office):
    status, told = await put(client, {"state": "paused", "reason": "lunch"})

    assert (status, told["state"], told["reason"]) == (200, "paused", "lunch")
    await office.settled()
    assert office.queues.of(ANNA) == {True}


async def test_done_ends_the_wrap_up_and_said_twice_it_does_no_harm(client: Client, office: Office):
    await put(client, {"state": "ready"})
    office.leg("talking")
    office.leg("ended")
    async with client.get("/api/v1/me/state", headers={"Role": "agent"}) as response:
        assert (await response.json())["state"] == "wrap-up"
    for _ in range(2):
        async with client.delete("/api/v1/me/wrap-up", headers={"Role": "agent"}) as response:
            assert (response.status, (await response.json())["state"]) == (200, "ready")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"state": "paused"}, "reason"),  # a pause has a reason
        ({"state": "ready", "reason": "lunch"}, "reason"),
        ({"state": "paused", "reason": "sleepy"}, "reason"),  # a short list
        ({"state": "talking"}, "state"),  # nobody talks by wishing to
        ({}, "state"),
    ],
)
async def test_a_wish_that_makes_no_sense_is_refused_by_its_field(
    client: Client, office: Office, body: Any, field: str
):
    before = office.keeper.view(ANNA)
    status, told = await put(client, body)

    assert (status, told["error"]["code"]) == (422, "bad-input")
    assert field in str(told["error"])
    assert office.keeper.view(ANNA) == before


async def test_whoever_may_not_have_a_state_has_none(client: Client):
    assert (await put(client, {"state": "ready"}, role="integrator"))[0] == 403
    async with client.put("/api/v1/me/state", json={"state": "ready"}) as response:
        assert response.status == 401

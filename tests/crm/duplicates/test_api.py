"""Duplicates over HTTP, as another system asks for them."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from callcenter.crm.duplicates import api
from callcenter.db import Database
from tests.fixtures.customers import Office
from tests.fixtures.house import House, house_on

PATH = "/api/v1/contacts/duplicates"


@pytest.fixture
async def crm(sqlite_database: Database, tmp_path: Path) -> AsyncIterator[House]:
    async with house_on(sqlite_database, tmp_path, routes=api.routes) as house:
        yield house


async def test_another_system_learns_which_contact_it_is_about_to_add_again(crm: House) -> None:
    await crm.person("anna")
    anna = await crm.signed_in("anna")
    zoya = await Office(crm.database).contact("Zoya Quliyeva", "0502345678", city="Bakı")

    told = await anna.call(
        "POST", PATH, {"name": "Зоя Гулиева", "points": [{"value": "(050) 234 56 78"}]}
    )

    assert told.status == 200
    assert told.json == {
        "duplicates": [
            {
                "contact": {
                    "id": zoya.id, "kind": "person", "name": "Zoya Quliyeva", "title": None,
                    "company": None, "city": "Bakı",
                },
                "owner": None,
                "score": 85,
                "reasons": [
                    {"code": "phone", "value": "+994502345678"}, {"code": "sound", "value": ""},
                ],
            }
        ]
    }  # fmt: skip


async def test_the_body_that_will_add_it_is_compared_as_it_is(crm: House) -> None:
    await crm.person("anna")
    anna = await crm.signed_in("anna")
    office = Office(crm.database)
    await office.contact("Zoya Quliyeva", "0502345678", email="zoya@nar.example")
    body = {
        "kind": "person", "given_name": "Zoya", "family_name": "Guliyeva", "city": None,
        "is_customer": True, "points": [{"value": "Zoya@NAR.example"}], "tags": [{"name": "vip"}],
    }  # fmt: skip

    (found,) = (await anna.call("POST", PATH, body)).json["duplicates"]

    assert [each["code"] for each in found["reasons"]] == ["email", "sound"]


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({"points": [{"kind": "fax"}]}, "points[0].kind"),
        ({"nonsense": 1}, "nonsense"),
        ([], "body"),
    ],
)
async def test_what_cannot_be_read_is_named(crm: House, body: Any, wrong: str) -> None:
    await crm.person("anna")
    anna = await crm.signed_in("anna")

    refused = await anna.call("POST", PATH, body)

    assert (refused.status, list(refused.json["error"]["fields"])) == (422, [wrong])


async def test_nobody_is_told_who_is_not_signed_in(crm: House) -> None:
    stranger = await crm.browser()

    assert (await stranger.call("POST", PATH, {})).status in (401, 403)

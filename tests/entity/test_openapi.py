"""The API's document follows from the routes and the descriptions, and leaves nothing out."""

import re
from typing import Any

from aiohttp import web

from callcenter.app import site
from callcenter.app.entities import ENTITIES
from callcenter.db import new_id
from callcenter.entity.api_view import subjects
from callcenter.entity.keys import ENTITIES as ENTITY_KEY
from callcenter.entity.models import CustomField
from callcenter.entity.openapi import api_document, api_routes
from callcenter.entity.registry import Registry
from tests.entity.library import Library, sqlite_library
from tests.fixtures.house import House

__all__ = ["sqlite_library"]

APP = web.Application()
APP.add_routes(site.routes(ENTITIES))
DOCUMENT = api_document(APP, Registry(ENTITIES))


def test_every_address_of_the_api_is_in_the_document_once():
    there = [(path, method.lower()) for method, path, _handler in api_routes(APP)]
    told = [(path, method) for path, methods in DOCUMENT["paths"].items() for method in methods]

    assert sorted(there) == sorted(told)


def test_every_operation_says_what_it_is_for_and_has_a_name_of_its_own():
    operations = [told for methods in DOCUMENT["paths"].values() for told in methods.values()]

    assert [told for told in operations if not told["summary"]] == []
    names = [told["operationId"] for told in operations]
    assert len(names) == len(set(names))


def test_what_the_document_refers_to_is_in_it():
    referred = set(re.findall(r"'#/components/schemas/(\w+)'", str(DOCUMENT)))

    assert referred - set(DOCUMENT["components"]["schemas"]) == set()
    assert {"Contact", "ContactNew", "ContactChange", "Error"} <= referred


def test_a_change_names_the_scope_and_what_can_be_refused():
    change = DOCUMENT["paths"]["/api/v1/contacts/{id}"]["patch"]

    assert change["security"][0] == {"token": ["contact:edit"]}
    assert {"200", "401", "403", "404", "409", "422", "429"} <= set(change["responses"])
    assert "If-Match" in {each["name"] for each in change["parameters"]}
    assert "changed-meanwhile" in change["responses"]["409"]["description"]


def test_of_what_can_be_merged_the_document_says_where_the_other_is():
    contact = DOCUMENT["paths"]["/api/v1/contacts/{id}"]
    interaction = DOCUMENT["paths"]["/api/v1/interactions/{id}"]

    assert "308" in contact["get"]["responses"]
    assert "merged-into" in contact["delete"]["responses"]["409"]["description"]
    assert "308" not in interaction["get"]["responses"]


async def test_a_field_of_an_administrators_is_in_the_document_at_once(
    sqlite_library: Library,
) -> None:
    house = sqlite_library.house
    async with house.database.write() as session:
        session.add(
            CustomField(
                id=new_id(0), entity="book", key="shelf", type="integer", label={"en": "Shelf"},
                created_at=house.clock(), updated_at=house.clock(),
            )
        )  # fmt: skip
    await house.app[ENTITY_KEY].load(house.database)

    document: dict[str, Any] = (await sqlite_library.anna.open("/api/v1/openapi.json")).json

    shapes = document["components"]["schemas"]
    assert shapes["Book"]["properties"]["custom.shelf"]["description"] == "Shelf."
    assert "custom.shelf" in shapes["BookNew"]["properties"]


async def test_the_page_shows_each_address_with_its_fields(sqlite_house: House) -> None:
    await sqlite_house.person("anna", locale="en")
    anna = await sqlite_house.signed_in("anna")

    page = await anna.open("/api")

    assert page.status == 200
    assert "/api/v1/contacts/upsert" in page.text
    assert "contact:create" in page.text
    assert (await (await sqlite_house.browser()).open("/api")).status == 303


def test_fields_inside_fields_are_shown_with_their_types():
    (upsert,) = [
        deed
        for subject in subjects(DOCUMENT)
        for deed in subject.deeds
        if deed.path == "/api/v1/contacts/upsert"
    ]

    rows = {(row.name, row.depth): row for row in upsert.takes}
    assert rows["rows", 0].needed
    assert rows["kind", 1].kind == '"person" | "company"'
    assert rows["birthday", 1].kind == "date | null"


def test_what_may_be_written_of_an_item_of_a_list_is_told():
    shapes = DOCUMENT["components"]["schemas"]

    assert shapes["ContactNew"]["properties"]["points"]["items"] == {
        "$ref": "#/components/schemas/ContactPointsItem"
    }
    assert {"kind", "value", "label"} <= set(shapes["ContactPointsItem"]["properties"])
    assert {"contact_id", "text", "point"} <= set(
        shapes["InteractionParticipantsItem"]["properties"]
    )

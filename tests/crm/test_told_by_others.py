"""What another system tells of, such as a dialler that is not ours, is where it belongs at once."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from callcenter.db import Database
from tests.fixtures.customers import Office
from tests.fixtures.house import Browser, House, house_on

PATH = "/api/v1/interactions"
NUMBER = "050 234 56 78"


@pytest.fixture
async def house(sqlite_database: Database, tmp_path: Path) -> AsyncIterator[House]:
    async with house_on(sqlite_database, tmp_path, routes=()) as house:
        await house.person("dialler", "supervisor", locale="en")
        yield house


@pytest.fixture
async def dialler(house: House) -> Browser:
    return await house.signed_in("dialler")


def call(number: str, **facts: Any) -> dict[str, Any]:
    return {
        "kind": "call", "direction": "in", "status": "held", "subject": "Delivery",
        "start_at": "2026-11-22T09:00:00Z", "participants": [{"point": number}], **facts,
    }  # fmt: skip


async def test_a_call_is_the_one_contacts_who_has_its_number(
    house: House, dialler: Browser
) -> None:
    office = Office(house.database)
    company = await office.contact("Nar Mebel MMC", kind="company")
    zoe = await office.contact("Zoë", NUMBER, company_id=company.id)

    made = await dialler.call("POST", PATH, call("0502345678", external_id="D-1"))

    assert [one["contact_id"] for one in made.json["participants"]] == [zoe.id]
    # The company's timeline holds what its people said.
    taking = await house.database.fetch("SELECT contact_id, certainty FROM participant")
    assert {tuple(row) for row in taking} == {(zoe.id, "known"), (company.id, None)}


@pytest.mark.parametrize(
    ("number", "owners", "facts"),
    [
        (NUMBER, ("Zoë", "Orxan"), {}),  # it may have been either
        ("anonymous", ("Zoë",), {}),
        ("055 234 56 78", ("Zoë",), {}),
        # Who is named beside a number where he can be reached may be somebody else.
        (NUMBER, ("Zoë",), {"kind": "meeting", "direction": None, "text": "Her brother"}),
    ],
)
async def test_what_is_in_doubt_is_left_to_a_person(
    house: House, dialler: Browser, number: str, owners: tuple[str, ...], facts: dict[str, Any]
) -> None:
    for name in owners:
        await Office(house.database).contact(name, NUMBER)
    text = facts.pop("text", None)

    made = await dialler.call(
        "POST", PATH, call(number, participants=[{"point": number, "text": text}], **facts)
    )

    assert [one["contact_id"] for one in made.json["participants"]] == [None]


async def test_who_was_parted_from_a_contact_stays_so(house: House, dialler: Browser) -> None:
    await Office(house.database).contact("Zoë", NUMBER)
    made = (await dialler.call("POST", PATH, call(NUMBER))).json
    address, (linked,) = f"{PATH}/{made['id']}", made["participants"]

    nobody = [linked | {"contact_id": None}]
    await dialler.call("PATCH", address, {"participants": nobody})
    again = await dialler.call("PATCH", address, {"participants": [*nobody, {"text": "Anna"}]})

    assert {one["contact_id"] for one in again.json["participants"]} == {None}


async def test_telling_it_twice_writes_it_down_once(house: House, dialler: Browser) -> None:
    zoe = await Office(house.database).contact("Zoë", NUMBER)
    rows = [call(NUMBER, external_id=f"D-{one}", subject=f"Call {one}") for one in range(3)]

    first = await dialler.call("POST", f"{PATH}/upsert", {"key": "external_id", "rows": rows[:2]})
    again = await dialler.call("POST", f"{PATH}/upsert", {"key": "external_id", "rows": rows})
    posted = await dialler.call("POST", PATH, rows[0])

    assert [one["status"] for one in first.json["rows"]] == ["created", "created"]
    assert [one["status"] for one in again.json["rows"]] == ["same", "same", "created"]
    whose = await house.database.fetch("SELECT DISTINCT contact_id FROM participant")
    assert [tuple(row) for row in whose] == [(zoe.id,)]
    assert (posted.status, list(posted.json["error"]["fields"])) == (422, ["external_id"])

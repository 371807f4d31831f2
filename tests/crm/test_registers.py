"""State registers fill what is empty on a card, and say who is not to be trusted."""

import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from sqlalchemy import select

from callcenter.crm.contacts import pages
from callcenter.crm.contacts.models import Address, Contact, ContactPoint
from callcenter.crm.registers import pages as register_pages
from callcenter.crm.registers.providers import FileRegister, RegisterAway, WebRegister
from callcenter.crm.registers.setup import REGISTERS, Registers, registers_of
from callcenter.db import Database
from callcenter.settings import SettingsError
from tests.fixtures.customers import Office
from tests.fixtures.house import Browser, House, house_on

NAMES = {
    "tax_id": "VOEN", "legal_name": "Tam ad", "street": "Unvan", "city": "Seher", "country": "Olke",
    "phones": "Telefon", "unreliable": "Etibarsiz", "unreliable_reason": "Sebeb",
}  # fmt: skip
TABLE = """VOEN;Tam ad;Unvan;Seher;Olke;Telefon;Etibarsiz;Sebeb
1829139071;Nar Mebel MMC;Nizami 5;Bakı;AZ;012 555 12 34, 050 234 56 78;bəli;Vergi borcu
0364262121;Xəzər QSC;;;AZ;nonsense;;
"""


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "firms.csv"
    path.write_text(TABLE, encoding="utf-8")
    return path


async def test_a_register_in_a_table_is_read_anew_when_it_changed(table: Path) -> None:
    register = FileRegister("Firms", table, NAMES)

    found = await register.find("1829139071")
    assert found is not None
    assert (found.text("legal_name"), found.phones, found.unreliable) == (
        "Nar Mebel MMC", ("012 555 12 34", "050 234 56 78"), True,
    )  # fmt: skip
    assert await register.find("7811358661") is None

    table.write_text(TABLE.replace("Nar Mebel", "Nar Ev"), encoding="utf-8")
    os.utime(table, (1, 1))
    again = await register.find("1829139071")
    assert again is not None
    assert again.text("legal_name") == "Nar Ev MMC"


async def test_a_register_in_json_may_be_nested(tmp_path: Path) -> None:
    path = tmp_path / "firms.json"
    path.write_text('[{"id": {"inn": "7707083893"}, "names": [{"full": "ООО Мост"}]}]')
    register = FileRegister("Firms", path, {"tax_id": "id.inn", "legal_name": "names.0.full"})
    found = await register.find("7707083893")
    assert found is not None
    assert found.text("legal_name") == "ООО Мост"


async def test_a_file_that_is_no_register_is_said_to_be_away(tmp_path: Path) -> None:
    broken = tmp_path / "firms.json"
    broken.write_text("nothing of the kind")
    for path in (broken, tmp_path / "nowhere.csv"):
        with pytest.raises(RegisterAway):
            await FileRegister("Firms", path, NAMES).find("1829139071")


@pytest.fixture
async def service() -> AsyncIterator[TestServer]:
    async def firm(request: web.Request) -> web.Response:
        match request.match_info["id"]:
            case "1829139071":
                wanted = request.headers.get("Authorization")
                return web.json_response({"data": [{"inn": "1829139071", "name": wanted}]})
            case "500":
                return web.Response(status=500)
            case "html":
                return web.Response(text="<html>")
            case _:
                return web.Response(status=404)

    app = web.Application()
    app.router.add_get("/firms/{id}", firm)
    async with TestServer(app) as server:
        yield server


async def test_a_register_is_asked_over_http(
    service: TestServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REGISTER_TOKEN", "secret")
    address = str(service.make_url("/firms/")) + "{tax_id}"
    names = {"tax_id": "data.0.inn", "legal_name": "data.0.name"}
    register = WebRegister("Service", address, names, secret="env:REGISTER_TOKEN")

    found = await register.find("1829139071")
    assert found is not None
    assert found.text("legal_name") == "Bearer secret"
    assert await register.find("0364262121") is None
    for answer in ("500", "html"):
        with pytest.raises(RegisterAway):
            await register.find(answer)


async def test_a_register_that_is_away_is_passed_over_if_another_knows(
    table: Path, tmp_path: Path
) -> None:
    away = FileRegister("Away", tmp_path / "nowhere.csv", NAMES)
    registers = Registers([away, FileRegister("Firms", table, NAMES, ("az_voen",))])

    assert await registers.find("1829139071", "az_voen") is not None
    with pytest.raises(RegisterAway):
        await registers.find("7707083893", "ru_inn")


def test_the_setting_names_registers_in_a_file(table: Path, tmp_path: Path) -> None:
    told = tmp_path / "registers.toml"
    told.write_text(
        '[[register]]\nname = "F"\nfile = "firms.csv"\nkinds = ["az_voen"]\n'
        '[register.fields]\ntax_id = "VOEN"\n'
    )
    assert registers_of(str(told)).know("az_voen")
    assert not registers_of(str(told)).know("ru_inn")
    assert not registers_of("").know("az_voen")
    told.write_text('[[register]]\nname = "F"\n')
    with pytest.raises(SettingsError):
        registers_of(str(told))


# ---------------------------------------------------------------- on the card


@pytest.fixture
async def crm(sqlite_database: Database, tmp_path: Path, table: Path) -> AsyncIterator[House]:
    routes = [route for room in (pages, register_pages) for route in room.routes]
    registers = Registers([FileRegister("Firms", table, NAMES, ("az_voen",))])
    async with house_on(
        sqlite_database, tmp_path, routes=routes, held={REGISTERS: registers}
    ) as house:
        yield house


@pytest.fixture
async def anna(crm: House) -> Browser:
    await crm.person("anna", locale="en")
    return await crm.signed_in("anna")


async def all_of(crm: House, model: Any) -> list[Any]:
    async with crm.database.read() as session:
        return list(await session.scalars(select(model)))


async def test_the_card_fills_what_is_empty_and_warns_of_the_unreliable(
    crm: House, anna: Browser
) -> None:
    nar = await Office(crm.database).contact(
        "Nar", kind="company", city="Gəncə", tax_id="1829139071", tax_kind="az_voen"
    )
    assert "Fill from the register" in (await anna.open(f"/contacts/{nar.id}")).text

    filled = await anna.submit(f"/contacts/{nar.id}/register")

    assert filled.status == 303
    card = (await anna.open(f"/contacts/{nar.id}")).text
    for shown in (
        "Nar Mebel MMC",
        "Nizami 5",
        "+994 12 555 12 34",
        "Known as unreliable",
        "Vergi borcu",
    ):
        assert shown in card
    (contact,) = await all_of(crm, Contact)
    assert (contact.city, contact.country) == ("Gəncə", "AZ")  # what a person wrote stays
    assert len(await all_of(crm, Address)) == 1
    # Once more changes nothing.
    await anna.submit(f"/contacts/{nar.id}/register")
    assert (await all_of(crm, Contact))[0].version == contact.version


async def test_what_the_register_has_wrong_does_not_cost_the_rest(
    crm: House, anna: Browser
) -> None:
    xezer = await Office(crm.database).contact(
        "Xəzər", kind="company", tax_id="0364262121", tax_kind="az_voen"
    )
    assert (await anna.submit(f"/contacts/{xezer.id}/register")).status == 303
    (contact,) = await all_of(crm, Contact)
    assert contact.legal_name == "Xəzər QSC"
    assert await all_of(crm, ContactPoint) == []


async def test_one_learns_that_no_register_knows_the_tax_id(crm: House, anna: Browser) -> None:
    office = Office(crm.database)
    nobody = await office.contact("Nobody", tax_id="7811358661", tax_kind="az_voen")
    without = await office.contact("Without")

    refused = await anna.submit(f"/contacts/{nobody.id}/register")

    assert (refused.status, "No register knows this tax id" in refused.text) == (422, True)
    assert (await anna.submit(f"/contacts/{without.id}/register")).status == 404
    assert "Fill from the register" not in (await anna.open(f"/contacts/{without.id}")).text

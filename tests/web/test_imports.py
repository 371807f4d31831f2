"""A file is brought in by its page and taken back, whatever the window and without a mouse."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from tests.web.office import ConsoleOffice as Office
from tests.web.office import Desk
from tests.web.test_accessibility import LOOKS, faults_of

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]

FILE = """Given name;Family name;Mobile phone;E-mail;Birthday;Car
Şəhla;Quliyeva;050 234 56 78;s@example.az;12.03.1985;Niva
Çingiz;Əliyev;9,94E+11;;01.05.1990;Opel
Rəşad;Məmmədov;994552345678.0;not an address;31.02.1980;
"""


@pytest_asyncio.fixture(loop_scope="session")
async def desk(office: Office) -> AsyncIterator[Desk]:
    desk = await office.desk(await office.agent("Anna", "1001", role="admin"))
    yield desk
    assert desk.complaints == []


async def hand_in(page: Page, text: str = FILE, name: str = "customers.csv") -> None:
    await page.set_input_files(
        "[data-upload] [type=file]",
        {"name": name, "mimeType": "text/csv", "buffer": text.encode()},
    )
    await page.locator("[data-upload] button").press("Enter")


async def is_at_step(page: Page, status: str) -> None:
    await expect(page.locator("#import [role=status]").first).to_have_text(status, timeout=20_000)


@pytest.mark.parametrize(("width", "height", "scheme"), LOOKS)
async def test_rows_with_errors_are_told_and_a_whole_import_is_taken_back(
    desk: Desk, width: int, height: int, scheme: Any
):
    page, faults = desk.page, []
    await page.set_viewport_size({"width": width, "height": height})
    await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    await desk.open("/imports?entity=contacts")
    faults += await faults_of(page)

    await hand_in(page)
    await is_at_step(page, "Columns are being chosen")
    goes = {
        await page.locator(f"label[for=field-{n}]").inner_text(): await page.input_value(
            f"#field-{n}"
        )
        for n in range(6)
    }
    preview = page.get_by_role("region", name="The first rows as they will be")
    await expect(preview.get_by_text("its last digits are lost")).to_be_visible()
    faults += await faults_of(page)

    await page.get_by_role("button", name="Check all rows").press("Enter")
    await is_at_step(page, "Checked, not yet imported")
    async with page.expect_download() as changes:
        await page.get_by_role("link", name="Each change, row by row").click()
    faults += await faults_of(page)

    await page.get_by_label("Bring a row in without those of its cells").press("Space")
    await page.get_by_role("button", name="Import", exact=True).press("Enter")
    await is_at_step(page, "Imported")
    faults += await faults_of(page)
    await page.get_by_role("link", name="Contacts", exact=True).last.click()
    await expect(page.locator("#main")).to_contain_text("Rəşad Məmmədov")
    await page.go_back()

    page.once("dialog", lambda dialog: dialog.accept())
    await page.get_by_role("button", name="Take this import back").press("Enter")
    await is_at_step(page, "Taken back")
    await expect(page.locator("#import")).to_contain_text("3 rows were taken back.")
    faults += await faults_of(page)
    await desk.open("/contacts")

    await expect(page.locator("#main")).not_to_contain_text("Məmmədov")
    assert goes == {
        "Given name": "given_name", "Family name": "family_name", "Mobile phone": "phone",
        "E-mail": "email", "Birthday": "birthday", "Car": "",
    }  # fmt: skip
    assert "Şəhla" in (await (await changes.value).path()).read_text("utf-8-sig")
    assert faults == []


async def test_a_file_that_is_none_is_refused_where_it_was_chosen(desk: Desk):
    await desk.open("/imports")

    await hand_in(desk.page, "%PDF-1.7", "customers.pdf")

    await expect(desk.page.get_by_role("alert").first).to_contain_text("This is a PDF.")
    await expect(desk.page.locator("[data-upload] button")).to_be_enabled()

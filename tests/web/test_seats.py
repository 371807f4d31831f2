"""Sitting down at a shared phone with the keyboard alone, and choosing the phone one calls from."""

from datetime import UTC, datetime

import pytest
from playwright.async_api import expect

from callcenter.agents import devices, seats
from callcenter.server.actor import SYSTEM
from tests.service.office import Person
from tests.web.office import ConsoleOffice as Office
from tests.web.test_accessibility import faults_of

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]


async def share(office: Office, *extensions: str) -> None:
    async with office.house.database.write() as session:
        for extension in extensions:
            form = seats.SeatForm(
                name=f"Window {extension[-1]}", pbx_id=office.pbx_id,
                endpoint=f"PJSIP/{extension}", extension=extension,
            )  # fmt: skip
            await seats.add(session, form, datetime.now(UTC), SYSTEM)
    await office.house.devices.load()
    await office.house.telephony.load()


async def test_whoever_comes_in_without_a_phone_sits_down_by_keyboard(office: Office):
    await share(office, "1002", "1003")
    desk = await office.desk(await office.agent("Anna"))
    dialog = desk.page.locator("#seat-dialog")

    await expect(dialog.locator("[data-seat]").first).to_be_focused()
    assert await faults_of(desk.page) == []
    await desk.page.keyboard.press("ArrowDown")
    await desk.page.keyboard.press("Enter")

    await expect(dialog).not_to_be_visible()
    await expect(desk.page.locator("#seat-news")).to_have_text("You sit at Window 3 now.")
    await office.pbx.call(from_="0501234567", to="1003")
    await expect(desk.pop).to_have_attribute("data-phase", "ringing")
    assert desk.complaints == []


async def test_a_taken_place_is_taken_over_at_the_second_press_and_both_are_told(office: Office):
    await share(office, "1002")
    hers = await office.desk(await office.agent("Anna"))
    await expect(hers.page.locator("[data-seat]")).to_be_focused()
    await hers.page.keyboard.press("Enter")
    await expect(hers.page.locator("#seat-news")).to_be_visible()
    his = await office.desk(await office.agent("Boris", "1001"))

    await his.page.keyboard.press("p")
    place = his.page.locator("#seat-dialog [data-seat]")
    await expect(place).to_be_focused()
    await his.page.keyboard.press("Enter")
    await expect(place).to_contain_text("Take it over from Anna?")
    await his.page.keyboard.press("Enter")

    await expect(his.page.locator("#seat-news")).to_have_text("You sit at Window 2 now.")
    await expect(hers.page.locator("#seat-news")).to_have_text(
        "Boris sits at Window 2 now. Calls there ring you no more."
    )


async def test_the_phone_one_calls_from_is_chosen_beside_the_number_and_remembered(office: Office):
    anna = await office.agent("Anna", "1001")
    await second_phone(office, anna, "1002")
    desk = await office.desk(anna)
    choice = desk.page.locator("[data-phone-choice]")

    await choice.select_option(label="1002")
    await expect(choice.locator("option").first).to_have_text("1002")
    await desk.page.fill("[data-dial-form] input", "0501234567")
    await desk.page.keyboard.press("Enter")
    call = await office.pbx.originated()

    assert call.ringing == ["1002"]
    await desk.open("/contacts")
    await expect(choice.locator("option").first).to_have_text("1002")


async def second_phone(office: Office, person: Person, extension: str) -> None:
    async with office.house.database.write() as session:
        await devices.assign(
            session, user_id=person.id, pbx_id=office.pbx_id, endpoint=f"PJSIP/{extension}",
            extension=extension, at=datetime.now(UTC), by=SYSTEM,
        )  # fmt: skip
    await office.house.devices.load()
    await office.house.telephony.load()


@pytest.mark.parametrize(
    ("width", "height", "scheme"), [(1440, 900, "light"), (1024, 768, "dark"), (390, 844, "light")]
)
async def test_the_shared_phones_can_be_seen_by_everybody(
    office: Office, width: int, height: int, scheme: str
):
    await share(office, "1002", "1003", "1004")
    root = await office.agent("Root", "1001", role="admin")
    await second_phone(office, root, "1005")
    desk = await office.desk(root)
    await desk.page.set_viewport_size({"width": width, "height": height})
    await desk.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]

    faults = []
    for path in ("/phones", "/admin/seats/new", f"/admin/people/{root.id}", "/desk"):
        await desk.open(path)
        faults += await faults_of(desk.page)

    assert faults == []

"""The page of a call tells what happened, by eye, by keyboard and on paper."""

from typing import Any

import pytest
from playwright.async_api import Locator, expect
from sqlalchemy import update

from callcenter.agents.models import User
from tests.calls.chain import chain
from tests.service.office import Person
from tests.web.office import ConsoleOffice as Office
from tests.web.office import Desk
from tests.web.test_accessibility import LOOKS, faults_of

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]

#: When the transferred call was, in epoch seconds.
BEGAN_AT = 1_795_318_700.0

LANGUAGES = {
    "az": "Orxan müştərini ötürür: Leyla.",
    "tr": "Orxan müşteriyi aktarıyor: Leyla.",
    "ru": "Orxan переводит клиента: Leyla.",
    "en": "Orxan hands the customer over to Leyla.",
}


async def transferred_twice(office: Office) -> int:
    """Store a call that Aysel handed to Orxan and he to Leyla; return its id."""
    for name, extension in (("Aysel", "1001"), ("Orxan", "1002"), ("Leyla", "1003")):
        await office.agent(name, extension)
    for event in chain(office.pbx_id, BEGAN_AT):
        office.house.bus.publish(event)
    await office.written()
    [(call_id,)] = await office.house.database.fetch(
        "SELECT id FROM call WHERE first_uniqueid = ?1", "100.0"
    )
    return int(call_id)


async def heard_in_full(office: Office) -> tuple[int, Person]:
    """Have a call come in over the PBX's own line; return its id and who answered."""
    anna = await office.agent("Anna", "1004")
    call = await office.pbx.call(from_="0501234567", to="1004")
    await call.answer("1004")
    await call.hangup()
    call_id = await office.stored_call()
    # What was heard is on the disk for certain once the service has stopped.
    await office.restart()
    return call_id, anna


async def at_the_call(office: Office, call_id: int, language: str = "en") -> Desk:
    """Return a supervisor's desk with the page of the call open."""
    boss = await office.agent("Boss", role="supervisor")
    async with office.house.database.write() as session:
        await session.execute(update(User).where(User.id == boss.id).values(locale=language))
    desk = await office.desk(boss)
    await desk.open(f"/calls/{call_id}")
    return desk


def rows(desk: Desk) -> Locator:
    return desk.page.locator(".ladder__rows > li")


async def test_a_chain_of_transfers_is_read_like_a_story(office: Office):
    desk = await at_the_call(office, await transferred_twice(office))

    await expect(rows(desk).locator(".rung__text")).to_have_text([
        "The customer calls +994 12 404 20 00.",
        "The customer waits in the queue support.",
        "The phone rings: Aysel.",
        "Aysel picks up. Aysel and the customer hear each other.",
        "Aysel puts the customer on hold.",
        "Aysel calls a colleague: Orxan.",
        "Orxan picks up. Aysel and Orxan talk with each other; the customer is on hold.",
        "Aysel hands the customer over to Orxan. Orxan and the customer hear each other.",
        "Orxan puts the customer on hold.",
        "Orxan calls a colleague: Leyla.",
        "Leyla picks up. Orxan and Leyla talk with each other; the customer is on hold.",
        "Orxan hands the customer over to Leyla. Leyla and the customer hear each other.",
        "Leyla hangs up.",
    ])  # fmt: skip
    await expect(desk.page.locator(".overview__label")).to_contain_text(
        ["Türkan Vəliyeva", "support", "Aysel", "Orxan", "Leyla"]
    )
    assert desk.complaints == []


@pytest.mark.parametrize(("language", "sentence"), LANGUAGES.items())
async def test_it_is_told_in_every_language(office: Office, language: str, sentence: str):
    desk = await at_the_call(office, await transferred_twice(office), language)

    await expect(desk.page.locator("html")).to_have_attribute("lang", language)
    await expect(rows(desk).nth(11)).to_contain_text(sentence)


async def test_the_arrow_keys_walk_the_rows_and_enter_unfolds_the_messages(office: Office):
    desk = await at_the_call(office, (await heard_in_full(office))[0])
    summaries = desk.page.locator("[data-rung] > summary")
    await summaries.first.focus()

    await desk.page.keyboard.press("ArrowDown")
    await expect(summaries.nth(1)).to_be_focused()
    await desk.page.keyboard.press("Enter")

    why = desk.page.locator("[data-rung]").nth(1).locator(".why")
    await expect(why).to_contain_text("The phone was called, and began to ring.")
    await expect(why.locator("code").first).to_be_visible()
    await desk.page.keyboard.press("End")
    await expect(summaries.last).to_be_focused()
    assert desk.complaints == []


async def test_the_record_of_a_call_heard_in_full_is_checked(office: Office):
    desk = await at_the_call(office, (await heard_in_full(office))[0])

    await expect(desk.page.locator("[aria-labelledby=path] .panel__head")).to_contain_text(
        "Checked"
    )


async def test_an_agent_sees_why_but_not_the_messages(office: Office):
    call_id, anna = await heard_in_full(office)
    desk = await office.desk(anna)
    await desk.open(f"/calls/{call_id}")

    await desk.page.locator("[data-rung] > summary").nth(2).click()

    why = desk.page.locator("[data-rung]").nth(2).locator(".why")
    await expect(why).to_contain_text("shown to supervisors and administrators")
    await expect(why.locator("code")).to_have_count(0)


@pytest.mark.parametrize(("width", "height", "scheme"), LOOKS)
async def test_everybody_can_read_it_unfolded_too(
    office: Office, width: int, height: int, scheme: Any
):
    heard, _ = await heard_in_full(office)
    desk = await at_the_call(office, await transferred_twice(office))
    await desk.page.set_viewport_size({"width": width, "height": height})
    await desk.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    faults = await faults_of(desk.page)

    await desk.open(f"/calls/{heard}")
    for summary in await desk.page.locator("[data-rung] > summary").all():
        await summary.click()
    await desk.page.locator(".message summary").first.click()
    faults += await faults_of(desk.page)

    assert faults == []


async def test_on_paper_the_lanes_keep_their_colours(office: Office):
    desk = await at_the_call(office, await transferred_twice(office))
    await desk.page.emulate_media(media="print")

    adjust = await desk.page.locator(".ladder").evaluate(
        "element => getComputedStyle(element).printColorAdjust"
    )
    assert adjust == "exact"
    await expect(rows(desk).last).to_be_visible()

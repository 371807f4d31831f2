"""What people see and do in a real browser while calls come and go."""

import asyncio
import re

import pytest
from playwright.async_api import Route, expect

from callcenter.interactions.models import Interaction
from tests.web.office import ConsoleOffice as Office

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]

ZOE = "+994501234567"


async def test_the_callers_card_is_on_the_screen_while_the_phone_rings(office: Office):
    anna = await office.agent("Anna", "1001")
    zoe = await office.contact("Zoë Müller", ZOE, company="Müller & Co")
    desk = await office.desk(anna)

    await office.pbx.call(from_="0501234567", to="1001")

    await expect(desk.pop).to_have_attribute("data-phase", "ringing")
    await expect(desk.pop.locator(".pop__name")).to_have_text("Zoë Müller")
    await expect(desk.page.locator("#desk-card h1")).to_have_text("Zoë Müller")
    await expect(desk.page.locator("#desk-facts")).to_contain_text("Müller & Co")
    await expect(desk.page).to_have_title(re.compile("Call: Zoë Müller"))
    assert f"/contacts/{zoe}" in str(await desk.pop.inner_html())
    assert desk.complaints == []


async def test_a_note_being_typed_outlives_the_answer_and_the_end_of_the_call(office: Office):
    desk = await office.desk(await office.agent("Anna", "1001"))
    call = await office.pbx.call(from_="0501234567", to="1001")
    await desk.note.fill("Wants her ")

    await call.answer("1001")
    await expect(desk.pop).to_have_attribute("data-phase", "talking")
    await desk.note.press_sequentially("invoice")
    await expect(desk.note).to_be_focused()
    await expect(desk.note).to_have_value("Wants her invoice")
    await call.hangup()

    await expect(desk.pop).to_have_attribute("data-phase", "ended")
    await desk.note.press_sequentially(" again")
    await expect(desk.pop.locator(".note__state")).to_have_text("Saved")
    interaction = int(str(await desk.pop.locator("[data-note]").get_attribute("data-note")))
    async with office.house.database.read() as session:
        stored = await session.get_one(Interaction, interaction)
    assert stored.body == "Wants her invoice again"


async def test_a_pop_stays_while_one_goes_through_pages_and_back(office: Office):
    desk = await office.desk(await office.agent("Anna", "1001"))
    await office.pbx.call(from_="0501234567", to="1001")
    await desk.note.fill("Still typing")

    await desk.page.click('.rail a[href="/contacts"]')
    await expect(desk.page.locator("#rows")).to_be_visible()
    await desk.page.click('.rail a[href="/calls"]')
    await expect(desk.page.locator("#calls")).to_be_visible()
    await desk.page.go_back()
    await expect(desk.page.locator("#rows")).to_be_visible()

    await expect(desk.pop).to_have_count(1)
    await expect(desk.note).to_have_value("Still typing")


async def test_a_reload_brings_back_the_pop_and_the_text_that_was_not_saved(office: Office):
    desk = await office.desk(await office.agent("Anna", "1001"))
    await office.pbx.call(from_="0501234567", to="1001")
    await desk.page.route("**/api/v1/interactions/*", lambda route: route.abort())
    await desk.note.fill("Not lost")
    await expect(desk.pop.locator(".note__state")).to_contain_text("Not saved: no connection")
    await desk.page.unroute("**/api/v1/interactions/*")

    await desk.page.reload()

    await expect(desk.note).to_have_value("Not lost")
    await expect(desk.pop.locator(".note__state")).to_have_text("Saved")


async def test_two_people_who_write_the_same_note_lose_neither_text(office: Office):
    one = await office.desk(await office.agent("Anna", "1001"))
    two = await office.desk(await office.agent("Boris", "1002"))
    await office.pbx.queue_call("0501234567", "all")
    await expect(two.note).to_be_visible()
    first = asyncio.Event()

    async def later(route: Route) -> None:
        await first.wait()
        await route.fallback()

    await two.page.route("**/api/v1/interactions/*", later)
    await two.note.fill("Boris's")
    await one.note.fill("Anna's")
    await expect(one.pop.locator(".note__state")).to_have_text("Saved")

    first.set()

    await expect(two.pop.locator(".note__theirs blockquote")).to_have_text("Anna's")
    await two.pop.get_by_role("button", name="Keep both").click()

    await expect(two.pop.locator(".note__state")).to_have_text("Saved")
    await expect(two.note).to_have_value("Anna's\n\nBoris's")


async def test_a_line_lost_in_mid_ring_loses_nothing(office: Office):
    desk = await office.desk(await office.agent("Anna", "1001"))
    call = await office.pbx.call(from_="0501234567", to="1001")
    await desk.note.fill("Half a sen")

    office.house.hub.close()
    await call.answer("1001")

    await expect(desk.pop).to_have_attribute("data-phase", "talking")
    await expect(desk.pop).to_have_count(1)
    await desk.note.press_sequentially("tence")
    await expect(desk.note).to_have_value("Half a sentence")


async def test_a_page_says_that_the_service_is_gone_and_is_live_again_by_itself(office: Office):
    desk = await office.desk(await office.agent("Anna", "1001"))
    banner = desk.page.locator("#link-banner")

    await office.close()
    await expect(banner).to_have_text("Connection lost. Reconnecting…")
    await office.open()

    await expect(banner).to_be_hidden()
    await office.pbx.call(from_="0501234567", to="1001")
    await expect(desk.pop).to_have_attribute("data-phase", "ringing")


async def test_a_session_that_ended_leads_to_the_sign_in_and_back(office: Office):
    anna = await office.agent("Anna", "1001")
    desk = await office.desk(anna)
    await desk.open("/calls")

    other = await desk.page.context.new_page()
    await other.goto(f"{office.house.address}/account")
    await other.get_by_role("button", name="Sign out").click()
    await other.wait_for_url("**/sign-in")

    banner = desk.page.locator("#link-banner")
    await expect(banner).to_contain_text("Your session has ended.")
    await banner.get_by_role("link", name="Sign in").click()
    await desk.page.wait_for_url("**/sign-in?next=*calls")


async def test_a_lost_pbx_is_told_above_every_page_until_it_is_back(office: Office):
    desk = await office.desk(await office.agent("Anna", "1001"))
    banner = desk.page.locator("#link-banner")

    office.wire.take_down()
    await expect(banner).to_contain_text("The PBX Main has been unreachable")
    office.wire.put_up()

    await expect(banner).to_be_hidden()


async def test_a_double_click_on_a_number_places_one_call_and_shows_both_sides(office: Office):
    desk = await office.desk(await office.agent("Anna", "1001"))
    zoe = await office.contact("Zoë Müller", ZOE)
    await desk.open(f"/contacts/{zoe}")
    sent: list[str] = []
    desk.page.on("request", lambda request: sent.append(request.method + request.url[-9:]))
    number = desk.page.locator(".card__head [data-dial]")

    await number.dblclick()
    call = await office.pbx.originated()
    await expect(number).to_contain_text("Pick up your phone")
    await call.answer("1001")
    await expect(number).to_contain_text("Ringing…")
    await call.far_answers()
    await expect(number).to_contain_text("Talking")
    await expect(desk.page.locator("#callbar")).to_contain_text("Zoë Müller")
    await desk.page.locator("h1").click()
    await desk.page.keyboard.press("h")

    await expect(desk.page.locator("#callbar .call")).to_have_count(0)
    await expect(number).not_to_contain_text("Talking")
    assert sent.count("POST/v1/calls") == 1


async def test_a_refusal_stands_where_the_click_was(office: Office):
    desk = await office.desk(await office.agent("Anna"))
    zoe = await office.contact("Zoë Müller", ZOE)
    await desk.open(f"/contacts/{zoe}")

    await desk.page.locator(".card__head [data-dial]").click()

    refusal = desk.page.locator(".card__head .refusal")
    await expect(refusal).to_contain_text("Anna has no phone to ring first")
    await desk.page.keyboard.press("Escape")
    await expect(refusal).to_have_count(0)


async def test_letters_typed_into_a_field_are_no_keys(office: Office):
    desk = await office.desk(await office.agent("Anna", "1001"))

    await desk.page.keyboard.press("/")
    await desk.page.keyboard.type("gk h n ?")
    await expect(desk.page.locator("#search")).to_have_value("gk h n ?")
    assert desk.page.url.endswith("/desk")
    await desk.page.keyboard.press("Escape")
    await desk.page.keyboard.type("gk")

    await expect(desk.page.locator("#calls")).to_be_visible()


async def test_single_letters_can_be_switched_off(office: Office):
    desk = await office.desk(await office.agent("Anna", "1001"))
    await desk.open("/account")
    await desk.page.uncheck("[data-keys-switch]")
    await desk.page.locator("h1").click()

    await desk.page.keyboard.type("gk")
    await desk.page.keyboard.press("Control+k")

    await expect(desk.page.locator("#search")).to_be_focused()
    assert desk.page.url.endswith("/account")


async def test_rows_are_walked_and_opened_without_a_mouse(office: Office):
    desk = await office.desk(await office.agent("Anna", "1001"))
    await office.contact("Bahar", "+994501111111")
    await office.contact("Aysel", "+994502222222")
    await desk.open("/contacts")

    await desk.page.keyboard.type("jjk")
    await expect(desk.page.locator("[data-row]").first).to_be_focused()
    await desk.page.keyboard.press("Enter")

    await expect(desk.page.locator(".card h1")).to_have_text("Aysel")


async def test_a_pause_is_chosen_from_the_menu_with_the_keyboard(office: Office):
    desk = await office.desk(await office.agent("Anna", "1001"))

    await desk.page.locator("#state summary").focus()
    await desk.page.keyboard.press("Enter")
    await desk.page.get_by_role("button", name="Lunch").focus()
    await desk.page.keyboard.press("Enter")

    await expect(desk.page.locator("#state summary")).to_contain_text("Lunch")
    await expect(desk.page.locator("#state details")).not_to_have_attribute("open", "")


async def test_the_board_follows_the_calls(office: Office):
    desk = await office.desk(await office.agent("Anna", "1001"))
    await office.contact("Zoë Müller", ZOE)
    await desk.open("/board")
    await expect(desk.page.locator("#board-waiting")).to_contain_text("Nobody is waiting.")

    call = await office.pbx.queue_call("0501234567", "support")
    await expect(desk.page.locator("#board-waiting")).to_contain_text("Zoë Müller")
    await call.answer("1001")

    await expect(desk.page.locator("#board-calls")).to_contain_text("Talking")
    await expect(desk.page.locator("#board-waiting")).to_contain_text("Nobody is waiting.")
    await expect(desk.page.locator("#board-agents")).to_contain_text("Anna")


async def test_a_search_narrows_while_one_types_and_offers_to_call_a_number(office: Office):
    desk = await office.desk(await office.agent("Anna", "1001"))
    await office.contact("Zoë Müller", ZOE)
    await office.contact("Orxan", "+994551111111")
    await desk.open("/contacts")

    await desk.page.locator("#list-q").press_sequentially("zoe")
    await expect(desk.page.locator("#rows [data-row]")).to_have_text(["Zoë Müller"])
    await expect(desk.page.locator("#list-q")).to_be_focused()
    await desk.page.locator("#list-q").fill("055 999 88 77")

    await expect(desk.page.locator(".found [data-dial]")).to_have_attribute(
        "data-dial", "+994559998877"
    )


async def test_the_right_one_of_several_is_chosen_in_the_pop(office: Office):
    desk = await office.desk(await office.agent("Anna", "1001"))
    await office.contact("Zoë Müller", ZOE)
    await office.contact("Emil Müller", ZOE)
    await office.pbx.call(from_="0501234567", to="1001")
    await expect(desk.pop.locator("[data-choose]")).to_have_count(2)

    await desk.pop.get_by_role("button", name="Emil Müller").click()

    await expect(desk.pop.locator(".pop__name")).to_have_text("Emil Müller")
    await expect(desk.pop.locator("[data-choose]")).to_have_count(0)


@pytest.mark.parametrize("width", [1440, 1024, 390])
async def test_what_one_missed_is_in_reach_on_every_screen(office: Office, width: int):
    desk = await office.desk(await office.agent("Anna", "1001"))
    await desk.page.set_viewport_size({"width": width, "height": 800})
    await desk.open("/desk?tab=missed")

    await expect(desk.page.locator("#desk-calls .tabs a")).to_have_count(2)
    for part in ("#desk-calls .tabs [aria-current]", "#desk-card", "#desk-day"):
        await expect(desk.page.locator(part)).to_be_visible()

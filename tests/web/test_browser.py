"""The browser itself: that it is there, and that two people can sit at it at once."""

import pytest

from tests.fixtures.browser import NewPage

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]


async def test_a_page_runs_its_script_and_is_seen(new_page: NewPage) -> None:
    page = await new_page()
    await page.set_content("<h1></h1><script>document.querySelector('h1').append('Salam')</script>")

    assert await page.get_by_role("heading").text_content() == "Salam"
    assert await page.evaluate("new Date(0).getTimezoneOffset() / -60") == 4, "it sits in Baku"


async def test_two_people_do_not_share_what_they_are_signed_in_with(new_page: NewPage) -> None:
    agent, supervisor = await new_page(), await new_page()
    await agent.context.add_cookies(
        [{"name": "session", "value": "agent", "url": "http://127.0.0.1/"}]
    )

    assert await supervisor.context.cookies() == []

"""The first day of an installation: what there is to do, done, skipped, and hidden again."""

import re

import pytest

from callcenter.agents.roles import seed
from callcenter.calls.models import PbxRow
from callcenter.company.branding import BRANDING
from callcenter.company.start import STEPS
from tests.fixtures.house import Browser, House, Page


def states(page: Page) -> list[str]:
    return re.findall(r'class="step step--(\w+)"', page.text)


async def administrator(house: House) -> Browser:
    await house.app[BRANDING].load()
    await house.person("admin", role="admin")
    return await house.signed_in("admin")


async def test_the_first_administrator_is_led_to_the_first_steps(house: House):
    admin = await administrator(house)
    await house.person("anna")
    agent = await house.signed_in("anna")

    first = (await admin.open("/")).location
    await admin.submit("/admin/company", {"name": "Xəzər"})

    assert (first, (await admin.open("/")).location) == ("/admin/start", "/desk")
    assert (await agent.open("/")).location == "/desk"
    assert (await agent.open("/admin/start")).status == 403


async def test_a_step_is_done_when_there_is_what_it_asks_for(house: House):
    admin = await administrator(house)
    begun = states(await admin.open("/admin/start"))
    await admin.submit("/admin/company", {"name": "Xəzər"})
    await admin.submit("/admin/look", {"accent": "#00695c"})
    await house.person("anna")
    async with house.database.write() as session:
        await seed(session, house.clock())
        session.add(
            PbxRow(id=1, name="A", host="h", port=1, username="u", secret_ref="env:X",
                   created_at=house.clock(), updated_at=house.clock())
        )  # fmt: skip
    now = dict(
        zip([step.key for step in STEPS], states(await admin.open("/admin/start")), strict=True)
    )

    assert begun == ["open"] * len(STEPS)
    assert {key for key, state in now.items() if state == "done"} == {
        "company",
        "look",
        "pbx",
        "people",
    }


async def test_the_company_s_country_is_that_of_a_new_pbx(sqlite_house: House):
    admin = await administrator(sqlite_house)
    begun = await admin.open("/admin/pbx/new")
    await admin.submit("/admin/company", {"name": "Marmara", "country": "TR"})

    new = await admin.open("/admin/pbx/new")

    assert "<option selected>AZ</option>" in begun.text
    assert "<option selected>TR</option>" in new.text


async def test_a_step_is_skipped_and_taken_up_again(sqlite_house: House):
    admin = await administrator(sqlite_house)

    await admin.submit("/admin/start/look/skip")
    await admin.submit("/admin/start/pbx/skip")
    skipped = states(await admin.open("/admin/start"))
    await admin.submit("/admin/start/look/skip", {"again": "1"})

    assert skipped.count("skipped") == 2
    assert states(await admin.open("/admin/start")).count("skipped") == 1
    assert (await admin.submit("/admin/start/magic/skip")).status == 404


async def test_the_first_steps_are_hidden_and_shown_again(sqlite_house: House):
    admin = await administrator(sqlite_house)
    tab = 'href="/admin/start"'
    shown = tab in (await admin.open("/admin/company")).text

    await admin.submit("/admin/start/close")
    hidden = tab in (await admin.open("/admin/company")).text
    home = (await admin.open("/")).location
    await admin.submit("/admin/start/close", {"again": "1"})

    assert (shown, hidden, home) == (True, False, "/desk")
    assert tab in (await admin.open("/admin/company")).text


@pytest.mark.parametrize("path", ["/admin/start/close", "/admin/start/look/skip"])
async def test_only_administrators_take_first_steps(sqlite_house: House, path: str):
    await sqlite_house.person("boss", role="supervisor")
    boss = await sqlite_house.signed_in("boss")

    assert (await boss.submit(path)).status == 403

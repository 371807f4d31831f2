"""The administration's front and the list beside its pages: what one may open, and finds."""

import re
from pathlib import Path

import pytest

from callcenter.company import hours_pages
from callcenter.company.branding import BRANDING
from callcenter.company.front_pages import found
from callcenter.db import Database
from callcenter.jobs import pages as jobs
from callcenter.leads.webforms import admin_pages as web_forms
from callcenter.mail import account_pages as mailboxes
from callcenter.mail import template_pages
from callcenter.post import sms_pages
from callcenter.server import administration
from callcenter.server.brand import Brand
from callcenter.server.identity import Identity
from tests.fixtures.house import House, Page, house_on

ROOT = Identity(
    user_id=1, name="Root", login="root", role_key="admin", flags=frozenset({"settings"}),
    grants={"user": {"read": "all", "edit": "all"}, "pbx": {"read": "all"}, "state": {"read": "all"}},
)  # fmt: skip
#: Those that every house of the tests has not.
ROUTES = [
    route
    for room in (hours_pages, mailboxes, template_pages, web_forms, jobs, sms_pages)
    for route in room.routes
]
WHOLE = Brand(has_steps=True, has_numbers=True)


def paths(groups: list[administration.Group]) -> list[str]:
    return [page.path for group in groups for page in group.pages]


def beside(page: Page, marked: str = "") -> list[str]:
    side = page.text.split('class="admin__side"')[1].split("</nav>")[0]
    return re.findall(rf'<li><a href="([^"]+)"{marked}', side)


async def test_every_page_of_the_map_opens_and_lists_the_others_beside_it(
    sqlite_database: Database, tmp_path: Path
):
    held = {sms_pages.PROVIDER: lambda: None, jobs.WORDS: {}}
    async with house_on(sqlite_database, tmp_path, routes=ROUTES, held=held) as house:
        await every_page_opens(house)


async def every_page_opens(house: House) -> None:
    await house.app[BRANDING].load()
    await house.person("root", "admin")
    root = await house.signed_in("root")
    front = await root.open("/admin")
    offered = re.findall(r'class="admin-card" href="([^"]+)"', front.text)

    assert len(offered) >= 19
    for path in offered:
        page = await root.open(path)
        assert page.status == 200, path
        if path.startswith("/admin/"):
            assert beside(page) == offered, path
            assert beside(page, ' aria-current="page"') == [path], path


async def test_a_supervisor_finds_only_what_is_open_to_him(sqlite_house: House):
    await sqlite_house.person("boss", "supervisor")
    boss = await sqlite_house.signed_in("boss")
    front = await boss.open("/admin")

    assert re.findall(r'class="admin-card" href="([^"]+)"', front.text) == [
        "/admin/people", "/phones",
    ]  # fmt: skip
    assert beside(await boss.open("/admin/people")) == ["/admin/people", "/phones"]


def test_what_is_switched_off_or_done_is_not_on_the_map():
    whole = paths(administration.open_to(ROOT, WHOLE))
    less = paths(administration.open_to(ROOT, Brand(off=frozenset({"leads", "seats"}))))

    assert set(whole) - set(less) == {
        "/admin/start", "/admin/numbering", "/admin/forms", "/phones",
    }  # fmt: skip
    assert len(whole) == len(set(whole))


@pytest.mark.parametrize(
    ("path", "belongs_to"),
    [
        ("/admin/people/12/hand-over", "/admin/people"),
        ("/admin/teams/new", "/admin/people"),
        ("/admin/options/7", "/admin/lists"),
        ("/admin/field/7", "/admin/fields"),  # /admin/fields begins like it
        ("/admin/seats/3", "/phones"),
        ("/admin", None),
    ],
)
def test_a_page_below_belongs_to_one_of_the_map(path: str, belongs_to: str | None):
    page = administration.page_of(administration.open_to(ROOT, WHOLE), path)

    assert (page.path if page else None) == belongs_to


@pytest.mark.parametrize(
    ("typed", "language", "first"),
    [
        ("logo", "en", "/admin/look"),
        ("rol qeyd", "az", "/admin/roles"),
        ("ворон", "ru", "/admin/pipelines"),
        ("pipelines", "ru", "/admin/pipelines"),  # as the product calls it in English
        ("tatil", "tr", "/admin/hours"),
        ("no such thing", "en", None),
    ],
)
def test_a_setting_is_found_by_any_word_that_is_said_of_it(
    typed: str, language: str, first: str | None
):
    hits = paths(found(administration.open_to(ROOT, WHOLE), typed, language))

    assert (hits[0] if hits else None) == first

"""The company's name, look and pictures, as an administrator sets them and everybody sees them."""

from io import BytesIO
from typing import Any

import pytest
from aiohttp import FormData
from PIL import Image
from sqlalchemy import select

from callcenter.audit import Audit
from callcenter.events import CompanyChanged
from tests.fixtures.house import Browser, House, Page


async def administrator(house: House) -> Browser:
    await house.person("admin", role="admin")
    return await house.signed_in("admin")


def drawing(size: tuple[int, int] = (900, 300), kind: str = "PNG") -> bytes:
    file = BytesIO()
    Image.new("RGB", size, "#d81b60").save(file, kind)
    return file.getvalue()


async def upload(browser: Browser, kind: str, data: bytes, name: str = "logo.png") -> Page:
    form = FormData()
    form.add_field("csrf_token", browser.token)
    form.add_field(kind, data, filename=name, content_type="image/png")
    return await browser.request(
        "POST", f"/admin/look/pictures/{kind}", data=form, headers={"Origin": browser.origin}
    )


async def test_the_company_s_name_stands_on_the_sign_in_page(house: House):
    admin = await administrator(house)

    saved = await admin.submit("/admin/company", {"name": "Xəzər Logistika", "country": "AZ"})
    door = await (await house.browser()).open("/sign-in")

    assert saved.status == 303
    assert "Xəzər Logistika" in door.text
    assert any(isinstance(event, CompanyChanged) for event in house.events)


async def test_wrong_details_come_back_with_sentences_and_what_was_typed(sqlite_house: House):
    admin = await administrator(sqlite_house)

    page = await admin.submit(
        "/admin/company",
        {"name": "", "email": "nobody", "website": "company", "country": "XX", "city": "Bakı"},
    )

    assert page.status == 422
    assert page.text.count("field__error") == 4
    assert (page.value("email"), page.value("city")) == ("nobody", "Bakı")


async def test_two_who_set_different_fields_are_both_heard(house: House):
    admin = await administrator(house)
    was = {"name": "Xəzər", "city": "Bakı"}
    await admin.submit("/admin/company", was | {"version": "1"})
    await admin.submit("/admin/company", was | {"name": "Xəzər MMC", "version": "2"})

    joined = await admin.submit("/admin/company", was | {"city": "Gəncə", "version": "2"})
    refused = await admin.submit("/admin/company", was | {"city": "Şəki", "version": "2"})
    now = await admin.open("/admin/company")

    assert (joined.status, refused.status) == (303, 409)
    assert (now.value("name"), now.value("city")) == ("Xəzər MMC", "Gəncə")
    assert (refused.value("city"), "Gəncə" in refused.text) == ("Şəki", True)


async def test_what_was_set_is_in_the_audit_log(house: House):
    admin = await administrator(house)
    await admin.submit("/admin/company", {"name": "Xəzər", "version": "1"})

    async with house.database.read() as session:
        line = (await session.scalars(select(Audit).where(Audit.entity == "company"))).one()

    assert (line.action, line.diff["name"]) == ("edit", ["", "Xəzər"])


async def test_colours_and_letters_are_served_to_everybody_as_a_stylesheet(sqlite_house: House):
    admin = await administrator(sqlite_house)

    await admin.submit("/admin/look", {"accent": "#00695C", "accent_dark": "", "font": "serif"})
    stranger = await sqlite_house.browser()
    door = await stranger.open("/sign-in")
    address = door.text.split('href="/brand/')[1].split('"')[0]
    sheet = await stranger.open(f"/brand/{address}")

    assert sheet.headers["Content-Type"].startswith("text/css")
    assert "immutable" in sheet.headers["Cache-Control"]
    assert "--accent: light-dark(#00695c, " in sheet.text
    assert "--font: Georgia" in sheet.text


@pytest.mark.parametrize(
    ("field", "colour", "nearest"),
    [
        ("accent", "#ffeb3b", "#7c6f00"),  # yellow words on white
        ("accent_dark", "#1a237e", "#7882e3"),  # navy words on black
    ],
)
async def test_a_colour_that_cannot_be_read_is_refused_with_the_nearest_that_can(
    sqlite_house: House, field: str, colour: str, nearest: str
):
    admin = await administrator(sqlite_house)

    page = await admin.submit("/admin/look", {field: colour})

    assert page.status == 422
    assert nearest in page.text
    assert page.value(field) == colour


async def test_what_is_no_colour_is_refused(sqlite_house: House):
    admin = await administrator(sqlite_house)

    page = await admin.submit("/admin/look", {"accent": "red; } body { display: none", "font": "x"})

    assert page.status == 422
    assert page.text.count("field__error") == 2


async def test_the_preview_shows_a_colour_before_it_is_saved(sqlite_house: House):
    admin = await administrator(sqlite_house)

    part = await admin.open(
        "/admin/look/preview?accent=%23ffeb3b&accent_dark=&font=", HX_Request="true"
    )
    sheet = await admin.open("/admin/look/preview.css?accent=%23ffeb3b&font=nothing")
    nothing = await admin.open("/admin/look/preview.css?accent=%3B%7D")

    assert "#7c6f00" in part.text
    assert sheet.text.startswith(".look-preview {")
    assert nothing.text == ""


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
async def test_a_logo_is_drawn_anew_and_shown_to_everybody(sqlite_house: House, kind: str):
    admin = await administrator(sqlite_house)

    assert (await upload(admin, "logo", drawing(kind=kind))).status == 303
    door = await (await sqlite_house.browser()).open("/sign-in")
    address = door.text.split('src="/brand/')[1].split('"')[0]
    async with admin.client.get(f"/brand/{address}") as response:
        shown = Image.open(BytesIO(await response.read()))
        headers: Any = response.headers

    assert (headers["Content-Type"], headers["X-Content-Type-Options"]) == ("image/png", "nosniff")
    assert (shown.format, shown.size) == ("PNG", (480, 160))


@pytest.mark.parametrize(
    ("data", "tells"),
    [
        (b"", "Choose a picture first"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "not a PNG, JPEG or WebP"),
        (b"GIF89a", "not a PNG, JPEG or WebP"),
        (drawing()[:200], "not a PNG, JPEG or WebP"),
        (drawing((5000, 10)), "too large"),
    ],
)
async def test_what_is_no_picture_is_refused_with_what_to_do(
    sqlite_house: House, data: bytes, tells: str
):
    admin = await administrator(sqlite_house)
    admin.headers = {"Accept-Language": "en"}

    page = await upload(admin, "logo", data)

    assert (page.status, tells in page.text) == (422, True)


async def test_a_picture_is_taken_away_again(sqlite_house: House):
    admin = await administrator(sqlite_house)
    await upload(admin, "mark", drawing((64, 64)))
    with_mark = await admin.open("/account")
    await admin.submit("/admin/look/pictures/mark/drop")
    without = await admin.open("/account")

    assert ("/brand/mark-" in with_mark.text, "/brand/mark-" in without.text) == (True, False)
    assert (await admin.open("/brand/mark-0123456789ab.png")).status == 404


@pytest.mark.parametrize("path", ["/admin/company", "/admin/look", "/admin/modules"])
async def test_only_administrators_set_what_holds_for_all(sqlite_house: House, path: str):
    await sqlite_house.person("boss", role="supervisor")
    boss = await sqlite_house.signed_in("boss")

    assert (await boss.open(path)).status == 403
    assert (await boss.submit(path, {"name": "Mine"})).status == 403


async def test_a_module_that_is_off_is_gone_from_navigation_pages_and_api(sqlite_house: House):
    admin = await administrator(sqlite_house)
    admin.headers = {"Accept-Language": "en"}

    await admin.submit("/admin/modules", {"board": "1", "version": "1"})
    page = await admin.open("/phones")
    api = await admin.call("GET", "/api/v1/seats")
    tabs = await admin.open("/admin")

    assert (page.status, "switched off in your company" in page.text) == (404, True)
    assert (api.status, api.json["error"]["code"]) == (404, "module-off")
    assert 'href="/phones"' not in tabs.text

    await admin.submit("/admin/modules", {"board": "1", "seats": "1", "version": "2"})

    assert (await admin.open("/phones")).status == 200


async def test_the_second_to_switch_modules_sees_what_the_first_did(sqlite_house: House):
    admin = await administrator(sqlite_house)
    await admin.submit("/admin/modules", {"board": "1", "version": "1"})

    page = await admin.submit("/admin/modules", {"seats": "1", "version": "1"})

    assert page.status == 409


async def test_numbers_are_read_by_the_countries_the_company_chose_from_the_next_page_on(
    house: House,
):
    admin = await administrator(house)
    before = await admin.open("/admin/company")
    chosen = {"name": "Xəzər", "region1": "DE", "region2": "AZ", "region3": "DE"}

    async def read(number: str) -> str | None:
        made = await admin.call(
            "POST", "/api/v1/contacts",
            {"kind": "person", "given_name": "Zoë", "points": [{"kind": "phone", "value": number}]},
        )  # fmt: skip
        return made.json["points"][0]["norm"]

    at_first = await read("030 901820")
    saved = await admin.submit("/admin/company", chosen | {"version": before.value("version")})
    page = await admin.open("/admin/company")
    german, azerbaijani = await read("030 901820"), await read("012 498 11 22")
    wrong = await admin.submit(
        "/admin/company", chosen | {"region1": "XX", "version": page.value("version")}
    )
    emptied = {"name": "Xəzər", "region1": "", "version": page.value("version")}
    await admin.submit("/admin/company", emptied)

    async with house.database.read() as session:
        diffs = await session.scalars(select(Audit.diff).where(Audit.entity == "company"))
        assert [diff["regions"] for diff in diffs if "regions" in diff] == [
            ["", "DE,AZ"], ["DE,AZ", ""],
        ]  # fmt: skip
    assert (saved.status, wrong.status) == (303, 422)
    assert at_first != "+4930901820"
    assert (german, azerbaijani) == ("+4930901820", "+994124981122")
    assert page.text.count('<option value="DE" selected>') == 1
    assert await read("030 901820") == at_first

"""The customer's card: all one needs while talking, and edited where it stands."""

from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from aiohttp import FormData
from sqlalchemy import select, update

from callcenter.agents.models import Role
from callcenter.crm.contacts import around_pages, edit_pages, pages
from callcenter.crm.contacts.models import Address, Contact, Relationship
from callcenter.entity import file_pages, files
from callcenter.entity.models import File, Option, Tag
from callcenter.errors import BadInput
from tests.fixtures.customers import Office, deed
from tests.fixtures.house import Browser, House

ROUTES = [route for room in (pages, edit_pages, around_pages, file_pages) for route in room.routes]


@pytest.fixture
async def anna(crm: House) -> Browser:
    await crm.person("anna", locale="en")
    return await crm.signed_in("anna")


@pytest.fixture
def office(crm: House) -> Office:
    return Office(crm.database)


async def kind(office: Office, key: str) -> int:
    async with office.database.read() as session:
        found = await session.scalar(select(Option.id).where(Option.key == key))
    assert found is not None
    return found


async def all_of(office: Office, model: Any) -> list[Any]:
    async with office.database.read() as session:
        return list(await session.scalars(select(model)))


async def test_the_card_tells_the_figures_and_what_to_think_of_before_calling(
    anna: Browser, office: Office, crm: House
) -> None:
    zoe = await office.contact(
        "Zoë", "0502345678", city="Bakı", country="AZ", customer_since=date(2019, 5, 2),
        do_not_contact_at=datetime(2026, 11, 1, tzinfo=UTC), do_not_contact_reason="Şikayət",
        is_customer=True, is_dealer=True,
        unreliable_at=datetime(2026, 10, 1, tzinfo=UTC), tax_id="1829139071", tax_kind="az_voen",
    )  # fmt: skip
    crm.clock.move(hours=11)  # 21:00 UTC: one in the morning in Baku

    card = (await anna.open(f"/contacts/{zoe.id}")).text

    for shown in (
        "2 May 2019", "Does not want to be contacted", "Şikayət", "Known as unreliable",
        "It is outside 9–21 there now", "1829139071", "VÖEN (Azerbaijan)", 'data-zones="Asia/Baku"',
        "<dt>Roles</dt><dd>Customer, Dealer</dd>",
    ):  # fmt: skip
        assert shown in card
    # Sums that no room knows yet are not shown as nothing.
    assert "Total sales" not in card


async def test_a_number_that_may_be_anywhere_is_not_guessed(anna: Browser, office: Office) -> None:
    ivan = await office.contact("Иван", "+79161234567")
    card = (await anna.open(f"/contacts/{ivan.id}")).text
    assert "Europe/Moscow" in card
    assert "Asia/Vladivostok" in card


async def test_tags_are_put_on_and_taken_off(anna: Browser, office: Office) -> None:
    zoe, emil = await office.contact("Zoë"), await office.contact("Emil")
    await anna.submit(f"/contacts/{zoe.id}/tags", {"name": "VIP"})
    await anna.submit(f"/contacts/{emil.id}/tags", {"name": " vip "})

    assert "VIP" in (await anna.open(f"/contacts/{emil.id}")).text
    assert len(await all_of(office, Tag)) == 1

    await anna.submit(f"/contacts/{zoe.id}/tags", {"name": "VIP", "gone": "1"})
    assert "Take off VIP" not in (await anna.open(f"/contacts/{zoe.id}")).text
    assert "Take off VIP" in (await anna.open(f"/contacts/{emil.id}")).text


async def test_a_tie_is_made_by_a_name_and_ended_where_it_stands(
    anna: Browser, office: Office
) -> None:
    zoe, emil = await office.contact("Zoë"), await office.contact("Emil Əliyev")
    friend = await kind(office, "friend_of")

    made = await anna.submit(
        f"/contacts/{zoe.id}/relationships",
        {"type": f"{friend}:to", "other": "emil eliyev", "strength": "4", "note": "məktəbdən"},
    )
    assert made.status == 303
    for one, other in ((zoe, "Emil Əliyev"), (emil, "Zoë")):
        card = (await anna.open(f"/contacts/{one.id}")).text
        assert other in card
        assert "Friend" in card

    (tie,) = await all_of(office, Relationship)
    await anna.submit(
        f"/contacts/{emil.id}/relationships", {"id": str(tie.id), "until": "2026-11-22"}
    )
    assert "tie--past" in (await anna.open(f"/contacts/{zoe.id}")).text


async def test_two_change_single_fields_of_an_address_and_a_tie_on_the_card(
    anna: Browser, office: Office
) -> None:
    zoe, emil = await office.contact("Zoë"), await office.contact("Emil Əliyev")
    friend = await kind(office, "friend_of")
    tie_form = {"type": f"{friend}:to", "other": "emil eliyev", "strength": "4"}
    await anna.submit(f"/contacts/{zoe.id}/relationships", tie_form)
    await anna.submit(
        f"/contacts/{zoe.id}/addresses", {"kind": "legal", "city": "Bakı", "street": "Nizami 5"}
    )
    (tie,), (address,) = await all_of(office, Relationship), await all_of(office, Address)
    card = (await anna.open(f"/contacts/{zoe.id}")).text
    was = {"kind": "legal", "city": "Bakı", "street": "Nizami 5", "note": ""}
    seen = {f"was_{name}": value for name, value in was.items()} | {"id": str(address.id)}
    path = f"/contacts/{zoe.id}/addresses"

    first = await anna.submit(path, was | seen | {"street": "Nizami 7"})
    joined = await anna.submit(path, was | seen | {"city": "Gəncə"})
    late = await anna.submit(path, was | seen | {"street": "Nizami 9"})
    tied = {"id": str(tie.id), "was_strength": "4", "was_note": "", "strength": "2", "note": "dost"}
    again = await anna.submit(f"/contacts/{emil.id}/relationships", tied)

    assert 'name="was_street" value="Nizami 5"' in card
    assert (first.status, joined.status, late.status, again.status) == (303, 303, 409, 303)
    assert 'value="Nizami 9"' in late.text
    assert "changed “Addresses” meanwhile" in late.text
    assert 'name="was_street" value="Nizami 7"' in late.text
    (address,), (tie,) = await all_of(office, Address), await all_of(office, Relationship)
    assert (address.street, address.city) == ("Nizami 7", "Gəncə")
    assert (tie.strength, tie.note) == (2, "dost")


async def test_a_company_of_more_people_than_the_card_has_room_for_leads_to_all_of_them(
    anna: Browser, office: Office
) -> None:
    nar = await office.contact("Nar MMC", kind="company")
    way = f'href="/contacts?f=company_id~is~{nar.id}"'
    people = [await office.contact(f"P {n:02}", company_id=nar.id) for n in range(49)]
    assert way not in (await anna.open(f"/contacts/{nar.id}")).text

    last = [await office.contact(name, company_id=nar.id) for name in ("Ypsilon", "Zoë")]

    card = (await anna.open(f"/contacts/{nar.id}")).text
    assert [f'href="/contacts/{one.id}"' in card for one in (*people, *last)] == [True] * 50 + [
        False
    ]
    assert way in card


async def test_colleagues_who_work_with_a_customer_too_stand_on_the_card(
    anna: Browser, office: Office
) -> None:
    zoe, emin = await office.contact("Zoë"), await office.user("Emin Quliyev")
    card = (await anna.open(f"/contacts/{zoe.id}")).text
    assert f'hx-get="/contacts/{zoe.id}/access"' in card
    path = f"/contacts/{zoe.id}/access"
    await anna.submit(path, {"user_id": str(emin.id), "role": "co-executor"})
    shown = (await anna.open(path, HX_Request="true")).text.partition('id="shared-with"')[2]
    assert "Emin Quliyev" in shown


async def test_of_several_who_are_called_so_the_card_asks_which(
    anna: Browser, office: Office
) -> None:
    zoe = await office.contact("Zoë")
    first, _second = await office.contact("Emil Əliyev"), await office.contact("Emil Əliyev")
    friend = {"type": f"{await kind(office, 'friend_of')}:to", "other": "Emil Əliyev"}

    asked = await anna.submit(f"/contacts/{zoe.id}/relationships", friend | {"note": "məktəbdən"})
    assert (asked.status, "Several are found" in asked.text) == (422, True)
    assert 'value="məktəbdən"' in asked.text

    chosen = await anna.submit(
        f"/contacts/{zoe.id}/relationships", friend | {"other_id": str(first.id)}
    )
    assert chosen.status == 303
    (tie,) = await all_of(office, Relationship)
    assert (tie.from_id, tie.to_id) == (zoe.id, first.id)


@pytest.mark.parametrize(
    ("part", "form", "said"),
    [
        ("relationships", {"type": "1:to", "other": "Nobody at all"}, "Nobody is found"),
        ("relationships", {"type": "1:to", "other": ""}, "This is needed."),
        ("addresses", {"kind": "legal", "country": "AZ", "note": "gate 2"}, "This is needed."),
        ("addresses", {"kind": "legal", "city": "X", "country": "AZE"}, "two letters"),
        ("preferences", {"text": "x" * 501}, "This is too long."),
        ("tags", {"name": "x" * 61}, "This is too long."),
    ],
)  # fmt: skip
async def test_what_cannot_be_saved_comes_back_as_it_was_typed(
    anna: Browser, office: Office, part: str, form: dict[str, str], said: str
) -> None:
    zoe = await office.contact("Zoë")
    refused = await anna.submit(f"/contacts/{zoe.id}/{part}", form)
    assert refused.status == 422
    assert said in refused.text
    for typed in (text for name, text in form.items() if name in ("other", "note", "city")):
        assert f'value="{typed}"' in refused.text


async def test_addresses_and_preferences_are_edited_in_place(anna: Browser, office: Office) -> None:
    zoe = await office.contact("Zoë")
    await anna.submit(
        f"/contacts/{zoe.id}/addresses",
        {"kind": "delivery", "street": "Nizami 5", "city": "Bakı", "country": "az"},
    )
    await anna.submit(f"/contacts/{zoe.id}/preferences", {"text": "Only in the morning"})

    card = (await anna.open(f"/contacts/{zoe.id}")).text
    for shown in ("Nizami 5, Bakı, Azerbaijan", "Delivery address", "Only in the morning"):
        assert shown in card


async def test_the_whole_form_keeps_legal_details_and_refuses_a_wrong_tax_id(
    anna: Browser, office: Office
) -> None:
    nar = await office.contact("Nar", kind="company", country="AZ")
    form = {
        "kind": "company", "name": "Nar", "country": "AZ", "legal_name": "Nar Mebel MMC",
        "is_customer": "1", "tax_id": "182 913 90 75", "version": "1",
    }  # fmt: skip

    refused = await anna.submit(f"/contacts/{nar.id}/edit", form)
    assert (refused.status, "This is no VÖEN" in refused.text) == (422, True)
    assert 'value="182 913 90 75"' in refused.text
    assert 'value="Nar Mebel MMC"' in refused.text

    saved = await anna.submit(f"/contacts/{nar.id}/edit", form | {"tax_id": "182 913 90 71"})
    assert saved.status == 303, saved.text
    (contact,) = await all_of(office, Contact)
    assert (contact.tax_id, contact.tax_kind, contact.is_customer) == (
        "1829139071",
        "az_voen",
        True,
    )


async def test_what_is_known_of_a_number_is_said_on_the_card(anna: Browser, office: Office) -> None:
    zoe = await office.contact("Zoë", "0502345678")
    (point,) = zoe.points
    known = {"id": point.id, "kind": "phone", "value": point.value, "label": ""}

    dead = {"works": "0", "unwanted": ""}
    assert (await anna.submit(f"/contacts/{zoe.id}/points", known | dead)).status == 303
    assert "point--dead" in (await anna.open(f"/contacts/{zoe.id}")).text

    silent = {"works": "1", "unwanted": "calls"}
    await anna.submit(f"/contacts/{zoe.id}/points", known | silent)
    card = (await anna.open(f"/contacts/{zoe.id}")).text
    assert "point--dead" not in card
    assert 'badge--bad" title="22 Nov 2026">No calls' in card
    assert "+994 50 234 56 78" in card


async def upload(
    browser: Browser, path: str, name: str, data: bytes, *, scripts: bool = True
) -> Any:
    """Send a file as a page does; without scripts its token is among the fields alone."""
    form = FormData({"csrf_token": browser.token}, quote_fields=False)
    form.add_field("file", BytesIO(data), filename=name)
    headers = {"Origin": browser.origin} | ({"X-CSRF-Token": browser.token} if scripts else {})
    return await browser.request("POST", path, data=form, headers=headers)


async def test_a_file_is_attached_given_out_as_a_download_and_taken_off(
    anna: Browser, office: Office
) -> None:
    zoe = await office.contact("Zoë")
    path, page = f"/contacts/{zoe.id}/files", b"<script>alert(1)</script>" * 80_000

    sent = await upload(anna, path, "C:\\fakepath\\Müqavilə 1.html", page)

    assert sent.status == 303
    assert "Müqavilə 1.html" in (await anna.open(f"/contacts/{zoe.id}")).text
    (file,) = await all_of(office, File)
    got = await anna.open(f"{path}/{file.id}")
    assert got.text.encode() == page
    assert got.headers["Content-Type"] == "application/octet-stream"
    assert got.headers["Content-Disposition"].startswith("attachment")
    assert got.headers["X-Content-Type-Options"] == "nosniff"

    await anna.submit(f"{path}/{file.id}/delete")
    assert (await anna.open(f"{path}/{file.id}")).status == 404
    assert (await upload(anna, path, "small.txt", b"x", scripts=False)).status == 303
    assert "Müqavilə 1.html" not in (await anna.open(f"/contacts/{zoe.id}")).text


async def test_a_picture_becomes_the_photograph_and_nothing_else_does(
    anna: Browser, office: Office
) -> None:
    zoe, emil = await office.contact("Zoë"), await office.contact("Emil")
    path = f"/contacts/{zoe.id}/files"
    await upload(anna, path, "zoe.png", b"\x89PNG\r\n\x1a\n")
    await upload(anna, path, "not.png", b"<svg onload=alert(1)>")
    picture, other = sorted(await all_of(office, File), key=lambda file: file.id)

    assert (await anna.submit(f"/contacts/{zoe.id}/photo", {"file": picture.id})).status == 303
    assert (await anna.submit(f"/contacts/{zoe.id}/photo", {"file": other.id})).status == 404
    # Nor another contact's picture.
    assert (await anna.submit(f"/contacts/{emil.id}/photo", {"file": picture.id})).status == 404

    assert f"{path}/{picture.id}?show" in (await anna.open(f"/contacts/{zoe.id}")).text
    shown = await anna.request("HEAD", f"{path}/{picture.id}?show")
    assert shown.headers["Content-Type"] == "image/png"
    assert (await anna.open(f"{path}/{other.id}?show")).headers["Content-Type"] == (
        "application/octet-stream"
    )
    assert (await anna.open(f"/contacts/{emil.id}/files/{picture.id}")).status == 404


async def test_a_file_that_is_none_or_too_large_is_refused(
    anna: Browser, office: Office, tmp_path: Path
) -> None:
    zoe, user = await office.contact("Zoë"), await office.user("Orxan")
    empty = await upload(anna, f"/contacts/{zoe.id}/files", "x.bin", b"")
    assert (empty.status, files.EMPTY in empty.text) == (422, True)
    assert (await anna.submit(f"/contacts/{zoe.id}/files", {"file": "x.bin"})).status == 422
    large = bytes(files.LARGEST_BYTES + 1)
    async with office.database.write() as session:
        with pytest.raises(BadInput):
            await files.attach(deed(session, user), zoe.id, files.Folder(tmp_path), "x", large)
    assert await all_of(office, File) == []


async def test_whoever_may_not_edit_finds_nothing_to_edit_with(
    crm: House, anna: Browser, office: Office
) -> None:
    zoe = await office.contact("Zoë")
    async with crm.database.write() as session:
        only = {"contact": {"read": "all"}}
        await session.execute(update(Role).where(Role.key == "agent").values(grants=only))

    page = await anna.open(f"/contacts/{zoe.id}")
    assert page.status == 200
    assert f"/contacts/{zoe.id}/tags" not in page.text
    assert (await anna.submit(f"/contacts/{zoe.id}/tags", {"name": "VIP"})).status == 403

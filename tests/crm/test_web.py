"""Contacts over HTTP, as a browser and as another system meets them."""

import json
from typing import Any

import pytest
from sqlalchemy import update

from callcenter.agents.models import Role, User
from callcenter.crm import api as crm_api
from callcenter.crm import desk_pages
from callcenter.crm.contacts import edit_pages, pages
from callcenter.crm.contacts.models import Contact
from callcenter.crm.linker import link
from callcenter.events import ContactChanged, InteractionChanged
from tests.fixtures.customers import Office
from tests.fixtures.house import Browser, House

ROUTES = [route for room in (pages, edit_pages, crm_api, desk_pages) for route in room.routes]


@pytest.fixture
async def anna(crm: House) -> Browser:
    await crm.person("anna")
    return await crm.signed_in("anna")


@pytest.fixture
def office(crm: House) -> Office:
    return Office(crm.database)


def said(house: House, kind: type[Any]) -> list[Any]:
    return [event for event in house.events if isinstance(event, kind)]


async def test_a_contact_is_created_read_changed_and_found_over_the_api(
    crm: House, anna: Browser
) -> None:
    made = await anna.call(
        "POST", "/api/v1/contacts",
        {"name": "Zoë Müller", "points": [{"value": "050 234 56 78", "label": "mobile"}]},
    )  # fmt: skip
    assert made.status == 201
    assert made.headers["ETag"] == '"1"'
    contact_id = made.json["id"]
    assert made.json["points"][0]["norm"] == "+994502345678"

    changed = await anna.call(
        "PATCH", f"/api/v1/contacts/{contact_id}", {"city": "Bakı"}, If_Match='"1"'
    )
    assert (changed.status, changed.json["city"]) == (200, "Bakı")
    assert changed.headers["ETag"] == '"2"'

    read = await anna.call("GET", f"/api/v1/contacts/{contact_id}")
    assert read.json == changed.json
    for typed in ("muller", "0502345678"):
        found = await anna.call("GET", f"/api/v1/contacts?q={typed}")
        assert [line["id"] for line in found.json["rows"]] == [contact_id]
    listed = await anna.call("GET", "/api/v1/contacts?fields=points")
    assert listed.json["rows"][0]["points"][0]["norm"] == "+994502345678"
    assert listed.json["after"] is None
    assert [event.contact_id for event in said(crm, ContactChanged)] == [contact_id] * 2


async def test_of_yes_or_no_nothing_is_no(anna: Browser) -> None:
    made = await anna.call("POST", "/api/v1/contacts", {"name": "Zoë", "is_supplier": None})
    path = f"/api/v1/contacts/{made.json['id']}"
    await anna.call("PATCH", path, {"is_supplier": True})

    changed = await anna.call("PATCH", path, {"is_supplier": None})

    assert (made.status, changed.status) == (201, 200)
    assert changed.json["is_supplier"] is False


async def test_the_later_of_two_editors_learns_of_the_first(crm: House, anna: Browser) -> None:
    await crm.person("orxan", name="Orxan")
    orxan = await crm.signed_in("orxan")
    made = await anna.call("POST", "/api/v1/contacts", {"name": "Zoë"})
    path = f"/api/v1/contacts/{made.json['id']}"
    await orxan.call("PATCH", path, {"city": "Gəncə"}, If_Match='"1"')

    refused = await anna.call("PATCH", path, {"city": "Şəki"}, If_Match='"1"', Accept_Language="en")

    assert (refused.status, refused.json["error"]["code"]) == (409, "changed-meanwhile")
    assert "Orxan" in refused.json["error"]["message"]


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, {"name"}),
        ({"name": "Z", "points": [{"value": "x"}]}, {"points.0"}),
        ({"name": "Z", "points": [{"kind": "fax", "value": "1"}]}, {"points[0].kind"}),
        ({"name": "Z", "nonsense": 1}, {"nonsense"}),
        ({"name": 5}, {"name"}),
    ],
)
async def test_the_api_names_what_is_wrong(
    anna: Browser, body: dict[str, Any], fields: set[str]
) -> None:
    refused = await anna.call("POST", "/api/v1/contacts", body)

    assert (refused.status, refused.json["error"]["code"]) == (422, "bad-input")
    assert set(refused.json["error"]["fields"]) == fields


@pytest.mark.parametrize("path", ["/contacts/5", "/api/v1/contacts/5", "/api/v1/contacts/x"])
async def test_there_is_nothing_where_no_contact_is(anna: Browser, path: str) -> None:
    assert (await anna.open(path)).status == 404


async def test_an_agent_may_not_delete_and_a_supervisor_may(crm: House, anna: Browser) -> None:
    made = await anna.call("POST", "/api/v1/contacts", {"name": "Zoë"})
    path = f"/api/v1/contacts/{made.json['id']}"
    assert (await anna.call("DELETE", path)).status == 403

    await crm.person("boss", "supervisor")
    boss = await crm.signed_in("boss")
    assert (await boss.call("DELETE", path)).status == 204
    assert (await anna.call("GET", path)).status == 404


async def test_another_system_asks_whose_number_it_is(anna: Browser, office: Office) -> None:
    zoe = await office.contact("Zoë", "0502345678")

    known = await anna.call("GET", "/api/v1/lookup?phone=00994502345678")
    hidden = await anna.call("GET", "/api/v1/lookup?phone=anonymous")
    unsaid = await anna.call("GET", "/api/v1/lookup")

    assert known.json["match"] == "one"
    assert known.json["number"] == "+994502345678"
    assert [each["contact_id"] for each in known.json["candidates"]] == [zoe.id]
    assert (hidden.json["match"], hidden.json["candidates"]) == ("withheld", [])
    assert unsaid.status == 422


async def test_a_note_is_saved_with_its_version_and_read_again(
    crm: House, anna: Browser, office: Office
) -> None:
    boss = await crm.person("boss", "supervisor", name="Boss")
    call = await office.call("0502345678")
    browser = await crm.signed_in(boss.login)
    path = f"/api/v1/interactions/{call.id}"

    saved = await browser.call("PATCH", path, {"body": "Wants an offer"}, If_Match='"1"')
    assert (saved.status, saved.headers["ETag"], saved.json["body"]) == (
        200, '"2"', "Wants an offer",
    )  # fmt: skip
    conflict = await browser.call("PATCH", path, {"body": "Something else"}, If_Match='"1"')
    assert conflict.status == 409
    read = await anna.call("GET", path)
    assert (read.headers["ETag"], read.json["body"]) == ('"2"', "Wants an offer")
    # Not Anna's call: she may read it, not write.
    assert (await anna.call("PATCH", path, {"body": "Mine"})).status == 404
    assert [event.interaction_id for event in said(crm, InteractionChanged)] == [call.id]


@pytest.mark.parametrize("number", [1 << 53, 1 << 63, 1 << 64])
@pytest.mark.parametrize(
    ("method", "path", "field", "body"),
    [
        ("POST", "/api/v1/interactions/7/contact", "contact_id", {"contact_id": "N"}),
        ("POST", "/api/v1/contacts", "company_id", {"name": "Zoë", "company_id": "N"}),
        ("POST", "/api/v1/contacts", "owner_id", {"name": "Zoë", "owner_id": "N"}),
        ("POST", "/api/v1/contacts", "points[0].id", {"name": "Zoë", "points": [{"id": "N"}]}),
        ("PUT", "/api/v1/phones", "pbx_id", {"pbx_id": "N", "endpoint": "SIP/1", "user_id": 1}),
        ("PUT", "/api/v1/phones", "user_id", {"pbx_id": 1, "endpoint": "SIP/1", "user_id": "N"}),
    ],
)
async def test_a_number_that_is_no_id_is_refused_by_name(
    crm: House, method: str, path: str, field: str, body: dict[str, Any], number: int
) -> None:
    await crm.person("boss", "admin", locale="en")
    boss = await crm.signed_in("boss")

    refused = await boss.request(
        method, path, data=json.dumps(body).replace('"N"', str(number)),
        headers={"Origin": boss.origin, "X-CSRF-Token": boss.token},
    )  # fmt: skip

    assert refused.status == 422
    assert list(refused.json["error"]["fields"]) == [field]


async def test_the_desk_shows_nobody_for_a_number_that_is_no_id(crm: House, anna: Browser) -> None:
    assert (await anna.open(f"/desk?contact={1 << 64}")).status == 200


async def test_whoever_sees_only_their_own_contacts_sees_the_one_they_make(
    crm: House, anna: Browser
) -> None:
    async with crm.database.write() as session:
        own = {"contact": {"create": "own", "read": "own"}}
        await session.execute(update(Role).where(Role.key == "agent").values(grants=own))

    made = await anna.call("POST", "/api/v1/contacts?words=1", {"name": "Zoë"})

    assert (made.status, made.json["words"]["owner_id"]) == (201, "Anna")


async def test_a_person_says_whose_call_it_was(crm: House, office: Office) -> None:
    await crm.person("boss", "supervisor")
    browser = await crm.signed_in("boss")
    zoe = await office.contact("Zoë", "0502345678")
    call = await office.call("0509999999")

    chosen = await browser.call(
        "POST", f"/api/v1/interactions/{call.id}/contact", {"contact_id": zoe.id}
    )
    nobody = await browser.call(
        "POST", f"/api/v1/interactions/{call.id}/contact", {"contact_id": 5}
    )

    assert chosen.json == {"interaction_id": call.id, "contact": {"id": zoe.id, "name": "Zoë"}}
    assert nobody.status == 404
    assert [event.interaction_id for event in said(crm, InteractionChanged)] == [call.id]


async def test_nobody_reads_contacts_without_signing_in(crm: House) -> None:
    stranger = await crm.browser()
    assert (await stranger.open("/contacts")).status == 303
    for path in ("/api/v1/contacts", "/api/v1/lookup?phone=1", "/api/v1/interactions/1"):
        assert (await stranger.open(path)).status == 401


# ---------------------------------------------------------------- pages


async def test_the_list_shows_contacts_and_what_was_searched(anna: Browser, office: Office) -> None:
    await office.contact("Zoë Müller", "0502345678")

    whole = await anna.open("/contacts")
    found = await anna.open("/contacts?q=muller")
    none = await anna.open("/contacts?q=0559999999")

    for page in (whole, found):
        assert (page.status, "Zoë Müller" in page.text) == (200, True)
    assert "Zoë Müller" not in none.text
    assert "+994 55 999 99 99" in none.text  # a number, ready to be dialled


async def test_the_card_shows_who_it_is_and_what_passed(anna: Browser, office: Office) -> None:
    company = await office.contact("Nar Mebel MMC", kind="company")
    zoe = await office.contact("Zoë Müller", "0502345678", company_id=company.id)
    call = await office.call("0502345678", body="Wants an offer")
    await link(office.database, [call.id])

    card = await anna.open(f"/contacts/{zoe.id}")
    of_company = await anna.open(f"/contacts/{company.id}")
    fragment = await anna.open(f"/contacts/{zoe.id}/timeline", HX_Request="true")

    for shown in ("Zoë Müller", "Nar Mebel MMC", "+994 50 234 56 78", "Wants an offer"):
        assert shown in card.text
    assert "Zoë Müller" in of_company.text
    assert "Wants an offer" in fragment.text
    assert "<html" not in fragment.text


async def test_the_form_keeps_a_contact_and_leads_to_its_card(
    crm: House, anna: Browser, office: Office
) -> None:
    await anna.open("/contacts/new?phone=%2B994502345678")
    saved = await anna.submit(
        "/contacts",
        form(
            name="Zoë", company="Nar Mebel MMC", points=[("", "phone", "050 234 56 78", "mobile")]
        ),
    )

    assert saved.status == 303
    card = await anna.open(saved.location)
    for shown in ("Zoë", "Nar Mebel MMC", "+994 50 234 56 78"):
        assert shown in card.text
    owners = await crm.database.fetch(
        'SELECT u.login FROM contact AS c JOIN "user" AS u ON u.id = c.owner_id WHERE c.name = ?1',
        "Zoë",
    )
    assert [tuple(row) for row in owners] == [("anna",)]
    # A second person of the same company joins it.
    again = await anna.submit("/contacts", form(name="Orxan", company="nar mebel mmc"))
    assert "Nar Mebel MMC" in (await anna.open(again.location)).text
    companies = await crm.database.fetch("SELECT count(*) FROM contact WHERE kind = 'company'")
    assert companies[0][0] == 1


async def test_a_contact_made_from_a_call_gets_the_call(
    crm: House, anna: Browser, office: Office
) -> None:
    me = await crm.database.fetch('SELECT id FROM "user" WHERE login = ?1', "anna")
    call = await office.call("0502345678")
    await office.rang(call, User(id=me[0][0]))

    page = await anna.open(f"/contacts/new?phone=0502345678&interaction={call.id}")
    assert page.value("interaction") == str(call.id)
    # The caller turned out to have another number, too: the call is this contact's all the same.
    made = await anna.submit(
        "/contacts",
        form(name="Zoë", interaction=call.id, points=[("", "phone", "0559999999", "")]),
    )

    linked = await crm.database.fetch(
        "SELECT contact_id, certainty FROM participant WHERE interaction_id = ?1 AND role = 'from'",
        call.id,
    )
    assert [tuple(row) for row in linked] == [(int(made.location.rpartition("/")[2]), "chosen")]


async def test_the_form_changes_and_takes_numbers_away(anna: Browser, office: Office) -> None:
    zoe = await office.contact("Zoë", "0502345678", "0552345678")
    first, second = zoe.points
    page = await anna.open(f"/contacts/{zoe.id}/edit")
    assert page.value("points_shown") == f"{first.id} {second.id}"

    # The second row was taken out of the form, and a new one added.
    saved = await anna.submit(
        f"/contacts/{zoe.id}/edit",
        form(
            name="Zoë", version=page.value("version"), points_shown=page.value("points_shown"),
            points=[
                (first.id, "phone", "0502345679", "work", "0502345678"),
                ("", "email", "zoe@example.az", ""),
            ],
        ),
    )  # fmt: skip

    assert saved.status == 303
    card = (await anna.open(saved.location)).text
    assert "+994 50 234 56 79" in card
    assert "zoe@example.az" in card
    assert "0552345678" not in card
    assert "+994 55 234 56 78" not in card


async def test_a_wrong_form_comes_back_as_it_was_filled(anna: Browser, office: Office) -> None:
    zoe = await office.contact("Zoë", "0502345678")

    refused = await anna.submit(
        f"/contacts/{zoe.id}/edit",
        form(
            name="", city="Bakı", version=1,
            points=[(zoe.points[0].id, "phone", "letters", "", "0502345678")],
        ),
    )  # fmt: skip

    assert refused.status == 422
    for kept in ("Bakı", "letters"):
        assert f'value="{kept}"' in refused.text
    assert 'aria-invalid="true"' in refused.text


async def test_a_form_filled_from_an_older_version_says_who_was_first(
    crm: House, anna: Browser, office: Office
) -> None:
    await crm.person("orxan", name="Orxan")
    orxan = await crm.signed_in("orxan")
    zoe = await office.contact("Zoë", city="Bakı")
    path = f"/contacts/{zoe.id}/edit"
    await orxan.submit(path, form(name="Zoë", city="Gəncə", version=1))

    anna.headers["Accept-Language"] = "az"
    refused = await anna.submit(path, form(name="Zoë", city="Şəki", version=1))

    assert refused.status == 409
    for shown in ("Orxan “Şəhər” sahəsini", "Gəncə", 'value="Şəki"'):
        assert shown in refused.text


async def test_what_somebody_else_chose_is_told_in_words_beside_its_field(
    crm: House, anna: Browser, office: Office
) -> None:
    await crm.person("orxan", name="Orxan")
    orxan = await crm.signed_in("orxan")
    anna.headers["Accept-Language"] = "en"
    nar, _bar = [await office.contact(name, kind="company") for name in ("Nar", "Bar")]
    zoe = await office.contact("Zoë", lifecycle="new")
    path = f"/contacts/{zoe.id}/edit"
    await orxan.submit(path, form(name="Zoë", company="Nar", version=1))
    await orxan.submit(path, form(name="Zoë", company="Nar", lifecycle="former", version=2))

    company = await anna.submit(path, form(name="Zoë", company="Bar", version=1))
    stage = await anna.submit(
        path, form(name="Zoë", company="Nar", lifecycle="customer", version=1)
    )

    assert (company.status, stage.status, company.value("company")) == (409, 409, "Bar")
    assert "Orxan changed “Company” meanwhile" in company.text
    beside = company.text.partition('id="e-company"')[2].partition("</p>")[0]
    assert beside.endswith("It now says: Nar")
    assert str(nar.id) not in company.text
    assert "Orxan changed “Stage” meanwhile" in stage.text
    assert "It now says: Former customer" in stage.text


async def test_whoever_has_compared_both_saves_again_and_undoes_nothing_else(
    crm: House, anna: Browser, office: Office
) -> None:
    await crm.person("orxan", name="Orxan")
    orxan = await crm.signed_in("orxan")
    anna.headers["Accept-Language"] = "en"
    zoe = await office.contact("Zoë", city="Bakı", lifecycle="new")
    path = f"/contacts/{zoe.id}/edit"
    theirs = {"city": "Gəncə", "title": "Chef", "country": "TR", "lifecycle": "former"}
    await orxan.submit(path, form(name="Zoë", **theirs, region="North", version=1))

    mine = {"city": "Şəki", "lifecycle": "customer", "description": "Tall"}
    blank = dict.fromkeys(("title", "country", "region"), "")
    refused = await anna.submit(path, form(name="Zoë", **mine, **blank, version=1))

    # All that both changed is told, and what only the other did stands in the form.
    assert refused.status == 409
    for name, told in (("city", "Gəncə"), ("lifecycle", "Former customer")):
        beside = refused.text.partition(f'id="e-{name}"')[2].partition("</p>")[0]
        assert beside.endswith(f"It now says: {told}")
    names = ("title", "city", "country", "region", "version")
    shown = {name: refused.value(name) for name in names}
    assert shown == {
        "title": "Chef", "city": "Şəki", "country": "TR", "region": "North", "version": "2",
    }  # fmt: skip

    again = await anna.submit(path, form(name="Zoë", **mine | shown))
    assert again.status == 303
    async with office.database.read() as session:
        kept = await session.get_one(Contact, zoe.id)
    assert (kept.city, kept.title, kept.country, kept.region) == ("Şəki", "Chef", "TR", "North")
    assert (kept.lifecycle, kept.description) == ("customer", "Tall")


def form(**fields: Any) -> list[tuple[str, str]]:
    """Return a form as a browser sends it: rows of points are columns of equal length."""
    rows = fields.pop("points", [])
    pairs = [(name, str(value)) for name, value in {"kind": "person", **fields}.items()]
    for row in rows:
        point_id, kind, value, label, *was = row
        pairs += [
            ("point_id", str(point_id)), ("point_was", was[0] if was else ""),
            ("point_kind", kind), ("point_value", value), ("point_label", label),
        ]  # fmt: skip
    return pairs

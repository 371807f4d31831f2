"""What a role covers of a contact is nowhere shown: card, list, search, form, look-up, pop."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import select, update

from callcenter.agents.models import Role, User
from callcenter.app.entities import ENTITIES
from callcenter.crm import api as crm_api
from callcenter.crm.contacts import edit_pages, pages
from callcenter.crm.contacts.models import Contact
from callcenter.db import Database
from callcenter.entity.rights import masked
from callcenter.interactions.models import Interaction, Participant
from callcenter.screenpop.card import Card, Cards
from callcenter.screenpop.pop import Showing
from callcenter.server.identity import Identity
from tests.fixtures.customers import Office, office, signed_in
from tests.fixtures.house import Browser, House, house_on

__all__ = ["office"]

NUMBER, EMAIL = "+994502345678", "ali@example.az"
ALL = dict.fromkeys(("create", "read", "edit", "delete", "export"), "all")


class Desk:
    """One contact, and somebody whose role can be narrowed."""

    def __init__(self, house: House, contact: Contact, anna: Browser) -> None:
        self.house = house
        self.contact = contact
        self.anna = anna

    async def cover(self, rights: dict[str, str] = ALL, **fields: str) -> None:
        grants = {"contact": rights, "interaction": ALL}
        async with self.house.database.write() as session:
            await session.execute(
                update(Role)
                .where(Role.key == "agent")
                .values(grants=grants, fields={"contact": fields})
            )

    async def everything(self) -> str:
        """Return all that can be read of the contact, as one text."""
        paths = (
            "/contacts", "/contacts?q=ali", f"/contacts/{self.contact.id}",
            f"/contacts/{self.contact.id}/edit", "/api/v1/contacts", "/api/v1/contacts?q=ali",
            f"/api/v1/contacts/{self.contact.id}", f"/contacts/{self.contact.id}/history",
            f"/api/v1/contacts/{self.contact.id}/history", "/api/v1/events?entity=contact",
        )  # fmt: skip
        answers = [await self.anna.open(path) for path in paths]
        assert [answer.status for answer in answers] == [200] * len(paths)
        return "".join(answer.text for answer in answers)

    async def found(self, typed: str) -> int:
        return len((await self.anna.open(f"/api/v1/contacts?q={typed}")).json["rows"])


@pytest.fixture
async def desk(sqlite_database: Database, tmp_path: Path) -> AsyncIterator[Desk]:
    routes = [*pages.routes, *edit_pages.routes, *crm_api.routes]
    async with house_on(sqlite_database, tmp_path, routes=routes, entities=ENTITIES) as house:
        contact = await Office(sqlite_database).contact(
            "Ali", "050 234 56 78", email=EMAIL, city="Gəncə-Basar", title="Direktor-müavin",
            description="Gizli qeyd",
        )  # fmt: skip
        await house.person("anna", name="Anna", locale="en")
        yield Desk(house, contact, await house.signed_in("anna"))


def spelled(number: str) -> list[str]:
    return [number, "050 234 56 78", "502345678", "50 234 56 78"]


async def test_without_covers_everything_is_there(desk: Desk) -> None:
    await desk.cover()
    text = await desk.everything()

    assert all(fact in text for fact in (NUMBER, EMAIL, "Gəncə-Basar", "Direktor-müavin"))


@pytest.mark.parametrize("cover", ["hidden", "masked"])
async def test_covered_fields_and_numbers_are_nowhere_to_be_read(desk: Desk, cover: str) -> None:
    await desk.cover(points=cover, city=cover, title=cover, description=cover)
    text = await desk.everything()

    for fact in (*spelled(NUMBER), EMAIL, "Gəncə-Basar", "Direktor-müavin", "Gizli qeyd"):
        assert fact not in text
    assert (masked(NUMBER) in text) == (cover == "masked")


async def test_a_masked_number_is_found_whole_and_not_bit_by_bit(desk: Desk) -> None:
    await desk.cover(phone="masked", email="masked")

    assert [await desk.found(typed) for typed in ("0502345678", "05023456", "45678")] == [1, 0, 0]
    assert [await desk.found(typed) for typed in (EMAIL, "ali@exam")] == [1, 0]


async def test_a_form_writes_back_nothing_that_it_did_not_show(desk: Desk) -> None:
    await desk.cover(points="masked", city="masked", title="read", company_id="hidden")
    path = f"/contacts/{desk.contact.id}/edit"
    form = await desk.anna.open(path)
    assert not any(f'name="{name}"' in form.text for name in ("city", "title", "company"))
    assert 'name="point_value"' not in form.text

    saved = await desk.anna.submit(
        path,
        {"version": "1", "kind": "person", "name": "Ali II", "city": "Bakı", "points_shown": "",
         "point_id": "", "point_kind": "phone", "point_value": "0551112233", "point_label": "",
         "point_was": ""},
    )  # fmt: skip

    assert saved.status == 303, saved.text
    await desk.cover()
    now = (await desk.anna.open(f"/api/v1/contacts/{desk.contact.id}")).json
    assert (now["name"], now["city"]) == ("Ali II", "Gəncə-Basar")
    assert [point["norm"] for point in now["points"]] == [NUMBER, EMAIL]


async def test_a_card_made_of_a_call_is_changed_by_somebody_who_may_not_read_its_number(
    desk: Desk,
) -> None:
    call = await Office(desk.house.database).call("0551112233")
    await desk.cover(points="masked")
    made = await desk.anna.submit(
        "/contacts", {"kind": "person", "name": "Zoë", "interaction": str(call.id)}
    )
    assert made.status == 303, made.text

    first, second = [
        await desk.anna.submit(
            f"{made.location}/edit", {"version": "1", "kind": "person", "name": "Zoë", **changed}
        )
        for changed in ({"city": "Bakı"}, {"title": "Direktor"})
    ]

    assert (first.status, second.status) == (303, 303), first.text
    await desk.cover()
    now = (await desk.anna.open(f"/api/v1{made.location}")).json
    assert (now["city"], now["title"], now["version"]) == ("Bakı", "Direktor", 3)
    assert [point["norm"] for point in now["points"]] == ["+994551112233"]


@pytest.mark.parametrize("body", [{"city": "Bakı"}, {"points": [{"value": "0551112233"}]}])
@pytest.mark.parametrize("cover", ["read", "masked", "hidden"])
async def test_what_may_not_be_changed_is_refused_with_a_sentence(
    desk: Desk, body: dict[str, Any], cover: str
) -> None:
    await desk.cover(points=cover, city=cover)

    refused = await desk.anna.call("PATCH", f"/api/v1/contacts/{desk.contact.id}", body)

    assert refused.status == 422
    assert refused.json["error"]["fields"] == dict.fromkeys(
        body, "This field cannot be changed here."
    )


async def test_guessing_a_covered_value_tells_nothing(desk: Desk) -> None:
    await desk.cover(city="hidden")
    path = f"/api/v1/contacts/{desk.contact.id}"

    answers = {
        (await desk.anna.call("PATCH", path, {"city": guess})).status
        for guess in ("Gəncə-Basar", "Bakı")
    }

    assert answers == {422}


async def test_a_company_one_may_not_see_is_named_nowhere_and_stays(desk: Desk) -> None:
    database = desk.house.database
    firm = await Office(database).contact("Kür MMC", kind="company")
    async with database.write() as session:
        anna = await session.scalar(select(User.id).where(User.login == "anna"))
        await session.execute(
            update(Contact)
            .where(Contact.id == desk.contact.id)
            .values(company_id=firm.id, owner_id=anna)
        )
    path = f"/contacts/{desk.contact.id}"
    await desk.cover()
    told = await desk.everything()
    await desk.cover(dict.fromkeys(("read", "edit", "export"), "own"))
    hidden = await desk.everything()
    hidden += (await desk.anna.open("/contacts/export?format=vcf")).text
    hidden += (await desk.anna.open("/contacts/export?cols=name,company_id")).text
    hidden += (await desk.anna.open("/api/v1/lookup?phone=0502345678")).text
    form = {"version": "1", "kind": "person", "name": "Ali II", "company": "", "points_shown": ""}
    saved = await desk.anna.submit(f"{path}/edit", form)

    assert ("Kür MMC" in told, "Kür MMC" in hidden, "BEGIN:VCARD" in hidden) == (True, False, True)
    assert saved.status == 303, saved.text
    async with database.read() as session:
        now = await session.get_one(Contact, desk.contact.id)
    assert (now.name, now.company_id) == ("Ali II", firm.id)


# ---------------------------------------------------------------- look-up and pop


async def test_a_look_up_names_nobody_that_one_may_not_see(desk: Desk) -> None:
    await desk.cover()
    assert (await desk.anna.open("/api/v1/lookup?phone=0502345678")).json["match"] == "one"
    await desk.cover({"read": "own"})
    found = (await desk.anna.open("/api/v1/lookup?phone=0502345678")).json

    assert (found["match"], found["candidates"]) == ("none", [])


async def popped(database: Database, who: Identity | None, interaction_id: int = 0) -> Card:
    """Return the card of a call from the contact's number, as this person is shown it."""
    cards = Cards(database, lambda _pbx: ["AZ"], who_of=lambda _user_id: who)
    showing = Showing(
        id="1.1", call_id=1, interaction_id=interaction_id, pbx=1, user_id=1, phase="ringing",
        direction="inbound", number="0502345678", caller_name=None, withheld=False,
        colleague_id=None, queue=None, did=None, waiting_since=None, ringing_since=0.0,
        talking_since=None,
    )  # fmt: skip
    return await cards.story(showing, await cards.who(showing))


async def caller(office: Office) -> tuple[Contact, User, Interaction]:
    boris = await office.user("Boris")
    ali = await office.contact("Ali", "050 234 56 78", title="Direktor", owner_id=boris.id)
    before = await office.call("0502345678", agent=boris, body="He wants a discount.")
    async with office.database.write() as session:
        await session.execute(
            update(Participant).where(Participant.role == "from").values(contact_id=ali.id)
        )
    return ali, boris, before


async def test_a_pop_names_no_customer_whom_the_person_may_not_see(office: Office) -> None:
    _ali, boris, _before = await caller(office)
    anna = await office.user("Anna")
    own = {"contact": {"read": "own"}, "interaction": {"read": "own"}}

    hers = await popped(office.database, signed_in(anna, **own))
    his = await popped(office.database, signed_in(boris, **own))

    assert (hers.match, hers.candidates, hers.recent) == ("none", (), ())
    assert (his.match, [one.name for one in his.candidates]) == ("one", ["Ali"])
    assert [line.note for line in his.recent] == ["He wants a discount."]


async def test_nobody_whom_we_do_not_know_is_told_who_calls(office: Office) -> None:
    await caller(office)

    assert (await popped(office.database, None)).candidates == ()


@pytest.mark.parametrize("is_known", [True, False])
@pytest.mark.parametrize(("cover", "shown"), [("masked", "•••78"), ("hidden", None)])
async def test_a_pop_covers_the_number_of_a_contact_and_of_a_stranger(
    office: Office, cover: str, shown: str | None, *, is_known: bool
) -> None:
    if is_known:
        await caller(office)
    anna = await office.user("Anna")
    who = signed_in(anna, contact={"read": "all"}, interaction={"read": "all"})
    who = msgspec.structs.replace(who, fields={"contact": {"phone": cover, "title": "hidden"}})

    card = await popped(office.database, who)

    assert (card.number, card.e164, card.is_covered) == (shown, None, True)
    assert [one.title for one in card.candidates] == [None] * is_known

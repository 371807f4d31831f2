"""Forms on other sites: sent by script or without, kept whatever becomes of them, and made leads."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, text

from callcenter.crm.contacts.models import Contact
from callcenter.db import Database
from callcenter.jobs import Job
from callcenter.leads.models import Lead
from callcenter.leads.webforms import admin_pages, keeping, public, stamp
from callcenter.leads.webforms.confirm import Confirm
from callcenter.leads.webforms.keys import LIMITS, MAKING
from callcenter.leads.webforms.models import FormDay, Submission, WebForm
from callcenter.mail.models import Template
from callcenter.post.smtp import Account
from callcenter.process import seeds
from callcenter.settings import Settings
from tests.fixtures.customers import NOW, Office
from tests.fixtures.house import Browser, House, Page, house_on
from tests.fixtures.mail import Letterbox

ROUTES = [*public.routes, *admin_pages.routes]
SITE = "https://shop.example"
FORM = {
    "name": "Callback", "active": "1", "field.person": "1", "field.phone": "1",
    "needed.phone": "1", "field.message": "1", "field.email": "1", "origins": SITE,
    "title.en": "Call me", "thanks.en": "We will call you.", "confirmation.en": "It has arrived.",
}  # fmt: skip


@pytest.fixture
async def house(sqlite_database: Database, tmp_path: Path) -> AsyncIterator[House]:
    async with sqlite_database.write() as session:
        await seeds.seed(session, NOW)
    known = Settings(data=str(tmp_path), language="en")
    async with house_on(sqlite_database, tmp_path, routes=ROUTES, settings=known) as house:
        await house.person("admin", role="admin")
        yield house


@pytest.fixture
async def admin(house: House) -> Browser:
    return await house.signed_in("admin")


async def rows(house: House, model: type[Any]) -> list[Any]:
    async with house.database.read() as session:
        return list(await session.scalars(select(model)))


async def made(house: House, admin: Browser, **more: str) -> WebForm:
    saved = await admin.submit("/admin/forms", FORM | more)
    assert saved.status == 303, saved.text
    form: WebForm = (await rows(house, WebForm))[-1]
    return form


async def sent(house: House, form: WebForm, origin: str = SITE, **values: str) -> Page:
    """Send the form as the script does, filled in by somebody who took his time."""
    visitor = await house.browser()
    fresh = stamp.stamped(form.secret, house.clock().timestamp() - 30)
    return await visitor.request(
        "POST", f"/f/{form.key}?lang=en", data={"stamp": fresh} | values,
        headers={"Origin": origin, "Accept": "application/json"},
    )  # fmt: skip


async def test_what_is_sent_becomes_a_lead_of_the_contact_that_has_the_number(
    house: House, admin: Browser
) -> None:
    zoe = await Office(house.database).contact("Zoë Müller", "+994502345678")
    [owner] = [one.id for one in await rows(house, type(await house.person("anna")))][-1:]
    form = await made(house, admin, campaign="Autumn", owner_id=str(owner))
    facts = await (await house.browser()).request(
        "GET", f"/f/{form.key}/form?lang=en", headers={"Origin": SITE}
    )
    assert facts.headers["Access-Control-Allow-Origin"] == SITE
    assert (facts.json["title"], [one["name"] for one in facts.json["fields"]]) == (
        "Call me", ["person", "phone", "email", "message"],
    )  # fmt: skip

    answer = await sent(
        house, form, person="Z.", phone="050 234 56 78", email="z@example.az",
        utm_source="ads", page="https://shop.example/pumps",
    )  # fmt: skip
    assert answer.json == {"thanks": "We will call you."}
    [lead], [kept], [day] = (
        await rows(house, Lead),
        await rows(house, Submission),
        await rows(house, FormDay),
    )
    assert (lead.contact_id, lead.channel, lead.campaign) == (zoe.id, "web", "Autumn")
    assert (lead.owner_id, lead.phone, lead.utm["utm_source"]) == (owner, "+994502345678", "ads")
    assert (kept.lead_id, kept.status, kept.sent["phone"]) == (lead.id, "made", "050 234 56 78")
    assert (day.shown, day.sent) == (1, 1)
    # His data stay as they are kept.
    assert [contact.name for contact in await rows(house, Contact)] == ["Zoë Müller"]
    assert {job.kind for job in await rows(house, Job)} >= {keeping.KIND, keeping.CONFIRM}
    # The job comes after, and finds that it is done.
    await house.app[MAKING].make(kept.id)
    assert len(await rows(house, Lead)) == 1


async def test_other_sites_machines_and_the_hasty_make_no_lead(
    house: House, admin: Browser
) -> None:
    form = await made(house, admin)
    foreign = await sent(house, form, "https://evil.example", phone="0502345678")
    assert (foreign.status, foreign.headers.get("Access-Control-Allow-Origin")) == (404, None)

    trapped = await sent(house, form, phone="0502345678", website="http://spam")
    assert (trapped.status, [row.status for row in await rows(house, Submission)]) == (
        200,
        ["spam"],
    )
    hasty = await sent(
        house, form, phone="0502345678", stamp=stamp.stamped(form.secret, house.clock().timestamp())
    )
    assert (hasty.status, "stamp" in hasty.json) == (422, True)
    wrong = await sent(house, form, phone="none", email="nobody")
    assert set(wrong.json["errors"]) == {"phone", "email"}
    missing = await sent(house, form, person="Z.")
    assert set(missing.json["errors"]) == {"phone"}
    assert await rows(house, Lead) == []


async def test_a_plain_form_is_looked_at_once_more_and_then_sent(
    house: House, admin: Browser
) -> None:
    form = await made(house, admin)
    visitor = await house.browser()
    asked = await visitor.request(
        "POST", f"/f/{form.key}", data={"phone": "0502345678", "person": "Zoë"},
        headers={"Origin": SITE},
    )  # fmt: skip
    assert (asked.status, "Please look at it once more" in asked.text) == (422, True)
    assert asked.value("phone") == "0502345678"

    house.clock.move(seconds=20)
    fields = {name: asked.value(name) for name in ("stamp", "phone", "person")}
    done = await visitor.request(
        "POST", f"/f/{form.key}", data=fields, headers={"Origin": house.origin}
    )
    assert (done.status, "We will call you." in done.text) == (200, True)
    assert [lead.person for lead in await rows(house, Lead)] == ["Zoë"]


async def test_what_our_own_rules_refuse_is_kept_shown_and_tried_again(
    house: House, admin: Browser
) -> None:
    form = await made(house, admin)
    async with house.database.write() as session:
        row = await session.get_one(WebForm, form.id)
        row.pipeline_id = None
        kept = await keeping.keep(
            session, row, {"phone": "nobody's"}, house.clock(), ip="", language="en"
        )
    assert await house.app[MAKING].make(kept.id) is None
    page = await admin.open(f"/admin/forms/{form.id}")
    assert ("Try again" in page.text, "nobody&#39;s" in page.text) == (True, True)

    async with house.database.write() as session:
        (await session.get_one(Submission, kept.id)).sent = {"phone": "0502345678"}
    assert (await admin.submit(f"/admin/forms/submissions/{kept.id}/again")).status == 303
    assert [row.status for row in await rows(house, Submission)] == ["made"]


async def test_who_sends_a_form_hears_nothing_of_our_own_troubles(
    house: House, admin: Browser
) -> None:
    form = await made(house, admin)
    async with house.database.write() as session:
        await session.execute(text("ALTER TABLE sequence RENAME TO sequence_away"))

    page = await sent(house, form, phone="0502345678", message="Salam")
    async with house.database.write() as session:
        await session.execute(text("ALTER TABLE sequence_away RENAME TO sequence"))
    [job] = [job for job in await rows(house, Job) if job.kind == keeping.KIND]
    for _twice in range(2):
        await house.app[MAKING].do(job)

    assert (page.status, page.json) == (200, {"thanks": "We will call you."})
    assert [lead.message for lead in await rows(house, Lead)] == ["Salam"]
    assert [row.status for row in await rows(house, Submission)] == ["made"]


async def test_forms_are_changed_refused_in_sentences_and_limited(
    house: House, admin: Browser
) -> None:
    form = await made(house, admin)
    wrong = await admin.submit(
        "/admin/forms", {"name": "", "origins": "shop.example", "thanks.az": "Sağ olun"}
    )
    assert (wrong.status, wrong.text.count("field__error"), "Sağ olun" in wrong.text) == (
        422,
        3,
        True,
    )
    changed = await admin.submit(
        f"/admin/forms/{form.id}", FORM | {"name": "Ring me", "version": "1"}
    )
    assert changed.status == 303
    again = await admin.submit(
        f"/admin/forms/{form.id}", FORM | {"name": "Call us", "version": "1"}
    )
    assert again.status == 409
    listed = await admin.open("/admin/forms")
    assert re.search(r"Ring me", listed.text)

    house.app[LIMITS][0].count = 2
    assert [(await sent(house, form, phone="0502345678")).status for _ in range(3)] == [
        200,
        200,
        422,
    ]


async def test_who_asked_gets_a_letter_in_his_language_by_the_chosen_template(
    house: House, admin: Browser, letterbox: Letterbox
) -> None:
    texts = {
        "en": {"subject": "Hello {{ contact.name }}", "body": "Dear {{ contact.given_name }}, {{ company.name }} thanks you."},
        "tr": {"subject": "Merhaba", "body": "Sayın {{ contact.name or 'müşterimiz' }}"},
    }  # fmt: skip
    async with house.database.write() as session:
        session.add(Template(id=7, name="Thanks", texts=texts, created_at=NOW, updated_at=NOW))
        session.add(
            Template(id=8, name="Offer", texts=texts, is_offer=True, created_at=NOW, updated_at=NOW)
        )
    form = await made(house, admin, template_id="7")
    page = await admin.open(f"/admin/forms/{form.id}")
    assert re.search(r'<option value="7" selected>\s*Thanks', page.text)
    assert "Offer" not in page.text
    account = Account(
        host="127.0.0.1", port=letterbox.port, security="none", sender="D <info@dalga.example>"
    )
    confirm = Confirm(house.database, lambda: account, lambda: "Dalğa", house.clock)

    async def letter(language: str, person: str, address: str) -> tuple[str, str]:
        async with house.database.write() as session:
            row = await session.get_one(WebForm, form.id)
            sent = {"person": person, "phone": "0502345678", "email": address}
            kept = await keeping.keep(session, row, sent, house.clock(), ip="", language=language)
        await house.app[MAKING].make(kept.id)
        async with house.database.read() as session:
            [job] = await session.scalars(
                select(Job).where(Job.kind == keeping.CONFIRM, Job.key == str(kept.id))
            )
        await confirm.send(job)
        caught = await letterbox.next(lambda one: address in one.recipients)
        return str(caught.message["Subject"]), caught.message.get_content().strip()

    assert await letter("en", "Zoë Müller", "z@example.az") == (
        "Hello Zoë Müller", "Dear Zoë, Dalğa thanks you.",
    )  # fmt: skip
    # What is no name goes out in no letter of ours.
    assert await letter("tr", "Buy at www.spam.example", "y@example.az") == (
        "Merhaba", "Sayın müşterimiz",
    )  # fmt: skip
    async with house.database.write() as session:
        (await session.get_one(Template, 7)).active = False
    assert await letter("en", "Zoë", "x@example.az") == ("Call me", "It has arrived.")


@given(st.floats(0, 2e9), st.floats(0, 2e9), st.text(max_size=40))
def test_a_stamp_is_good_for_its_own_form_and_time_only(
    at: float, later: float, noise: str
) -> None:
    good = stamp.stamped("secret", at)
    verdict = stamp.judged("secret", good, at + later)
    age = at + later - round(at)
    assert verdict == ("early" if age < stamp.LEAST_S else "old" if age > stamp.MOST_S else "fine")
    assert stamp.judged("other", good, at + 60) == "foreign"
    assert stamp.judged("secret", noise, at) == "foreign"

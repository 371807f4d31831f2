"""Letters are written, sent once and for sure, answered, and refused in sentences."""

import asyncio
import io
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from sqlalchemy import select

from callcenter.agents.models import Role
from callcenter.crm.contacts.models import Contact, ContactPoint
from callcenter.db import Database, new_id
from callcenter.entity.files import Folder
from callcenter.interactions import outcome_pages
from callcenter.interactions.models import Interaction, Participant
from callcenter.jobs import GiveUp, Job, Runner
from callcenter.mail import (
    compose_pages,
    letter_pages,
    opt_out_pages,
    sending,
    storing,
    template_pages,
)
from callcenter.mail.keys import WAKE
from callcenter.mail.models import Letter, MailAccount, MailDraft, Template
from callcenter.mail.reading import read
from callcenter.mail.storing import Box
from callcenter.post.smtp import PostError
from callcenter.settings import Settings
from tests.fixtures.customers import Office
from tests.fixtures.house import Browser, House, Page, house_on
from tests.fixtures.mail import Letterbox

TEST_LIMIT_S = 20


class Post:
    """The house with a mail server, a customer and somebody who writes."""

    def __init__(self, house: House, data: Path, settings: Settings) -> None:
        self.house, self.data, self.settings = house, data, settings
        self.office = Office(house.database)

    async def begin(self) -> None:
        self.anna = await self.house.person("anna", email="anna@dalga.example")
        await self.house.person("admin", "admin")
        self.zoe = await self.office.contact("Zoë Əliyeva", email="zoe@example.az", language="tr")
        self.account = await self.add_account("Info", signature="Dalğa, {user}")
        self.browser = await self.house.signed_in("anna")

    async def add_account(self, name: str, **facts: Any) -> MailAccount:
        at = self.house.clock()
        account = MailAccount(
            id=new_id(at.timestamp()), name=name, sender="Dalğa", created_at=at, updated_at=at,
            address=f"{name.lower()}@dalga.example", **facts,
        )  # fmt: skip
        async with self.house.database.write() as session:
            session.add(account)
        return account

    async def submit(
        self, do: str = "send", files: tuple[tuple[str, bytes], ...] = (), **values: str
    ) -> Page:
        typed = {
            "account_id": str(self.account.id), "to": "zoe@example.az", "cc": "",
            "subject": "Təklif", "body": "Salam", "source_id": "", "forward": "", "quote": "",
            "template_id": "", "contact": "", "next": "", "draft": "", "do": do,
        } | values  # fmt: skip
        form = aiohttp.FormData(list(typed.items()), quote_fields=False)
        for name, data in files:
            form.add_field("files", io.BytesIO(data), filename=name)
        return await self.browser.request(
            "POST", "/mail/new", data=form,
            headers={"Origin": self.browser.origin, "X-CSRF-Token": self.browser.token},
        )  # fmt: skip

    async def sent(self, page: Page) -> int:
        """Return which interaction a sent letter became."""
        assert page.status == 303, page.text
        return int(page.location.rpartition("/")[2])

    def sender(self) -> sending.Sender:
        return sending.Sender(self.house.database, self.settings, self.house.clock, lambda _: None)

    async def deliver(self, interaction_id: int, attempts: int = 1) -> None:
        payload = {"interaction": interaction_id}
        await self.sender().letter(Job(kind="letter", payload=payload, attempts=attempts))

    async def letter(self, interaction_id: int) -> Letter:
        async with self.house.database.read() as session:
            return await session.get_one(Letter, interaction_id)

    async def came(self, raw: str) -> int:
        data = raw.encode()
        async with self.house.database.write() as session:
            box = Box(self.account, Folder(self.data))
            made = await storing.store(session, box, read(data), data, self.house.clock())
        assert made is not None
        return made


@pytest.fixture
async def post(
    sqlite_database: Database, tmp_path: Path, letterbox: Letterbox
) -> AsyncIterator[Post]:
    settings = Settings(data=str(tmp_path), language="en", smtp_url=letterbox.url, public_url="")
    rooms = (compose_pages, letter_pages, opt_out_pages, template_pages, outcome_pages)
    woken: list[bool] = []
    async with house_on(
        sqlite_database, tmp_path, settings=settings,
        routes=[route for room in rooms for route in room.routes],
        held={WAKE: lambda: woken.append(True)},
    ) as house:  # fmt: skip
        post = Post(house, tmp_path, settings)
        await post.begin()
        yield post


INCOMING = """From: Zoë <zoe@example.az>
To: info@dalga.example, Ali <ali@far.example>
Cc: veli@far.example
Subject: Sual
Message-ID: <q@example.az>
References: <before@example.az>

Qiymət nə qədərdir?
"""


async def test_a_letter_is_written_stored_and_sent_by_a_job(post: Post, letterbox: Letterbox):
    form = await post.browser.open(f"/mail/new?contact={post.zoe.id}")
    assert form.value("to") == "zoe@example.az"
    interaction_id = await post.sent(
        await post.submit(
            to="Zoë <zoe@example.az>; ali@far.example", bcc="unseen@far.example", files=(("Qiymət.pdf", b"%PDF-1"),),
        )
    )  # fmt: skip
    waiting = await post.letter(interaction_id)
    runner = Runner(post.house.database, post.house.clock, {"letter": post.sender().letter})
    running = asyncio.create_task(runner.run())
    caught = await letterbox.next()
    async with asyncio.timeout(TEST_LIMIT_S):
        while (await post.letter(interaction_id)).state != "sent":
            await asyncio.sleep(0.05)
    running.cancel()
    await asyncio.wait([running])

    async with post.house.database.read() as session:
        row = await session.get_one(Interaction, interaction_id)
        people = (
            await session.scalars(
                select(Participant).where(Participant.interaction_id == interaction_id)
            )
        ).all()
        drafts = (await session.scalars(select(MailDraft))).all()
        zoe = await session.get_one(Contact, post.zoe.id)
    message = caught.message
    text = message.get_body(("plain",))
    (file,) = message.iter_attachments()
    assert (row.kind, row.direction, row.subject, row.body) == ("email", "out", "Təklif", "Salam")
    assert {(one.role, one.contact_id, one.user_id, one.point) for one in people} == {
        ("from", None, post.anna.id, None), ("to", post.zoe.id, None, "zoe@example.az"),
        ("to", None, None, "ali@far.example"), ("cc", None, None, "unseen@far.example"),
    }  # fmt: skip
    assert zoe.last_contact_at == row.start_at
    assert waiting.state == "waiting"
    assert caught.recipients == ("zoe@example.az", "ali@far.example", "unseen@far.example")
    assert b"unseen" not in caught.raw
    assert (
        "unseen@far.example"
        in (await post.browser.open(f"/interactions/{interaction_id}/letter")).text
    )
    assert message["From"] == "Dalğa <info@dalga.example>"
    assert message["Message-ID"] == waiting.message_id
    assert text is not None
    assert text.get_content() == "Salam\n\n-- \nDalğa, Anna\n"
    assert (file.get_filename(), file.get_content()) == ("Qiymət.pdf", b"%PDF-1")
    assert drafts == []


async def test_an_answer_goes_to_whom_it_should_and_closes_the_question(
    post: Post, letterbox: Letterbox
):
    source = await post.came(INCOMING)
    page = await post.browser.open(f"/interactions/{source}/letter")
    assert "To answer" in page.text
    one = await post.browser.open(f"/mail/new?reply={source}")
    everybody = await post.browser.open(f"/mail/new?reply_all={source}")
    onward = await post.browser.open(f"/mail/new?forward={source}")
    listed = (await post.browser.open("/mail")).text

    assert one.value("to").replace("&lt;", "<").replace("&gt;", ">") == "Zoë <zoe@example.az>"
    assert one.value("subject") == "Re: Sual"
    assert "ali@far.example" in everybody.value("to")
    assert "info@dalga.example" not in everybody.value("to")
    assert everybody.value("cc") == "veli@far.example"
    assert (onward.value("subject"), onward.value("to")) == ("Fwd: Sual", "")
    assert f'href="/interactions/{source}"' in listed

    answer = await post.sent(
        await post.submit(source_id=str(source), subject="Re: Sual", body="20 manat", quote="1")
    )
    await post.deliver(answer)
    await post.deliver(answer)
    message = (await letterbox.next()).message
    text = message.get_body(("plain",))
    async with post.house.database.read() as session:
        threads = set(
            await session.scalars(
                select(Interaction.thread_id).where(Interaction.id.in_((source, answer)))
            )
        )
    assert text is not None
    assert "> Qiymət nə qədərdir?" in text.get_content()
    assert "Zoë <zoe@example.az>" in text.get_content()
    assert message["In-Reply-To"].strip() == "<q@example.az>"
    assert message["References"].split() == ["<before@example.az>", "<q@example.az>"]
    assert threads == {source}
    assert not (await post.letter(source)).to_answer
    assert "Everything is answered" in (await post.browser.open("/mail")).text
    # What was sent is not sent again, however often the job comes.
    assert len(letterbox.letters) == 1


async def test_what_a_server_says_is_told_and_it_can_be_sent_again(
    post: Post, letterbox: Letterbox
):
    letterbox.answers["zoe@example.az"] = "451 later"
    first = await post.sent(await post.submit())
    with pytest.raises(PostError):
        await post.deliver(first)
    waiting = await post.letter(first)
    with pytest.raises(PostError):
        await post.deliver(first, attempts=8)
    given_up = await post.letter(first)
    letterbox.answers["zoe@example.az"] = "550 no such user"
    again = await post.browser.submit(f"/interactions/{first}/letter/again")
    with pytest.raises(GiveUp):
        await post.deliver(first)
    refused = await post.browser.open(f"/interactions/{first}/letter")
    letterbox.answers.clear()
    await post.browser.submit(f"/interactions/{first}/letter/again")
    await post.deliver(first)

    assert (waiting.state, "451 later" in (waiting.says or "")) == ("waiting", True)
    assert given_up.state == "refused"
    assert again.status == 303
    assert "550 no such user" in refused.text
    assert "Send again" in refused.text
    caught = await letterbox.next()
    assert caught.message["Message-ID"] == waiting.message_id
    assert (await post.letter(first)).state == "sent"


async def test_a_letter_whose_file_is_gone_is_refused_and_its_writer_told(post: Post):
    row_id = await post.sent(await post.submit(files=(("plan.pdf", b"%PDF plan"),)))
    for stored in (post.data / "files").rglob("*"):
        if stored.is_file():
            stored.unlink()

    with pytest.raises(GiveUp):
        await post.deliver(row_id)

    letter = await post.letter(row_id)
    assert (letter.state, letter.says) == ("refused", "the file plan.pdf is no longer there")


async def test_nothing_typed_is_lost_when_something_is_wrong(post: Post):
    page = await post.submit(
        to="nobody, zoe@", subject="", body="Uzun mətn", account_id="1",
        files=(("a.txt", b"a"), ("b.txt", b"b")),
    )  # fmt: skip
    draft = page.value("draft")
    files = re.findall(r'value="drop:(\d+)"', page.text)

    assert page.status == 422
    for told in (
        "These are no addresses: nobody, zoe@.", "Uzun mətn", "a.txt", "b.txt",
    ):  # fmt: skip
        assert told in page.text
    assert "Uzun mətn" in (await post.browser.open(f"/mail/drafts/{draft}")).text
    assert "Without a subject" in (await post.browser.open("/mail?box=drafts")).text

    await post.submit("drop:" + files[0], draft=draft)
    large = await post.submit("save", draft=draft, files=(("c.bin", b"x" * 20_971_521),))
    assert "This file is too large" in large.text
    assert (await post.browser.open(f"/mail/drafts/{draft}")).text.count("drop:") == 1
    other = await post.house.signed_in("admin")
    assert (await other.open(f"/mail/drafts/{draft}")).status == 404

    await post.submit("discard", draft=draft)
    assert (await post.browser.open(f"/mail/drafts/{draft}")).status == 404
    assert "No drafts" in (await post.browser.open("/mail?box=drafts")).text


async def test_nobody_writes_from_others_mailboxes_or_reads_their_letters(post: Post):
    boris = await post.office.user(
        "Boris", grants={"interaction": {"read": "own", "create": "own"}}
    )
    his = await post.add_account("Boris", owner_id=boris.id)
    source = await post.came(INCOMING)
    async with post.house.database.write() as session:
        letter = await session.get_one(Letter, source)
        letter.html = "<p>Salam</p>"

    assert "Boris" not in (await post.browser.open("/mail/new")).text
    refused = await post.submit(account_id=str(his.id))
    assert "Choose an account to write from." in refused.text

    role = (await post.house.person("own", "agent")).role_id
    stranger = await post.house.signed_in("own")
    async with post.house.database.write() as session:
        grants = dict((await session.get_one(Role, role)).grants)
        (await session.get_one(Role, role)).grants = grants | {
            "interaction": {"create": "own", "read": "own", "edit": "own"}
        }
    ways = [
        await stranger.open(f"/interactions/{source}/letter"),
        await stranger.open(f"/interactions/{source}/letter/page"),
        await stranger.open(f"/mail/new?reply={source}"),
        await stranger.submit(f"/interactions/{source}/letter/done"),
    ]
    assert [way.status for way in ways] == [404, 404, 404, 404]
    assert f"/interactions/{source}" not in (await stranger.open("/mail?box=in")).text


async def test_a_letters_html_is_shown_in_a_frame_where_nothing_runs(post: Post):
    source = await post.came(
        INCOMING.replace("\n\nQiymət", "\nContent-Type: text/html\n\n<b>Qiymət</b><img src='https://far.example/p.png'>")
    )  # fmt: skip
    letter = await post.browser.open(f"/interactions/{source}/letter")
    page = await post.browser.open(f"/interactions/{source}/letter/page")
    shown = await post.browser.open(f"/interactions/{source}/letter/page?pictures")

    assert 'sandbox="allow-same-origin allow-popups allow-popups-to-escape-sandbox"' in letter.text
    assert "Show pictures from elsewhere" in letter.text
    assert "<b>Qiymət</b>" in page.text
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "https:" not in policy
    assert page.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert "https:" in shown.headers["Content-Security-Policy"]
    assert letter.headers["X-Frame-Options"] == "DENY"


def template(**values: str) -> dict[str, str]:
    plain = {
        "name": "Qiymət", "subject_az": "Təklif", "body_az": "Hörmətli {{ contact.name }}",
        "subject_tr": "Teklif", "active": "1",
        "body_tr": "Sayın {{ contact.given_name or contact.name }},\n{{ user.name }}",
    }  # fmt: skip
    return plain | values


async def added(browser: Browser, **values: str) -> Page:
    return await browser.submit("/admin/templates", template(**values))


async def test_templates_are_checked_and_filled_in_the_customers_language(
    post: Post, letterbox: Letterbox
):
    admin = await post.house.signed_in("admin")
    wrong = await added(
        admin, body_az="{{ contact.phone }} {{ who }}", body_tr="{% for a in b %}{% endfor %}",
        subject_ru="{{ contact.name", name="",
    )  # fmt: skip
    preview = await added(admin, preview="1")
    assert (await added(admin)).status == 303
    double = await added(admin)
    async with post.house.database.read() as session:
        kept = await session.scalar(select(Template))
    assert kept is not None
    inserted = await post.submit(
        "insert", template_id=str(kept.id), subject="", body="P.S.", contact=str(post.zoe.id)
    )
    draft = await post.browser.open(inserted.location)

    for told in (
        "Nothing is called contact.phone, who here.", "Line 1: only values, filters",
        "Line 1 is not complete",
    ):  # fmt: skip
        assert told in wrong.text
    assert "Sayın Zoë," in preview.text
    assert "Another template has this name already." in double.text
    assert draft.value("subject") == "Teklif"
    assert "Sayın Zoë Əliyeva,\nAnna\n\nP.S." in draft.text


async def test_whoever_wants_no_offers_gets_none(
    sqlite_database: Database, tmp_path: Path, letterbox: Letterbox
):
    settings = Settings(
        data=str(tmp_path), language="en", smtp_url=letterbox.url, public_url="http://x.example"
    )
    rooms = (compose_pages, letter_pages, opt_out_pages)
    async with house_on(
        sqlite_database, tmp_path, settings=settings,
        routes=[route for room in rooms for route in room.routes], held={WAKE: lambda: None},
    ) as house:  # fmt: skip
        post = Post(house, tmp_path, settings)
        await post.house.person("anna", email="anna@dalga.example")
        post.zoe = await post.office.contact("Zoë", email="zoe@example.az")
        post.account = await post.add_account("Info")
        post.browser = await house.browser()
        post.browser.origin = "http://x.example"
        await post.browser.open("/sign-in")
        await post.browser.submit(
            "/sign-in", {"login": "anna", "password": "correct horse battery"}
        )
        async with house.database.write() as session:
            offer = Template(
                id=7, name="Offer", texts={"az": {"subject": "a", "body": "b"}}, is_offer=True,
                created_at=house.clock(), updated_at=house.clock(),
            )  # fmt: skip
            session.add(offer)
        await post.browser.open("/account")
        sent = await post.sent(await post.submit(template_id="7"))
        await post.deliver(sent)
        message = (await letterbox.next()).message
        link = message["List-Unsubscribe"].strip("<>").removeprefix("http://x.example")
        stranger = await house.browser(Accept_Language="en")
        asked = await stranger.open(link)
        before = await point(house)
        done = await stranger.request("POST", link, data={"List-Unsubscribe": "One-Click"})
        after = await point(house)
        refused = await post.submit(template_id="7")
        plain = await post.submit()
        form = await post.browser.open(f"/mail/new?contact={post.zoe.id}")

    text = message.get_body(("plain",))
    assert text is not None
    assert link in text.get_content()
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "No more offers, please" in asked.text
    assert (before, after) == ((False, None), (True, "mailings"))
    assert done.status == 200
    assert refused.status == 422
    assert "zoe@example.az wants no such letters" in refused.text
    assert plain.status == 303
    assert "does not want to be written to" in form.text


async def point(house: House) -> tuple[bool, str | None]:
    async with house.database.read() as session:
        row = await session.scalar(select(ContactPoint))
    assert row is not None
    return row.opted_out_at is not None, row.opt_out_channel

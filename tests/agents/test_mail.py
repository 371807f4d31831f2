"""The mail with a reset link, through a real SMTP conversation."""

import asyncio
import re
from email import message_from_bytes, policy
from pathlib import Path

from callcenter.agents.keys import POSTMAN
from callcenter.company import details, kept
from callcenter.company.branding import BRANDING
from callcenter.db import Database
from callcenter.server.actor import SYSTEM
from callcenter.server.keys import SETTINGS
from callcenter.settings import Settings
from tests.fixtures.house import House, house_on

TEST_LIMIT_S = 30


class MailServer:
    """Takes mails as a server does, and keeps them."""

    def __init__(self) -> None:
        self.mails: asyncio.Queue[bytes] = asyncio.Queue()

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 here\r\n")
        while line := await reader.readline():
            if line.upper().startswith(b"DATA"):
                writer.write(b"354 go on\r\n")
                mail = await reader.readuntil(b"\r\n.\r\n")
                self.mails.put_nowait(mail[:-3])
            writer.write(b"221 bye\r\n" if line.upper().startswith(b"QUIT") else b"250 ok\r\n")
            if line.upper().startswith(b"QUIT"):
                break
        writer.close()


async def asks(house: House, who: str) -> str:
    browser = await house.browser(Accept_Language="en")
    browser.origin = house.app[SETTINGS].public_url or browser.origin
    await browser.open("/password/forgot")
    page = await browser.submit("/password/forgot", {"login": who})
    assert page.status == 200
    # The token of the forms is another one in each page.
    return re.sub(r'name="csrf[-_]token" \w+="\w+"', "", page.text)


async def name_the_company(house: House, name: str) -> None:
    async with house.database.write() as session:
        sheet = details.Details(name=name)
        await kept.change(session, details.KEY, sheet, None, house.clock(), SYSTEM)
    await house.app[BRANDING].load()


async def test_a_person_gets_a_link_by_mail_and_nobody_learns_who_exists(
    sqlite_database: Database, tmp_path: Path
):
    mail_server = MailServer()
    async with await asyncio.start_server(mail_server.talk, "127.0.0.1") as listening:
        port = listening.sockets[0].getsockname()[1]
        settings = Settings(
            data=str(tmp_path), public_url="http://crm.example.az",
            smtp_url=f"smtp://crm%40example.az@127.0.0.1:{port}",
        )  # fmt: skip
        async with house_on(sqlite_database, tmp_path, settings=settings) as house:
            await house.person("anna", email="anna@example.az", locale="en")
            delivering = asyncio.create_task(house.app[POSTMAN].deliver())

            await name_the_company(house, "Xəzər")
            known = await asks(house, "ANNA@example.az")
            unknown = await asks(house, "nobody@example.az")
            async with asyncio.timeout(TEST_LIMIT_S):
                raw = await mail_server.mails.get()
            delivering.cancel()

            mail = message_from_bytes(raw, policy=policy.default)
            text = mail.get_content()
            link = re.search(r"http://crm\.example\.az(/password/reset\?token=\S+)", text)
            assert known == unknown
            assert (mail["To"], mail["From"]) == (
                "anna@example.az",
                "Xəzər <crm@example.az>",
            )
            assert link
            assert (await (await house.browser()).open(link[1])).status == 200
            assert mail_server.mails.empty()


async def test_without_a_mail_server_the_page_says_whom_to_ask(sqlite_house: House):
    await sqlite_house.person("anna", email="anna@example.az")

    assert "Ask an administrator" in await asks(sqlite_house, "anna")


async def test_where_a_link_leads_is_never_taken_from_the_request(
    sqlite_database: Database, tmp_path: Path
):
    settings = Settings(data=str(tmp_path), smtp_url="smtp://127.0.0.1:1")
    async with house_on(sqlite_database, tmp_path, settings=settings) as house:
        await house.person("anna", email="anna@example.az")
        browser = await house.browser(Host="evil.example", Accept_Language="en")
        browser.origin = "http://evil.example"
        await browser.open("/password/forgot")
        page = await browser.submit("/password/forgot", {"login": "anna"})

        assert "Ask an administrator" in page.text
        assert house.app[POSTMAN]._waiting.empty()


async def test_asking_for_links_is_limited(sqlite_house: House):
    browser = await sqlite_house.browser()
    await browser.open("/password/forgot")
    for _ in range(10):
        assert (await browser.submit("/password/forgot", {"login": "anna"})).status == 200

    assert (await browser.submit("/password/forgot", {"login": "anna"})).status == 429

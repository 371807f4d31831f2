"""The demo's mail server keeps letters and shows them as text."""

import asyncio

from aiohttp import ClientSession

from callcenter.demo.caught import PostOffice
from callcenter.post import smtp
from callcenter.post.letters import Attachment, Letter


def test_what_the_demo_sends_is_shown_and_nothing_in_it_runs():
    letter = Letter(
        to=("zoe@example.az",), subject="<b>Təklif</b>", text="<script>x</script>",
        message_id="<1@dalga.example>",
        attachments=(Attachment(name="qiymət.pdf", mime="application/pdf", data=b"%PDF"),),
    )  # fmt: skip

    async def send_and_look(post: PostOffice) -> str:
        account = smtp.account_of(post.smtp_url, "Dalğa")
        assert account is not None
        await smtp.send(account, letter)
        async with ClientSession() as browser, browser.get(post.address) as answer:
            return await answer.text()

    with PostOffice() as post:
        page = asyncio.run(send_and_look(post))

    assert "&lt;b&gt;Təklif&lt;/b&gt;" in page
    assert "&lt;script&gt;" in page
    assert "qiymət.pdf" in page
    assert "zoe@example.az" in page
    assert "<script>" not in page

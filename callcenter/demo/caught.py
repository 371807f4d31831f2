"""The demo's mail server, with a page that shows what it caught."""

import asyncio
from email.message import EmailMessage
from html import escape

from aiohttp import web

from callcenter.demo.aside import Aside
from callcenter.post.catcher import Catcher, Caught

_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Caught letters</title>
<h1>Caught letters</h1>
<p>The demo's mail server sends nothing on. What it was given stands here, the newest first.</p>
{letters}</html>"""
_LETTER = """<article><h2>{subject}</h2><p>{sender} → {recipients}</p><pre>{text}</pre>
<p>{files}</p></article><hr>"""


class PostOffice(Aside):
    """Use as a context; letters are caught as long as it lasts."""

    def __init__(self) -> None:
        super().__init__("post office")
        self._catcher = Catcher()
        #: Where the page is.
        self.address = ""

    @property
    def smtp_url(self) -> str:
        return self._catcher.url

    async def go_on(self, stop: asyncio.Event) -> None:
        app = web.Application()
        app.router.add_get("/", self._page)
        runner = web.AppRunner(app, handle_signals=False, access_log=None)
        try:
            async with self._catcher:
                await runner.setup()
                await web.TCPSite(runner, "127.0.0.1", 0).start()
                self.address = f"http://127.0.0.1:{runner.addresses[0][1]}"
                self.ready()
                await stop.wait()
        finally:
            await runner.cleanup()

    async def _page(self, _request: web.Request) -> web.Response:
        shown = "".join(_shown(letter) for letter in reversed(self._catcher.letters))
        page = _PAGE.format(letters=shown or "<p>None yet.</p>")
        # Letters are other people's words: they are shown as text, and nothing in them runs.
        headers = {"Content-Security-Policy": "default-src 'none'"}
        return web.Response(text=page, content_type="text/html", headers=headers)


def _shown(letter: Caught) -> str:
    message = letter.message
    return _LETTER.format(
        subject=escape(str(message["Subject"] or "")),
        sender=escape(str(message["From"] or letter.sender)),
        recipients=escape(", ".join(letter.recipients)),
        text=escape(_text(message)),
        files=escape(", ".join(part.get_filename() or "" for part in message.iter_attachments())),
    )


def _text(message: EmailMessage) -> str:
    body = message.get_body(("plain", "html"))
    return str(body.get_content()) if body is not None else ""

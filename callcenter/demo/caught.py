"""The demo's mail server, with a page that shows what it caught; in a thread of its own."""

import asyncio
import threading
from email.message import EmailMessage
from html import escape
from types import TracebackType
from typing import Self

from aiohttp import web

from callcenter.post.catcher import Catcher, Caught

_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Caught letters</title>
<h1>Caught letters</h1>
<p>The demo's mail server sends nothing on. What it was given stands here, the newest first.</p>
{letters}</html>"""
_LETTER = """<article><h2>{subject}</h2><p>{sender} → {recipients}</p><pre>{text}</pre>
<p>{files}</p></article><hr>"""


class PostOffice:
    """Use as a context; letters are caught as long as it lasts."""

    def __init__(self) -> None:
        self._catcher = Catcher()
        self._listening = threading.Event()
        self._thread = threading.Thread(target=self._run, name="post office", daemon=True)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        #: Where the page is.
        self.address = ""

    @property
    def smtp_url(self) -> str:
        return self._catcher.url

    def __enter__(self) -> Self:
        self._thread.start()
        self._listening.wait()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._loop is not None and self._stop is not None:
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(timeout=10)

    def _run(self) -> None:
        asyncio.run(self._catch())

    async def _catch(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        app = web.Application()
        app.router.add_get("/", self._page)
        runner = web.AppRunner(app, handle_signals=False, access_log=None)
        try:
            async with self._catcher:
                await runner.setup()
                await web.TCPSite(runner, "127.0.0.1", 0).start()
                self.address = f"http://127.0.0.1:{runner.addresses[0][1]}"
                self._listening.set()
                await self._stop.wait()
        finally:
            await runner.cleanup()
            self._listening.set()

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

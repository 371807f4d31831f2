"""Sends messages by SMS through whichever provider the installation has, or into a file.

Providers differ in little but words: an address, headers, a body, and what the answer says if all
went well. So there is one that is told these, and none that knows a company's name. What is
filled in is written as the place it stands in wants it: in an address, in JSON, in XML.
"""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Final, Protocol
from urllib.parse import quote
from xml.sax.saxutils import escape

import aiohttp
import msgspec
from sqlalchemy.ext.asyncio import AsyncSession
from yarl import URL

from callcenter import jobs
from callcenter.settings import Settings

#: The kind of job that sends one.
JOB: Final = "sms"
TIMEOUT_S: Final = 20.0
#: More of an answer is not looked at.
ANSWER_LETTERS: Final = 2_000
#: The provider asks to be left alone for a while, or is in trouble itself.
AGAIN: Final = frozenset((408, 425, 429))

_FIELD: Final = re.compile(r"\{(to|digits|text|id|key)\}")


class Sms(msgspec.Struct, frozen=True, kw_only=True):
    """One message. `to` is in E.164; `id` is the same however often it is sent."""

    to: str
    text: str
    id: str


class SmsError(Exception):
    """A message was not sent. `permanent`: asking again is no use, or might send it twice."""

    def __init__(self, permanent: bool, says: str) -> None:
        super().__init__(says)
        self.permanent = permanent
        self.says = says


class Provider(Protocol):
    """Whoever sends messages."""

    async def send(self, sms: Sms) -> str:
        """Send it; return what the provider answered. Raises SmsError."""
        ...


class Http(msgspec.Struct, frozen=True, kw_only=True):
    """A provider that is asked by HTTP. `{to}`, `{digits}`, `{text}`, `{id}`, `{key}` are filled in."""

    url: str
    method: str
    headers: Mapping[str, str]
    body: str
    #: A pattern that stands in the answer if the message was taken; anything if empty.
    success: str
    key: str

    async def send(self, sms: Sms) -> str:
        limit = aiohttp.ClientTimeout(total=TIMEOUT_S)
        try:
            async with (
                aiohttp.ClientSession(timeout=limit) as session,
                session.request(
                    self.method, self._url(sms), headers=self._headers(sms),
                    data=self._body(sms), allow_redirects=False,
                ) as response,
            ):  # fmt: skip
                return self._judge(response.status, (await response.text())[:ANSWER_LETTERS])
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            # The address has the key in it, and the library's words the address.
            says = type(error).__name__
            raise SmsError(isinstance(error, ValueError), f"no answer: {says}") from error

    def _judge(self, status: int, answer: str) -> str:
        if status >= 300:
            raise SmsError(status < 500 and status not in AGAIN, f"{status} {self._hide(answer)}")
        if self.success and not re.search(self.success, answer):
            # Perhaps it was taken all the same: only a person can tell.
            raise SmsError(True, self._hide(answer) or "an empty answer")
        return answer

    def _url(self, sms: Sms) -> URL:
        return URL(self._fill(self.url, sms, lambda text: quote(text, safe="")), encoded=True)

    def _headers(self, sms: Sms) -> dict[str, str]:
        return {
            name: self._fill(value, sms, lambda text: re.sub(r"[\r\n\0]", " ", text))
            for name, value in self.headers.items()
        }

    def _body(self, sms: Sms) -> bytes | None:
        if not self.body:
            return None
        kind = next((v for k, v in self.headers.items() if k.lower() == "content-type"), "")
        return self._fill(self.body, sms, _writer(kind)).encode()

    def _fill(self, template: str, sms: Sms, written: Callable[[str], str]) -> str:
        values = {
            "to": sms.to, "digits": sms.to.lstrip("+"), "text": sms.text, "id": sms.id,
            "key": self.key,
        }  # fmt: skip
        return _FIELD.sub(lambda found: written(values[found[1]]), template)

    def _hide(self, answer: str) -> str:
        return answer.replace(self.key, "…") if self.key else answer


def _writer(content_type: str) -> Callable[[str], str]:
    """Return how a value is written in a body of this type."""
    if "json" in content_type:
        return lambda text: json.dumps(text)[1:-1]
    if "xml" in content_type:
        return lambda text: escape(text, {'"': "&quot;"})
    if "urlencoded" in content_type:
        return lambda text: quote(text, safe="")
    return str


class File(msgspec.Struct, frozen=True):
    """Sends nothing: each message is a line of a file, for the demo and for trying things out."""

    path: Path

    async def send(self, sms: Sms) -> str:
        try:
            await asyncio.to_thread(self._append, msgspec.json.encode(sms) + b"\n")
        except OSError as error:
            raise SmsError(False, str(error)) from error
        return str(self.path)

    def _append(self, line: bytes) -> None:
        with self.path.open("ab") as file:
            file.write(line)


def provider_of(settings: Settings) -> Provider | None:
    """Return whoever sends messages for this installation, None if nobody does."""
    if not settings.sms_url:
        return None
    if settings.sms_url.startswith("file:"):
        return File(settings.data_path / settings.sms_url.removeprefix("file:"))
    lines = (line.partition(":") for line in settings.sms_headers.splitlines() if ":" in line)
    headers = {name.strip(): value.strip() for name, _colon, value in lines}
    return Http(
        url=settings.sms_url, method=settings.sms_method, headers=headers, body=settings.sms_body,
        success=settings.sms_success, key=settings.sms_key,
    )  # fmt: skip


async def later(session: AsyncSession, sms: Sms, at: datetime) -> None:
    """Have a message sent at `at`, once under its `id`."""
    await jobs.add(session, JOB, msgspec.to_builtins(sms), at, key=sms.id)


def sender(provider: Callable[[], Provider | None]) -> Callable[[jobs.Job], Awaitable[None]]:
    """Return what sends the messages that were written down by `later`."""

    async def send(job: jobs.Job) -> None:
        await send_now(provider(), msgspec.convert(job.payload, Sms))

    return send


async def send_now(provider: Provider | None, sms: Sms) -> None:
    """Send one within a job. Raises jobs.GiveUp, or SmsError if trying again may help."""
    if provider is None:
        raise jobs.GiveUp("No SMS provider is set up: see sms_url in the settings.")
    try:
        await provider.send(sms)
    except SmsError as error:
        if error.permanent:
            raise jobs.GiveUp(error.says) from error
        raise

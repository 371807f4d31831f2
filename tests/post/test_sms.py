"""Messages go to whichever provider there is, in its own words, and what it says is understood."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from callcenter.post.segments import length_of
from callcenter.post.sms import Sms, SmsError, provider_of
from callcenter.settings import Settings, SettingsError, checked
from tests.fixtures.postgres import free_port

HELLO = Sms(to="+994501234567", text='Salam & "sağ ol" 100%', id="notices-7")


class Provider:
    """A pretend provider that keeps what it is asked, and answers what a test wants."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.answer, self.status = "OK 17", 200
        self.base = ""

    async def hear(self, request: web.Request) -> web.Response:
        headers = dict(request.headers)
        self.asked.append(
            {
                "path": request.path_qs,
                "query": dict(request.query),
                "body": await request.text(),
                "headers": headers,
            }
        )
        return web.Response(text=self.answer, status=self.status, headers={"Location": "/else"})


@pytest.fixture
async def there() -> AsyncIterator[Provider]:
    pretend = Provider()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", pretend.hear)
    async with TestServer(app) as server:
        pretend.base = str(server.make_url("/")).rstrip("/")
        yield pretend


async def send(sms: Sms = HELLO, **settings: str) -> str:
    provider = provider_of(Settings(**settings))  # type: ignore[arg-type]
    assert provider is not None
    return await provider.send(sms)


async def test_a_message_is_written_as_its_place_wants_it(there: Provider) -> None:
    by_json = {"sms_method": "POST", "sms_headers": "Content-Type: application/json\nX-Key: {key}"}

    said = await send(sms_url=there.base + "/send?to={digits}&text={text}&k={key}", sms_key="s&t")
    await send(
        sms_url=there.base, sms_body='{"to": "{to}", "text": "{text}"}', sms_key="k", **by_json
    )
    await send(
        sms_url=there.base, sms_body="<m id='{id}'>{text}</m>", sms_method="POST",
        sms_headers="Content-Type: text/xml",
    )  # fmt: skip
    await send(
        sms_url=there.base, sms_body="to={to}&text={text}", sms_method="POST",
        sms_headers="Content-Type: application/x-www-form-urlencoded",
    )  # fmt: skip
    get, post, xml, form = there.asked

    assert said == "OK 17"
    assert get["query"] == {"to": "994501234567", "text": HELLO.text, "k": "s&t"}
    assert json.loads(post["body"]) == {"to": HELLO.to, "text": HELLO.text}
    assert post["headers"]["X-Key"] == "k"
    assert xml["body"] == "<m id='notices-7'>Salam &amp; &quot;sağ ol&quot; 100%</m>"
    assert form["body"].startswith("to=%2B994501234567&text=Salam%20%26")


@pytest.mark.parametrize(
    ("status", "answer", "permanent"),
    [
        (200, "ERR 105 no credit", True),  # perhaps it was taken: it is not sent twice
        (400, "bad number", True),
        (302, "", True),  # nobody is followed elsewhere with a key
        (429, "slow down", False),
        (503, "later", False),
    ],
)
async def test_what_the_provider_says_is_understood(
    there: Provider, status: int, answer: str, permanent: bool
) -> None:
    there.status, there.answer = status, answer + " key=s3cret"

    with pytest.raises(SmsError) as raised:
        await send(sms_url=there.base, sms_success="^OK", sms_key="s3cret")

    assert raised.value.permanent is permanent
    assert answer in raised.value.says
    assert "s3cret" not in raised.value.says
    assert len(there.asked) == 1


async def test_a_provider_that_is_away_is_asked_again_and_keeps_its_secrets() -> None:
    with pytest.raises(SmsError) as raised:
        await send(sms_url=f"http://127.0.0.1:{free_port()}/?k={{key}}", sms_key="s3cret")

    assert raised.value.permanent is False
    assert "s3cret" not in raised.value.says


async def test_the_demo_keeps_messages_in_a_file(tmp_path: Path) -> None:
    for _ in range(2):
        await send(sms_url="file:sms.jsonl", data=str(tmp_path))

    lines = (tmp_path / "sms.jsonl").read_bytes().splitlines()
    assert [msgspec.json.decode(line, type=Sms) for line in lines] == [HELLO, HELLO]
    assert provider_of(Settings()) is None


@pytest.mark.parametrize(
    "given",
    [
        {"sms_url": "http://sms.example.az/send"},  # the key would be read by everybody
        {"sms_url": "http://127.0.0.1.example.az/"},
        {"sms_url": "file:../../etc/passwd"},
        {"sms_success": "(OK"},
    ],
)
def test_settings_that_would_be_unsafe_or_never_work_are_refused(given: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match="does not fit"):
        checked(given)


@pytest.mark.parametrize(
    ("text", "alphabet", "places", "parts"),
    [
        ("", "gsm", 0, 0),
        ("Salam", "gsm", 5, 1),
        ("a" * 160, "gsm", 160, 1),
        ("a" * 161, "gsm", 161, 2),
        ("a" * 306, "gsm", 306, 2),
        ("a" * 307, "gsm", 307, 3),
        ("€" * 80, "gsm", 160, 1),  # takes two places
        ("a" * 152 + "€" + "a" * 152, "gsm", 306, 3),  # and is never cut in two
        ("Əliyev", "unicode", 6, 1),  # one letter makes it the other alphabet
        ("я" * 70, "unicode", 70, 1),
        ("я" * 71, "unicode", 71, 2),
        ("ş" * 134, "unicode", 134, 2),
        ("ş" * 135, "unicode", 135, 3),
        ("😀" * 35, "unicode", 70, 1),
        ("😀" * 36, "unicode", 72, 2),
        ("😀" * 67, "unicode", 134, 3),  # 33 to a part: none is cut in two
    ],
)
def test_a_text_is_as_long_as_the_phone_company_counts_it(
    text: str, alphabet: str, places: int, parts: int
) -> None:
    found = length_of(text)

    assert (found.alphabet, found.places, found.parts) == (alphabet, places, parts)

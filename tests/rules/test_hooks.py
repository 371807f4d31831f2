"""Web hooks tell another system, signed, until it says yes, and never our own network."""

import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.test_utils import TestServer

from callcenter.jobs import GiveUp, Job
from callcenter.rules import hooks
from callcenter.rules.hooks import JOB, Hooks
from callcenter.rules.outward import NotOutside, Outside, is_outside
from callcenter.rules.shapes import CallHook
from callcenter.server import secret_files
from tests.rules.conftest import Rules


@dataclass
class Other:
    """Another system: what it was told, and what it answers."""

    url: str = ""
    status: int = 200
    heard: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    async def hear(self, request: web.Request) -> web.Response:
        self.heard.append((dict(request.headers), await request.read()))
        if self.status == 302:
            raise web.HTTPFound(self.url + "elsewhere")
        return web.Response(status=self.status, text="so it is")


@pytest.fixture
async def other() -> AsyncIterator[Other]:
    known = Other()
    app = web.Application()
    app.router.add_post("/{tail:.*}", known.hear)
    async with TestServer(app, host="127.0.0.1") as server:
        known.url = str(server.make_url("/hook/"))
        yield known


async def told(rules: Rules, url: str, secret: str = "") -> Job:
    await rules.rule(CallHook(url=url, secret=secret))
    await rules.lead(subject="A boiler", amount=1_250)
    await rules.run()
    (job,) = await rules.jobs(JOB)
    return job


def sender(rules: Rules, data: Path, *, inside: bool = True) -> Hooks:
    means = replace(rules.means, data=data, hooks_inside=inside)
    return Hooks(rules.office.database, rules.desk.registry, lambda: rules.now, means)


async def step(rules: Rules) -> dict[str, Any]:
    (run,) = await rules.runs()
    return dict(run.steps[0])


async def test_another_system_is_told_of_the_row_and_can_tell_who_says_so(
    sqlite_rules: Rules, other: Other, tmp_path: Path
) -> None:
    secret = secret_files.keep("hush", "rule-1", tmp_path)
    job = await told(sqlite_rules, other.url, secret)
    assert "hush" not in json.dumps(job.payload)

    await sender(sqlite_rules, tmp_path).send(job)
    await sender(sqlite_rules, tmp_path).send(job)

    (headers, body), (again, _body) = other.heard
    said = json.loads(body)
    assert (said["entity"], said["record"]["subject"]) == ("lead", "A boiler")
    assert said["record"]["amount"] in ("12.5", "12.50")
    seconds, _, signature = headers["X-Callcenter-Signature"].partition(",v1=")
    signed = seconds.removeprefix("t=").encode() + b"." + body
    assert signature == hmac.new(b"hush", signed, hashlib.sha256).hexdigest()
    assert headers["X-Callcenter-Delivery"] == again["X-Callcenter-Delivery"] == said["delivery"]
    assert (await step(sqlite_rules))["answered"] == 200


async def test_what_may_help_is_tried_again_and_what_does_not_is_given_up(
    sqlite_rules: Rules, other: Other, tmp_path: Path
) -> None:
    job, hook = await told(sqlite_rules, other.url), sender(sqlite_rules, tmp_path)

    for status in (500, 503, 429):
        other.status = status
        with pytest.raises(OSError, match=str(status)):
            await hook.send(job)
    assert (await step(sqlite_rules))["error"] == "429 so it is"
    for status in (404, 302):
        other.status = status
        with pytest.raises(GiveUp, match=str(status)):
            await hook.send(job)
    assert len(other.heard) == 5

    other.status = 204
    await hook.send(job)
    assert "error" not in await step(sqlite_rules)


async def test_our_own_network_is_not_asked_unless_an_operator_says_so(
    sqlite_rules: Rules, other: Other, tmp_path: Path
) -> None:
    job = await told(sqlite_rules, other.url)
    hook = sender(sqlite_rules, tmp_path, inside=False)

    for url in (other.url, other.url.replace("127.0.0.1", "localhost")):
        job.payload = job.payload | {"url": url}
        with pytest.raises(GiveUp, match="our own network"):
            await hook.send(job)

    assert other.heard == []
    assert "webhooks_inside" in (await step(sqlite_rules))["error"]


async def test_nobody_there_is_tried_again(
    sqlite_rules: Rules, other: Other, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hooks, "TIMEOUT_S", 10.0)
    job = await told(sqlite_rules, "http://127.0.0.1:1/key-123")

    with pytest.raises(OSError, match="ClientConnectorError"):
        await sender(sqlite_rules, tmp_path).send(job)

    # The address may hold a key.
    assert "key-123" not in str(await step(sqlite_rules))


@pytest.mark.parametrize(
    ("address", "outside"),
    [
        ("93.184.216.34", True), ("2606:2800:220:1::1", True), ("127.0.0.1", False),
        ("10.1.2.3", False), ("192.168.1.1", False), ("172.16.0.1", False), ("169.254.169.254", False),
        ("100.64.0.1", False), ("0.0.0.0", False), ("224.0.0.1", False), ("255.255.255.255", False),
        ("::1", False), ("fe80::1%eth0", False), ("fc00::1", False), ("::ffff:127.0.0.1", False),
        ("::ffff:10.0.0.1", False), ("2002:7f00:1::", False), ("::", False), ("", False),
        ("localhost", False),
    ],
)  # fmt: skip
def test_only_addresses_of_the_internet_are_outside(address: str, outside: bool) -> None:
    assert is_outside(address) == outside


class Names(AbstractResolver):
    """Says where names lead."""

    def __init__(self, *addresses: str) -> None:
        self._addresses = addresses

    async def resolve(self, host: str, port: int = 0, family: Any = 0) -> list[ResolveResult]:
        return [
            ResolveResult(hostname=host, host=each, port=port, family=2, proto=0, flags=0)
            for each in self._addresses
        ]

    async def close(self) -> None:
        pass


async def test_a_name_that_leads_inside_is_refused_even_if_it_leads_outside_too() -> None:
    found = await Outside(Names("93.184.216.34")).resolve("example.az", 443)
    assert [one["host"] for one in found] == ["93.184.216.34"]
    for addresses in (("10.0.0.1",), ("93.184.216.34", "127.0.0.1"), ()):
        with pytest.raises(NotOutside, match=r"example\.az"):
            await Outside(Names(*addresses)).resolve("example.az", 443)

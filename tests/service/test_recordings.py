"""Recorded calls: who may hear them, from wherever the files are, and that it is written down."""

import wave
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from sqlalchemy import select

from callcenter.audit import Audit
from tests.service.office import Person
from tests.service.office import PretendOffice as Office
from tests.service.screen import Screen

RATE_HZ = 8000
ROOT = "/var/spool/asterisk/monitor"


def sound() -> bytes:
    file = BytesIO()
    with wave.open(file, "wb") as wav:
        wav.setnchannels(1)
        wav.setsampwidth(1)
        wav.setframerate(RATE_HZ)
        wav.writeframes(b"\x80" * RATE_HZ)
    return file.getvalue()


async def recorded_call(office: Office, agent: Person) -> tuple[int, str]:
    """Let a recorded call be taken and end; return its id and the name of the file."""
    assert agent.extension is not None
    call = await office.pbx.call("0501234567", agent.extension)
    await call.answer()
    file = call.caller.variables["MIXMONITOR_FILENAME"]
    office.pbx.call_event("MixMonitorMute", call.caller, ("Direction", "both"), ("State", "1"))
    office.pbx.call_event("MixMonitorMute", call.caller, ("Direction", "both"), ("State", "0"))
    await call.hangup()
    call_id = await office.stored_call()
    return call_id, file.removeprefix(f"{ROOT}/")


async def keep_recordings(office: Office, **where: str) -> None:
    """Say where the recordings of the PBX are, as an administrator does."""
    boss = await office.agent("Chief", role="admin")
    async with office.browser(boss) as screen:
        page = await screen.open(f"/admin/pbx/{office.pbx_id}")
        fields = office.pbx_values() | {"secret": ""} | where
        page = await screen.browser.submit(f"/admin/pbx/{office.pbx_id}", fields)
        assert page.status == 303, page.text
    await office.linked()


@dataclass(frozen=True)
class Heard:
    status: int
    kind: str
    body: bytes


async def hear(screen: Screen, address: str, **headers: str) -> Heard:
    async with screen.browser.client.get(address, headers=headers) as answer:
        return Heard(answer.status, answer.headers["Content-Type"], await answer.read())


async def listened(office: Office, call_id: int) -> list[tuple[str, int | None]]:
    async with office.house.database.read() as session:
        rows = await session.execute(
            select(Audit.action, Audit.actor_id)
            .where(
                Audit.entity == "call",
                Audit.entity_id == call_id,
                Audit.action.in_(["listen", "download"]),
            )
            .order_by(Audit.id)
        )
        return [(action, who) for action, who in rows]


async def test_whoever_took_the_call_hears_it_and_that_is_written_down(
    office: Office, tmp_path: Path
) -> None:
    anna = await office.agent("Anna", "1001")
    call_id, file = await recorded_call(office, anna)
    (tmp_path / file).write_bytes(sound())
    await keep_recordings(office, recordings_at=str(tmp_path))

    async with office.browser(anna) as screen:
        page = await screen.open(f"/calls/{call_id}")
        address = f"/calls/{call_id}/recordings/0"
        whole = await hear(screen, address)
        piece = await hear(screen, address, Range="bytes=100-199")
        taken_away = await hear(screen, f"{address}?download=1")

    assert f'src="{address}"' in page.text
    assert "Not recorded from" in page.text
    assert whole == Heard(200, "audio/wav", sound())
    assert piece == Heard(206, "audio/wav", sound()[100:200])
    # To take it away is another right than to hear it.
    assert taken_away.status == 403
    assert await listened(office, call_id) == [("listen", anna.id)]


async def test_whoever_leaves_out_the_beginning_is_written_down_all_the_same(
    office: Office, tmp_path: Path
) -> None:
    anna = await office.agent("Anna", "1001")
    call_id, file = await recorded_call(office, anna)
    (tmp_path / file).write_bytes(sound())
    await keep_recordings(office, recordings_at=str(tmp_path))

    async with office.browser(anna) as screen:
        for _ in range(2):
            heard = await hear(screen, f"/calls/{call_id}/recordings/0", Range="bytes=1-")

    assert heard == Heard(206, "audio/wav", sound()[1:])
    assert await listened(office, call_id) == [("listen", anna.id)]


async def test_a_colleague_who_was_not_on_the_call_hears_nothing(
    office: Office, tmp_path: Path
) -> None:
    anna, olga = await office.agent("Anna", "1001"), await office.agent("Olga", "1002")
    call_id, file = await recorded_call(office, anna)
    (tmp_path / file).write_bytes(sound())
    await keep_recordings(office, recordings_at=str(tmp_path))

    async with office.browser(olga) as screen:
        heard = await hear(screen, f"/calls/{call_id}/recordings/0")

    assert heard.status == 404
    assert await listened(office, call_id) == []


async def test_a_supervisor_may_take_it_away_and_the_api_names_its_address(
    office: Office, tmp_path: Path
) -> None:
    anna = await office.agent("Anna", "1001")
    boss = await office.agent("Boss", role="supervisor")
    call_id, file = await recorded_call(office, anna)
    (tmp_path / file).write_bytes(sound())
    await keep_recordings(office, recordings_at=str(tmp_path))

    async with office.browser(boss) as screen:
        [told] = (await screen.ask("GET", f"/calls/{call_id}")).json["recordings"]
        heard = await hear(screen, f"{told['url']}?download=1")

    assert told["muted"][0]["from_at"] <= told["muted"][0]["to_at"]
    assert heard.body == sound()
    assert await listened(office, call_id) == [("download", boss.id)]


async def test_a_file_that_is_gone_is_said_to_be_gone(office: Office, tmp_path: Path) -> None:
    anna = await office.agent("Anna", "1001")
    call_id, _file = await recorded_call(office, anna)
    await keep_recordings(office, recordings_at=str(tmp_path))

    async with office.browser(anna) as screen:
        answer = await screen.ask("GET", f"/calls/{call_id}/recordings/0")

    assert (answer.status, answer.json["error"]["code"]) == (404, "recording-missing")


@asynccontextmanager
async def web_server_of_the_pbx(folder: Path, account: str) -> AsyncIterator[str]:
    """Serve a folder of recordings to who knows the account; yield its address."""
    wanted = "Basic " + b64encode(account.encode()).decode()

    async def serve(request: web.Request) -> web.StreamResponse:
        if request.headers.get("Authorization") != wanted:
            return web.Response(status=401)
        file = folder / request.match_info["name"]
        return web.FileResponse(file) if file.exists() else web.Response(status=404)

    app = web.Application()
    app.router.add_get("/rec/{name}", serve)
    async with TestServer(app, host="127.0.0.1") as server:
        yield str(server.make_url("/rec"))


async def test_a_recording_behind_an_address_is_fetched_from_there_piece_by_piece(
    office: Office, tmp_path: Path
) -> None:
    anna = await office.agent("Anna", "1001")
    call_id, file = await recorded_call(office, anna)
    (tmp_path / file).write_bytes(sound())
    async with web_server_of_the_pbx(tmp_path, "crm:s3cret:too") as address:
        await keep_recordings(office, recordings_at=address, recordings_secret="crm:s3cret:too")

        async with office.browser(anna) as screen:
            whole = await hear(screen, f"/calls/{call_id}/recordings/0")
            piece = await hear(screen, f"/calls/{call_id}/recordings/0", Range="bytes=100-199")
            (tmp_path / file).unlink()
            gone = await hear(screen, f"/calls/{call_id}/recordings/0")

    assert whole == Heard(200, "audio/wav", sound())
    assert piece == Heard(206, "audio/wav", sound()[100:200])
    assert gone.status == 404


async def test_a_place_that_refuses_us_or_is_away_is_told_from_a_missing_file(
    office: Office, tmp_path: Path
) -> None:
    anna = await office.agent("Anna", "1001")
    call_id, file = await recorded_call(office, anna)
    (tmp_path / file).write_bytes(sound())
    async with web_server_of_the_pbx(tmp_path, "crm:right") as address:
        await keep_recordings(office, recordings_at=address, recordings_secret="crm:wrong")

        async with office.browser(anna) as screen:
            refused = await screen.ask("GET", f"/calls/{call_id}/recordings/0")
    async with office.browser(anna) as screen:
        away = await screen.ask("GET", f"/calls/{call_id}/recordings/0")

    for answer in (refused, away):
        assert (answer.status, answer.json["error"]["code"]) == (502, "recording-unreachable")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("recordings_at", "mnt/recordings"),
        ("recordings_at", "ftp://pbx/recordings"),
        ("recordings_at", "https://crm:secret@pbx/recordings"),
        ("recordings_root", "monitor"),
        ("recordings_secret", "no colon"),
        ("recordings_secret", "env:PATH"),
    ],
)
async def test_a_place_that_makes_no_sense_is_sent_back_with_what_was_typed(
    office: Office, field: str, value: str
) -> None:
    boss = await office.agent("Boss", role="admin")
    async with office.browser(boss) as screen:
        await screen.open(f"/admin/pbx/{office.pbx_id}")
        fields = office.pbx_values() | {"secret": "", field: value}
        page = await screen.browser.submit(f"/admin/pbx/{office.pbx_id}", fields)

    assert page.status == 422
    assert f'id="e-{field}"' in page.text

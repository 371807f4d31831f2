"""Log lines: no secrets, machines can read them, libraries' lines come out alike."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from callcenter.server import log
from callcenter.settings import Settings
from tests.fixtures.house import PASSWORD, House


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    stream = io.StringIO()
    log.set_up(Settings(log_format="json"), stream)
    yield stream
    root.handlers[:] = before
    root.setLevel(level)
    structlog.reset_defaults()


def lines(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_field_that_is_secret_is_never_written(written: io.StringIO):
    structlog.get_logger().info(
        "hello", password="a", api_token="b", Authorization="c", csrf="d", name="e", secret=None
    )

    (line,) = lines(written)
    assert {line[name] for name in ("password", "api_token", "Authorization", "csrf")} == {"•••"}
    assert (line["name"], line["secret"], line["level"]) == ("e", None, "info")


def test_lines_of_libraries_come_out_alike(written: io.StringIO):
    logging.getLogger("somebody.else").warning("lost %s", "it")

    (line,) = lines(written)
    assert (line["event"], line["level"]) == ("lost it", "warning")


def test_a_traceback_shows_no_values(written: io.StringIO):
    def fail(password: str) -> None:
        raise ValueError(len(password))

    try:
        fail(str(10**6 + 7))
    except ValueError:
        structlog.get_logger().exception("failed")

    (line,) = lines(written)
    assert "ValueError: 7" in str(line["exception"])
    assert "1000007" not in str(line)


def test_text_is_for_people(capsys: pytest.CaptureFixture[str]):
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    stream = io.StringIO()
    log.set_up(Settings(log_level="warning"), stream)
    structlog.get_logger().info("too quiet")
    structlog.get_logger().warning("PBX link lost", pbx="Baku")
    root.handlers[:] = before
    root.setLevel(level)
    structlog.reset_defaults()

    assert "PBX link lost" in stream.getvalue()
    assert "pbx=Baku" in stream.getvalue()
    assert "too quiet" not in stream.getvalue()


async def test_a_request_is_logged_with_its_id_and_without_its_query(
    sqlite_house: House, written: io.StringIO
):
    await sqlite_house.person("anna")
    browser = await sqlite_house.signed_in("anna")
    page = await browser.open("/account?token=hunter2")

    requests = [line for line in lines(written) if line["event"] == "request"]
    line = next(line for line in requests if line["user"] == "anna")
    assert (line["method"], line["path"], line["status"]) == ("GET", "/account", 200)
    assert requests[-1]["request_id"] == page.headers["X-Request-Id"]
    assert "hunter2" not in written.getvalue()
    assert PASSWORD not in written.getvalue()

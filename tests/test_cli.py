"""The command line: every command explains itself, and what goes wrong is said in a sentence."""

import asyncio
import os
import re
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from callcenter import cli, settings
from callcenter.demo import seed
from callcenter.demo.cli import demo
from callcenter.serve import serve
from tests.service.screen import signed_in

#: A process needs so long to start, and to end, on a machine that has much else to do.
START_S, END_S = 60, 30
HOME = {name: value for name, value in os.environ.items() if not name.startswith("CALLCENTER_")}


def asked(*words: str) -> str:
    result = CliRunner().invoke(cli.main, words)
    assert result.exit_code == 0, result.output
    return result.output


def test_the_help_names_every_command_with_a_sentence() -> None:
    text = asked("--help")

    for name in cli.COMMANDS:
        assert re.search(rf"^  {name} +[A-Z].*", text, re.MULTILINE), name


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_every_command_and_each_of_its_options_explains_itself(name: str) -> None:
    command = cli.main.get_command(click.Context(cli.main), name)
    assert command is not None

    commands = [command, *getattr(command, "commands", {}).values()]
    for each in commands:
        assert each.help, each.name
        for option in each.params:
            if isinstance(option, click.Option) and option.name != "help":
                assert option.help, f"{each.name} {option.name}"
    assert "Usage:" in asked(name, "--help")


def test_serve_has_an_option_with_the_sentence_of_each_setting() -> None:
    text = " ".join(asked("serve", "--help").split())

    for name, (_kind, _default, sentence) in settings.fields().items():
        assert f"--{name.replace('_', '-')}" in text
        # Click breaks long words at hyphens.
        assert sentence.replace(" ", "") in text.replace(" ", ""), name


def test_an_unknown_command_is_refused() -> None:
    result = CliRunner().invoke(cli.main, ["sing"])

    assert (result.exit_code, "No such command 'sing'" in result.output) == (2, True)


@pytest.mark.parametrize(
    ("words", "environment", "sentence"),
    [
        (["--port", "70000"], {}, "Setting port does not fit"),
        (["--time-zone", "Mars"], {}, "Setting time_zone does not fit"),
        ([], {"CALLCENTER_LOG_LEVEL": "loud"}, "Setting log_level does not fit"),
        ([], {"CALLCENTER_PROT": "1"}, "CALLCENTER_PROT: there is no setting “prot”"),
        (["--data", "{tmp}/a-file"], {}, "The data folder {tmp}/a-file cannot be made"),
        (["--data", "{tmp}/a-file/below"], {}, "The data folder {tmp}/a-file/below cannot be made"),
        (["--data", "/proc"], {}, "/proc"),
        (["--database-url", "mysql://host/name"], {}, "are not supported"),
        (["--host", "no.such.host.invalid"], {}, "Nothing can listen on no.such.host.invalid:"),
        (["--port", "{taken}"], {}, "Nothing can listen on 127.0.0.1:{taken}"),
    ],
)
async def test_what_keeps_the_service_from_starting_is_said_in_a_sentence(
    tmp_path: Path, words: list[str], environment: dict[str, str], sentence: str
) -> None:
    (tmp_path / "a-file").touch()
    with socket.create_server(("127.0.0.1", 0)) as other:
        facts = {"tmp": str(tmp_path), "taken": str(other.getsockname()[1])}
        given = [word.format(**facts) for word in words]
        if "--data" not in given:
            given += ["--data", str(tmp_path / "data")]
        if "--port" not in given:
            given += ["--port", "0"]
        code, said = await ended("serve", *given, folder=tmp_path, **environment)

    assert sentence.format(**facts) in said
    assert code == 1
    assert "Traceback" not in said


async def test_the_service_ends_cleanly_when_it_is_told_to(tmp_path: Path) -> None:
    words = ("serve", "--port", "0", "--data", str(tmp_path / "data"))
    for signal_ in (signal.SIGINT, signal.SIGTERM):
        async with started(*words, folder=tmp_path) as process:
            assert process.stderr is not None
            await said(process.stderr, r"the service is up")
            process.send_signal(signal_)
            rest = (await process.stderr.read()).decode()
            assert await process.wait() == 0
            assert "Traceback" not in rest


async def test_the_demo_says_where_it_is_and_calls_come_in(tmp_path: Path) -> None:
    words = ("demo", "--port", "0", "--rate", "600", "--data", str(tmp_path / "demo"))
    async with started(*words, folder=tmp_path) as process:
        assert process.stdout is not None
        text = await said(process.stdout, r"Open http://[\d.:]+ and sign in as")
        for worker in seed.OFFICE:
            assert worker.login in text
        assert f"Password of all: {seed.PASSWORD}" in text

        address = re.search(r"(?<=Open )http://[\d.:]+", text)
        assert address is not None
        async with signed_in(address[0], "aygun", seed.PASSWORD) as screen:
            (picture,) = [told for told in screen.tab.told if told["type"] == "snapshot"]
            # Somebody has called already, or is about to.
            pops = picture.get("pops") or [(await screen.next("pop"))["pop"]]
            assert pops[0]["call_id"]

        process.send_signal(signal.SIGINT)
        assert process.stderr is not None
        complaints = (await process.stderr.read()).decode()
        assert await process.wait() == 0
    assert "Traceback" not in complaints


def test_the_demo_empties_only_what_a_demo_has_made(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")

    result = CliRunner().invoke(demo, ["--data", str(tmp_path), "--port", "0"])

    assert (result.exit_code, "left alone" in result.output) == (1, True)
    assert (tmp_path / "thesis.txt").read_text() == "years of work"


@pytest.mark.parametrize("words", [["--rate", "0"], ["--port", "70000"]])
def test_the_demo_refuses_what_cannot_be(words: list[str], tmp_path: Path) -> None:
    result = CliRunner().invoke(demo, [*words, "--data", str(tmp_path / "demo")])

    assert result.exit_code == 2
    assert not (tmp_path / "demo").exists()


def test_a_wrong_setting_on_the_command_line_is_no_crash(tmp_path: Path) -> None:
    result = CliRunner().invoke(serve, ["--port", "eighty"])

    assert (result.exit_code, "--port" in result.output) == (2, True)


@asynccontextmanager
async def started(
    *words: str, folder: Path, **environment: str
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run `callcenter` with these words, in `folder`, as long as the context lasts."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "callcenter", *words),
        cwd=folder,
        env=HOME | {"COLUMNS": "200"} | environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(START_S + END_S):
            yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()


async def ended(*words: str, folder: Path, **environment: str) -> tuple[int | None, str]:
    """Return the exit code of `callcenter` with these words, and what it said."""
    async with started(*words, folder=folder, **environment) as process:
        out, err = await process.communicate()
    return process.returncode, (out + err).decode()


async def said(stream: asyncio.StreamReader, pattern: str) -> str:
    """Return what comes until a line has `pattern`."""
    text = ""
    async with asyncio.timeout(START_S):
        while not re.search(pattern, text):
            line = await stream.readline()
            assert line, f"it ended with: {text}"
            text += line.decode()
    return text

"""`callcenter user`, as an operator types it."""

import stat
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from callcenter.agents.cli import user
from callcenter.agents.tokens import API_PREFIX


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)

    def run_(*words: str, typed: str | None = None) -> Result:
        return CliRunner().invoke(user, words, input=typed)

    return run_


def test_the_first_administrator_is_made_on_an_empty_installation(run, tmp_path: Path):
    made = run("add", "Root", "--role", "admin", "--password-stdin", typed="seven green bottles\n")
    listed = run("list")

    assert made.exit_code == 0, made.output
    assert "root can sign in." in made.output
    assert "root" in listed.output
    assert "admin" in listed.output
    assert (tmp_path / "var" / "callcenter.db").exists()
    assert stat.S_IMODE((tmp_path / "var").stat().st_mode) == 0o700


def test_where_nobody_can_be_asked_a_password_is_drawn_and_shown(run):
    made = run("add", "anna")

    assert made.exit_code == 0
    assert len(made.output.rsplit(" ", 1)[1].strip()) == 12


@pytest.mark.parametrize(
    ("words", "typed", "says"),
    [
        (("add", "Анна"), None, "login: Use small Latin letters"),
        (("add", "anna", "--password-stdin"), "short\n", "Take at least 10 characters"),
        (("password", "nobody", "--password-stdin"), "seven green bottles\n", "Nobody active"),
        (("token", "nobody", "--name", "1C"), None, "Nobody active"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(run, words, typed, says: str):
    refused = run(*words, typed=typed)

    assert refused.exit_code == 1
    assert says in refused.output
    assert "Traceback" not in refused.output


def test_a_login_cannot_be_given_twice(run):
    run("add", "anna")

    assert "Somebody else has this login already." in run("add", "anna").output


def test_a_password_is_set_and_a_token_made(run):
    run("add", "anna")

    assert run("password", "anna", "--password-stdin", typed="seven green bottles\n").exit_code == 0
    assert run("token", "anna", "--name", "1C", "--scope", "contact:read").output.startswith(
        API_PREFIX
    )

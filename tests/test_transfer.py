"""Files of rows come in and go out from the command line, in the name of a person."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from callcenter.cli import main

FILE = (
    "Ad;Soyad;Telefon;E-poçt\nŞəhla;Quliyeva;050 234 56 78;s@example.az\nÇingiz;Əliyev;9,94E+11;\n"
)

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("CALLCENTER_DATA", str(tmp_path / "var"))
    monkeypatch.chdir(tmp_path)

    def invoke(*words: str, typed: str = "") -> Result:
        return CliRunner().invoke(main, words, input=typed, catch_exceptions=False)

    for login, role in (("nergiz", "admin"), ("aygun", "agent")):
        added = invoke(
            "user", "add", login, "--role", role, "--password-stdin", typed="correct horse battery"
        )
        assert added.exit_code == 0, added.output
    return invoke


def test_what_comes_in_goes_out_again(run: Run, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text(FILE)

    checked = run("import", "in.csv", "--login", "nergiz", "--check")
    assert "1 added" in checked.output
    assert "Each change:" in checked.output
    done = run("import", "in.csv", "--login", "nergiz")
    assert "1 added, 0 changed, 0 unchanged, 0 left out, 1 with errors" in done.output
    again = run("import", "in.csv", "--login", "nergiz", "--rule", "update")
    assert "0 added, 0 changed, 1 unchanged, 0 left out, 1 with errors" in again.output

    out = run("export", "contacts", "out.csv", "--login", "nergiz", "--columns", "name,phone,email")
    assert out.exit_code == 0
    assert (tmp_path / "out.csv").read_text("utf-8-sig").splitlines()[1:] == [
        "Şəhla Quliyeva;+994502345678;s@example.az"
    ]


def test_nobody_does_what_his_pages_would_not_let_him(run: Run, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text(FILE)

    refused = run("import", "in.csv", "--login", "aygun")
    assert (refused.exit_code, "role does not allow" in refused.output) == (1, True)
    assert run("export", "contacts", "out.csv", "--login", "aygun").exit_code == 1
    assert run("export", "contacts", "out.csv", "--login", "nobody").exit_code == 1
    assert not (tmp_path / "out.csv").exists()

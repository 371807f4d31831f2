"""Building the browser side: only when something changed, under names that tell the contents."""

import gzip
import json
import shutil
from pathlib import Path
from types import ModuleType

import pytest

from tests.require import missing
from tests.web.conftest import TOP


@pytest.fixture
def tree(tmp_path: Path, builder: ModuleType) -> Path:
    """A copy of the sources with the packages that are installed here."""
    if not (TOP / "node_modules" / ".callcenter-stamp").exists():
        missing("web", "the browser's packages are not installed (make setup)")
    for name in ("package.json", "package-lock.json"):
        shutil.copy(TOP / name, tmp_path / name)
    for folder in ("js", "css", "img"):
        shutil.copytree(TOP / "web" / folder, tmp_path / "web" / folder)
    (tmp_path / "node_modules").symlink_to(TOP / "node_modules")
    return tmp_path


def manifest(tree: Path) -> dict[str, str]:
    names: dict[str, str] = json.loads((tree / "web/dist/manifest.json").read_text())
    return names


def test_what_is_built_is_not_built_again(tree: Path, builder: ModuleType):
    assert builder.build(tree) is True
    assert builder.build(tree) is False


def test_a_changed_source_gets_a_new_name_and_the_others_keep_theirs(
    tree: Path, builder: ModuleType
):
    builder.build(tree)
    before = manifest(tree)
    with (tree / "web/css/tokens.css").open("a") as tokens:
        tokens.write(":root { --new: 1px }\n")

    assert builder.build(tree) is True

    after = manifest(tree)
    assert after["app.css"] != before["app.css"]
    assert after["app.js"] == before["app.js"]
    assert not (tree / "web/dist" / before["app.css"]).exists()


def test_every_name_a_page_asks_for_is_built_and_lies_there_packed_too(
    tree: Path, builder: ModuleType
):
    builder.build(tree)

    assert set(manifest(tree)) == {"app.js", "app.css", "mark.svg"}
    for name in manifest(tree).values():
        file = tree / "web/dist" / name
        assert gzip.decompress(file.with_name(name + ".gz").read_bytes()) == file.read_bytes()


def test_a_build_that_fails_leaves_the_old_files_in_place(tree: Path, builder: ModuleType):
    builder.build(tree)
    before = manifest(tree)
    (tree / "web/js/app.js").write_text("import './nowhere.js';\n")

    with pytest.raises(builder.subprocess.CalledProcessError):
        builder.build(tree)

    assert manifest(tree) == before
    assert (tree / "web/dist" / before["app.js"]).exists()


def test_the_lock_names_exact_versions_and_no_address():
    lock = json.loads((TOP / "package-lock.json").read_text())
    packages = {name: each for name, each in lock["packages"].items() if name}

    assert packages
    assert all("integrity" in each and "resolved" not in each for each in packages.values())
    asked = json.loads((TOP / "package.json").read_text())
    wanted = asked["dependencies"] | asked["devDependencies"]
    assert all(version[0].isdigit() for version in wanted.values())

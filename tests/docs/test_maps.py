"""The map in a room's docstring names what is in the room."""

import ast
import re
import tomllib
from pathlib import Path

import pytest

TOP = Path(__file__).parents[2]
#: "guests, guest_pages  who is invited"
_LINE = re.compile(r"([a-z_]+(?:, [a-z_]+)*) {2,}\S")


@pytest.mark.parametrize(
    "package", [*TOP.glob("callcenter/**/__init__.py")], ids=lambda path: path.parent.name
)
def test_a_map_names_only_what_is_in_the_room(package: Path) -> None:
    room = package.parent
    missing = [
        name
        for name in _named(package)
        if not (room / f"{name}.py").exists() and not (room / name / "__init__.py").exists()
    ]

    assert not missing


def test_the_map_of_the_house_has_the_rooms_in_the_order_of_the_contract() -> None:
    settings = tomllib.loads((TOP / "pyproject.toml").read_text("utf-8"))
    layers = settings["tool"]["importlinter"]["contracts"][0]["layers"]
    level = {room: place for place, layer in enumerate(layers) for room in layer.split(" | ")}
    places = [level[name] for name in _named(TOP / "callcenter/__init__.py") if name in level]

    assert places == sorted(places)


def _named(package: Path) -> list[str]:
    docstring = ast.get_docstring(ast.parse(package.read_text("utf-8"))) or ""
    lines = [_LINE.match(line) for line in docstring.splitlines()]
    return [name for line in lines if line for name in line[1].split(", ")]

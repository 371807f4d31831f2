"""The table of capabilities names tests that there are, each capability once."""

import ast
import re
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[2]
ROW = re.compile(r"\| ([A-Z]{3}-\d\d) \| (.+?) \| (.+?) \| (.+?) \|")
ROWS = [
    found.groups()
    for line in (TOP / "docs" / "capabilities.md").read_text("utf-8").splitlines()
    if (found := ROW.fullmatch(line.strip()))
]


#: How many there are of each block that stands here whole.
BLOCKS = {"CON": 27, "INT": 19, "PLT": 17}


def test_no_capability_of_a_block_is_missing() -> None:
    wanted = {f"{block}-{n:02}" for block, most in BLOCKS.items() for n in range(1, most + 1)}
    assert wanted <= {row[0] for row in ROWS}


def test_each_capability_stands_once_and_in_order() -> None:
    ids = [row[0] for row in ROWS]
    assert ids == sorted(set(ids))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_what_shows_a_capability_is_a_test_there_is(row: tuple[str, ...]) -> None:
    shown = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", row[3])
    assert shown or row[3] == "–"
    for file, name in shown:
        tree = ast.parse((TOP / file).read_text("utf-8"))
        functions = (ast.FunctionDef, ast.AsyncFunctionDef)
        assert name in {node.name for node in ast.walk(tree) if isinstance(node, functions)}

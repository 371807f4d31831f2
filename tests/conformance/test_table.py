"""`docs/reference/panoramisk.md` names a test for each behaviour, and the tests are there."""

import ast
import re
from pathlib import Path

TOP = Path(__file__).parents[2]
ROWS = re.findall(
    r"^\| (\d+) \|.*\| ([^|]+) \|$",
    (TOP / "docs/reference/panoramisk.md").read_text("utf-8"),
    re.MULTILINE,
)


def _tests() -> set[str]:
    tree = ast.parse((Path(__file__).parent / "test_panoramisk.py").read_text("utf-8"))
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return {node.name for node in tree.body if isinstance(node, functions)}


def test_the_table_has_all_twenty_behaviours():
    assert [int(number) for number, _ in ROWS] == list(range(1, 21))


def test_each_behaviour_is_held_by_tests_that_exist():
    for number, cell in ROWS:
        named = re.findall(r"`(test_\w+)`", cell)
        assert named, number
        assert set(named) <= _tests(), number


def test_only_two_modules_of_ours_know_panoramisk():
    knowing = {
        path.relative_to(TOP).as_posix()
        for path in (TOP / "callcenter").rglob("*.py")
        if "bench" not in path.parts
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if (isinstance(node, ast.ImportFrom) and (node.module or "").startswith("panoramisk"))
        or (isinstance(node, ast.Import) and node.names[0].name.startswith("panoramisk"))
    }

    assert knowing == {"callcenter/ami/protocol.py", "callcenter/ami/session.py"}

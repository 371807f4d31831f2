"""The page of proofs names tests that are there."""

import re
from pathlib import Path

import pytest

TOP = Path(__file__).parents[2]
PAGE = (TOP / "docs" / "reference" / "proofs.md").read_text("utf-8")
NAMED = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE)


@pytest.mark.parametrize(("path", "test"), NAMED, ids=[test for _, test in NAMED])
def test_a_test_that_the_page_names_is_there(path: str, test: str) -> None:
    assert re.search(rf"^(async )?def {test}\(", (TOP / path).read_text("utf-8"), re.MULTILINE)


def test_every_property_and_every_proof_on_unseen_calls_is_on_the_page() -> None:
    named = {test for _, test in NAMED}
    for path in ("tests/ami/test_properties.py", "tests/ami/test_unseen_calls.py"):
        tests = re.findall(r"^def (test_\w+)\(", (TOP / path).read_text("utf-8"), re.MULTILINE)
        assert set(tests) <= named

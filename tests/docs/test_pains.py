"""The page of twenty pains has all of them, and names tests that are there."""

import re
from pathlib import Path

import pytest

TOP = Path(__file__).parents[2]
PAGE = (TOP / "docs" / "why" / "twenty-pains.md").read_text("utf-8")
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE)))


@pytest.mark.parametrize(("path", "test"), NAMED, ids=[test for _, test in NAMED])
def test_a_test_that_the_page_names_is_there(path: str, test: str) -> None:
    assert re.search(rf"^(async )?def {test}\(", (TOP / path).read_text("utf-8"), re.MULTILINE)


def test_each_pain_says_how_far_its_answer_goes_and_what_shows_it() -> None:
    pains = re.findall(r"^## (\d+)\. .+\n\n((?:.+\n)+)", PAGE, re.MULTILINE)

    assert [int(number) for number, _text in pains] == list(range(1, 21))
    for _number, text in pains:
        assert "*How far:*" in text
        assert "Shown by `tests/" in text

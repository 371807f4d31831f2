"""Names as a search compares them: without case, accents, alphabet and punctuation.

What is stored and what is typed go through the same function (`letters.fold`).
"""

from collections.abc import Iterable
from itertools import takewhile
from unicodedata import ucd_3_2_0

from callcenter.letters import APOSTROPHES, fold, plain, small

__all__ = ["APOSTROPHES", "beginning", "begins_with_each", "fold", "plain", "small"]


def beginning(word: str) -> str:
    """Return how a word begins, as far as every database's index surely takes it for one word.

    SQLite's knows the letters of an older Unicode than Python's. What it takes for two words would
    be a phrase, which the index cannot look for.
    """
    return "".join(takewhile(lambda letter: ucd_3_2_0.category(letter)[0] in "LN", word))


def begins_with_each(text: str, words: Iterable[str]) -> bool:
    """Tell whether for each of the words some word of a text begins so; all of them folded."""
    parts = text.split()
    return all(any(part.startswith(word) for part in parts) for word in words)

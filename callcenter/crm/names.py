"""Names as a search compares them: without case, accents, alphabet and punctuation.

What is stored and what is typed go through the same function (`letters.fold`).
"""

from itertools import takewhile
from unicodedata import ucd_3_2_0

from callcenter.letters import APOSTROPHES, fold, plain, small

__all__ = ["APOSTROPHES", "beginning", "fold", "plain", "small"]


def beginning(word: str) -> str:
    """Return how a word begins, as far as every database's index surely takes it for one word.

    SQLite's knows the letters of an older Unicode than Python's. What it takes for two words would
    be a phrase, which the index cannot look for.
    """
    return "".join(takewhile(lambda letter: ucd_3_2_0.category(letter)[0] in "LN", word))

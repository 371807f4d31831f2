"""Names as a search compares them: without case, accents, alphabet and punctuation.

Done here and not in the database: neither engine joins ı with i or knows ə, and each
would fold in its own way. What is stored and what is typed go through the same function.
"""

import re

from callcenter.letters import plain, small

__all__ = ["APOSTROPHES", "fold", "plain", "small"]

_NOT_A_WORD = re.compile(r"[\W_]+")
APOSTROPHES = re.compile("['’ʼ`´]")


def fold(text: str) -> str:
    """Return the words of `text` in plain small Latin letters, one space between them.

    "Əliyev" is "eliyev", "IŞIQ" and "Işıq" are "isiq", "Ёлкин" is "elkin", "D'Artagnan" is
    "dartagnan". Letters of other alphabets stay, small and without accents.
    """
    return _NOT_A_WORD.sub(" ", APOSTROPHES.sub("", plain(small(text)))).strip()

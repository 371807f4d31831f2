"""Headings as they are compared: without case, accents, spaces and marks."""

import unicodedata

_LETTERS = str.maketrans({"I": "i", "İ": "i", "ı": "i", "ə": "e", "Ə": "e", "ё": "е", "Ё": "е"})


def plain(heading: str) -> str:
    """Return "E-mail ünvanı:" as "emailunvani"; other alphabets keep their letters."""
    letters = unicodedata.normalize("NFKD", heading.translate(_LETTERS).casefold())
    return "".join(letter for letter in letters if letter.isalnum())

"""How long a text is as an SMS: which letters it may have, and how many parts it is sent in.

A part carries 160 letters of GSM 03.38, or 70 of any other alphabet: one ə, ş or й makes the
whole text the second kind. Of several parts each gives some room to its number.
"""

from dataclasses import dataclass
from typing import Final, Literal

#: GSM 03.38, the letters that take one place, and those that take two.
PLAIN: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
DOUBLE: Final = frozenset("^{}\\[~]|€\f")

#: Places of a text of one part, and of each part of a longer one.
ROOM: Final = {"gsm": (160, 153), "unicode": (70, 67)}

Alphabet = Literal["gsm", "unicode"]


@dataclass(frozen=True, slots=True)
class Length:
    alphabet: Alphabet
    #: Places that the text takes.
    places: int
    parts: int


def length_of(text: str) -> Length:
    """Return how long a text is; a letter of two places never stands in two parts."""
    widths = _gsm_widths(text)
    alphabet: Alphabet = "gsm" if widths is not None else "unicode"
    if widths is None:
        widths = [len(letter.encode("utf-16-le")) // 2 for letter in text]
    single, each = ROOM[alphabet]
    places = sum(widths)
    return Length(alphabet, places, min(places, 1) if places <= single else _parts(widths, each))


def _gsm_widths(text: str) -> list[int] | None:
    """Return the places of each letter in GSM 03.38, None if it lacks one of them."""
    if not set(text) <= PLAIN | DOUBLE:
        return None
    return [2 if letter in DOUBLE else 1 for letter in text]


def _parts(widths: list[int], room: int) -> int:
    parts, used = 1, 0
    for width in widths:
        if used + width > room:
            parts, used = parts + 1, 0
        used += width
    return parts

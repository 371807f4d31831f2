"""Letters as a comparison sees them: small, Latin, without accents.

Done here and not in the database: neither engine joins ı with i or knows ə, and each would fold
in its own way. Where a text is looked through as it stands, `db.plain` has both engines do the
same.
"""

import re
import unicodedata

_RUSSIAN = dict(
    zip(
        "абвгдезийклмнопрстуфхцчшщъыьэюяё",
        (
            "a", "b", "v", "g", "d", "e", "z", "i", "y", "k", "l", "m", "n", "o", "p", "r", "s",
            "t", "u", "f", "kh", "ts", "ch", "sh", "shch", "", "y", "", "e", "yu", "ya", "e",
        ),
        strict=True,
    )
)  # fmt: skip
_OTHER_CYRILLIC = {
    "ж": "zh", "ә": "e", "ғ": "g", "ҝ": "g", "ҹ": "c", "ө": "o", "ү": "u", "һ": "h", "ј": "y",
    "і": "i", "ї": "yi", "є": "ye", "ґ": "g", "қ": "q", "ң": "n", "ұ": "u", "ў": "o", "ҳ": "h",
}  # fmt: skip
_GEORGIAN = dict(
    zip(
        "აბგდევზთიკლმნოპჟრსტუფქღყშჩცძწჭხჯჰ",
        (
            "a", "b", "g", "d", "e", "v", "z", "t", "i", "k", "l", "m", "n", "o", "p", "zh", "r",
            "s", "t", "u", "p", "k", "gh", "q", "sh", "ch", "ts", "dz", "ts", "ch", "kh", "j", "h",
        ),
        strict=True,
    )
)  # fmt: skip
_LATIN = {
    "ə": "e",
    "ı": "i",
    "ß": "ss",
    "æ": "ae",
    "ø": "o",
    "œ": "oe",
    "đ": "d",
    "ł": "l",
    "þ": "th",
}

# `str.lower` leaves a dot behind İ and makes a dotted i of I, which is right for neither of them
# here: all four become i.
_CAPITALS = str.maketrans({"İ": "i", "I": "i", "Ə": "ə"})
#: Small letters that are no accented Latin ones, with what stands for them.
LETTERS = _RUSSIAN | _OTHER_CYRILLIC | _GEORGIAN | _LATIN
_LETTERS = str.maketrans(LETTERS)
_NOT_A_WORD = re.compile(r"[\W_]+")
APOSTROPHES = re.compile("['’ʼ`´]")


def fold(text: str) -> str:
    """Return the words of `text` in plain small Latin letters, one space between them.

    "Əliyev" is "eliyev", "IŞIQ" and "Işıq" are "isiq", "Ёлкин" is "elkin", "D'Artagnan" is
    "dartagnan". Letters of other alphabets stay, small and without accents.
    """
    return _NOT_A_WORD.sub(" ", APOSTROPHES.sub("", plain(small(text)))).strip()


def small(text: str) -> str:
    """Return `text` in small letters of its own alphabet; İ becomes i, and so does I."""
    return unicodedata.normalize("NFC", text).translate(_CAPITALS).lower()


def plain(text: str) -> str:
    """Return small letters as Latin ones without accents, where that can be done."""
    latin = text.translate(_LETTERS)
    if latin.isascii():
        return latin.lower()
    bare = "".join(
        letter
        for letter in unicodedata.normalize("NFKD", latin)
        if not unicodedata.combining(letter)
    )
    return bare.casefold()

"""Names as they sound: Quliyev, Guliyev and Гулиев are one name in three alphabets.

Each word becomes a key of a few sounds: vowels of one kind are one, and so are letters that Azerbaijani,
Turkish, Russian and English spell differently (x, kh and х; ş, sh and ш; c, j and дж). Where a spelling
can be read in two ways (Russian г is h in Гусейнов and q in Гулиев) a word has several keys, and
two words sound alike if they have one in common. `crm.names` compares spellings.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import islice, product
from typing import Final

from callcenter.crm.names import APOSTROPHES, plain, small

#: A word that can be read in more ways is known by the first of them.
READINGS: Final = 4
#: Words of fewer sounds are compared by their spelling only.
LEAST: Final = 3
#: From so many sounds on, the beginning of a word is looked for.
LEAST_BEGUN: Final = 2

# What is heard of a spelling; "|" stands between two readings. In keys c is "ch", x is "sh", j is
# "dzh" and "zh". Y is a glide: heard as i, but not after a consonant; E is an e with one
# before it, which is not heard at the beginning either (Yelena, Elena).
_HEARD: Final[dict[str, str]] = {
    "shch": "x", "tsch": "c", "tch": "c", "dzh": "j", "sch": "x", "ch": "c", "sh": "x", "kh": "h",
    "gh": "g", "zh": "j", "dj": "j", "ph": "f", "th": "t", "ck": "k", "ff": "v",
    "ye": "E", "ya": "Ya", "yə": "Ya", "yo": "Yo", "yu": "Yo", "yö": "Yo", "yü": "Yo",
    "ç": "c", "ş": "x", "ğ": "g", "q": "g|k", "x": "h|ks", "c": "j|c", "w": "v", "ə": "a",
    "e": "E", "ä": "a", "â": "a", "ö": "o", "ü": "o", "u": "o", "û": "o", "ı": "i", "y": "i",
    "î": "i",
    "дж": "j", "а": "a", "б": "b", "в": "v", "г": "g|h", "д": "d", "е": "E", "ё": "Yo|E", "ж": "j",
    "з": "z", "и": "i", "й": "i", "к": "k|g", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p",
    "р": "r", "с": "s", "т": "t", "у": "o", "ф": "f", "х": "h", "ц": "ts", "ч": "c", "ш": "x",
    "щ": "x", "ъ": "", "ы": "i", "э": "a", "ю": "Yo", "я": "Ya",
    # A soft sign before a vowel: Васильев is Vasilyev and Vasiliev.
    "ье": "E|iE", "ья": "Ya|ia", "ью": "Yo|io", "ьё": "Yo|E", "ь": "",
    "ә": "a", "ғ": "g", "ҝ": "g", "ҹ": "j", "ө": "o", "ү": "o", "һ": "h", "ј": "i", "і": "i",
    "ї": "i", "є": "E", "ґ": "g",
}  # fmt: skip
_SPELLING: Final = re.compile("|".join(sorted(_HEARD, key=len, reverse=True)) + "|.")
_KNOWN: Final = frozenset("".join(_HEARD))
_WORD: Final = re.compile(r"[^\W\d_]+")
_VOWELS: Final = "aoi"


def sounds(text: str) -> list[tuple[str, ...]]:
    """Return the keys of each word of `text`; a word of fewer than `LEAST` sounds has none."""
    return [_keys(word, LEAST) for word in words_of(text)]


def begun(text: str) -> list[tuple[str, ...]]:
    """Return with which sounds the keys of words begin that begin as those of `text`: "al" is Əli."""
    return [_keys(word, LEAST_BEGUN) for word in words_of(text)]


def words_of(text: str) -> list[str]:
    """Return the words of a name in small letters of their own alphabet."""
    return _WORD.findall(APOSTROPHES.sub("", small(text)))


def alike(one: str, other: str) -> bool:
    """Whether two names sound alike, word by word."""
    ours, theirs = sounds(one), sounds(other)
    return len(ours) == len(theirs) and all(
        not set(a).isdisjoint(b) for a, b in zip(ours, theirs, strict=True)
    )


def stored(text: str, limit: int) -> str:
    """Return the keys of all words as they are kept beside the name, in at most `limit` letters."""
    line = " ".join(dict.fromkeys(marked(key) for word in sounds(text) for key in word))
    return line if len(line) <= limit else line[: limit + 1].rpartition(" ")[0]


def marked(key: str) -> str:
    """Return `key` in a form that is the beginning of no name."""
    return f"0{key}"


@lru_cache(maxsize=16_384)
def _keys(word: str, least: int) -> tuple[str, ...]:
    known = "".join(letter if letter in _KNOWN else plain(letter) for letter in word)
    readings = [_HEARD.get(part, part).split("|") for part in _SPELLING.findall(known)]
    said = (_said("".join(parts)) for parts in islice(product(*readings), READINGS))
    return tuple(key for key in dict.fromkeys(said) if len(key) >= least)


def _said(parts: Sequence[str]) -> str:
    """Return the sounds as they are heard together: glides in their places, doubles as one."""
    heard = ""
    for part in parts:
        after_vowel = heard[-1:] in _VOWELS and heard != ""
        if part == "E":
            heard += "ia" if after_vowel else "a"
        elif part != "Y":
            heard += part
        elif after_vowel or not heard:
            heard += "i"
    return re.sub(r"(.)\1+", r"\1", heard)

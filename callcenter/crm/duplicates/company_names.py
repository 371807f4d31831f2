"""The name of a company without its legal form, which everybody writes in another way, or not at all.

«Каспий» ООО, ООО Каспий and Kaspiy LLC are one name. Forms are taken off at
both ends only, and never the last word: there are companies called so.
"""

import re
from functools import lru_cache
from typing import Final

from callcenter.crm.names import APOSTROPHES, fold, small

#: Each in small letters of its own alphabet, as words: IP is a form in Russian only.
FORMS: Final = (
    # Azerbaijani
    "mmc", "asc", "qsc", "ttm", "fs", "məhdud məsuliyyətli cəmiyyət", "məhdud məsuliyyətli cəmiyyəti",
    "açıq səhmdar cəmiyyəti", "qapalı səhmdar cəmiyyəti", "səhmdar cəmiyyəti", "fiziki şəxs",
    # Turkish
    "a ş", "aş", "a s", "anonim şirketi", "anonim şti", "ltd şti", "ltd sti", "limited şirketi", "şti", "sti",
    "limited şti", "şirketi", "san ve tic", "san tic", "sanayi ve ticaret", "san ve ticaret",
    # Russian and its neighbours
    "ооо", "оао", "зао", "пао", "нао", "ао", "ип", "чп", "тов", "тоо", "фоп", "одо", "ooo",
    "общество с ограниченной ответственностью", "индивидуальный предприниматель",
    "акционерное общество", "открытое акционерное общество", "закрытое акционерное общество",
    "публичное акционерное общество",
    # Georgian
    "შპს", "სს", "იმ",
    # English and German
    "llc", "l l c", "jsc", "ojsc", "cjsc", "gmbh",
)  # fmt: skip

#: These stand at the end only: Co-working and Company House are names.
AT_THE_END: Final = (
    "ltd", "limited", "llp", "inc", "incorporated", "corp", "corporation", "plc", "co", "company", "ag", "tic",
)  # fmt: skip

_WORD: Final = re.compile(r"\w+")
_BEGINNINGS: Final = frozenset(tuple(form.split()) for form in FORMS)
_ENDINGS: Final = _BEGINNINGS | {tuple(form.split()) for form in AT_THE_END}
#: The most words of a form.
_LONGEST: Final = max(map(len, _ENDINGS))


@lru_cache(4_096)
def without_form(name: str) -> str:
    """Return the words of a company's name without its legal form, small, in their own alphabet."""
    words = _WORD.findall(APOSTROPHES.sub("", small(name)))
    while (shorter := _without_one(words)) != words:
        words = shorter
    return " ".join(words)


def bare(name: str) -> str:
    """Return the folded name of a company without its legal form."""
    return fold(without_form(name))


def _without_one(words: list[str]) -> list[str]:
    """Return `words` without one form at their end or their beginning."""
    lengths = range(min(_LONGEST, len(words) - 1), 0, -1)
    for length in lengths:
        if tuple(words[-length:]) in _ENDINGS:
            return words[:-length]
    for length in lengths:
        if tuple(words[:length]) in _BEGINNINGS:
            return words[length:]
    return words

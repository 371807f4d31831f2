"""The name of a company without its legal form, which everybody writes in another way, or not at all.

«Каспий» ООО, ООО Каспий and Kaspiy LLC are one name. Forms are taken off at
both ends only, and never the last word: there are companies called so.
"""

import re
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
_ENDINGS: Final = sorted(
    (tuple(form.split()) for form in FORMS + AT_THE_END), key=len, reverse=True
)
_BEGINNINGS: Final = sorted((tuple(form.split()) for form in FORMS), key=len, reverse=True)


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
    for form in _ENDINGS:
        if len(form) < len(words) and tuple(words[-len(form) :]) == form:
            return words[: -len(form)]
    for form in _BEGINNINGS:
        if len(form) < len(words) and tuple(words[: len(form)]) == form:
            return words[len(form) :]
    return words

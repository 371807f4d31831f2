"""Callers who hide their number, or whose carrier gave none.

A closed list: what is not on it is a number or nonsense, never "withheld". The words are
those that trunks, gateways and Asterisk itself put where a number should be.
"""

import re
from functools import lru_cache

WITHHELD = frozenset({
    "",
    # Asterisk's own words for no value, and its default caller.
    "unknown", "null", "none", "nil", "n/a", "na", "asterisk",
    # Carriers and gateways.
    "anonymous", "anonymous.invalid", "restricted", "private", "unavailable", "unavail", "withheld",
    "blocked", "hidden", "secret", "confidential", "not available", "notavailable", "out of area",
    "private number", "unknown number", "private caller", "unknown caller", "anonymous caller",
    "restricted number", "withheld number", "blocked number", "hidden number", "number withheld",
    "caller id blocked", "caller id withheld", "id withheld", "no caller id", "no number",
    "no id", "coinphone", "payphone", "interaction with other service",
    # The languages of our users.
    "gizli", "gizli nömrə", "gizli nomre", "naməlum", "namelum", "anonim", "gizli numara",
    "bilinmeyen", "bilinmeyen numara", "özel numara", "скрыт", "скрытый", "скрытый номер",
    "номер скрыт", "неизвестный", "неизвестный номер", "анонимный", "аноним", "не определен",
    "номер не определен", "не определён", "номер не определён",
    # ANONYMOUS on the keys of a telephone, as some gateways say it.
    "266696687", "2666966687",
})  # fmt: skip

_DRESS = re.compile(r'^[\s"\'<(]*(?:sips?:|tel:)?|@.*$|[\s"\'>)]*$')
_NO_DIGIT_BUT_ZERO = re.compile(r"[+\-.\s]*0*[\-.\s]*")


@lru_cache(maxsize=8192)
def is_withheld(raw: str | None) -> bool:
    """Return whether `raw`, as it came from the PBX, means that there is no number."""
    if raw is None:
        return True
    word = _DRESS.sub("", raw).casefold().replace("_", " ")
    return word in WITHHELD or _NO_DIGIT_BUT_ZERO.fullmatch(word) is not None

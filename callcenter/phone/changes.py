"""Numbers that were written before their country changed its numbering.

A rule names the old form in E.164 and what it became. Rules are for numbers that are valid no
more: one that is valid as it stands is never touched. They are applied whenever a number is read,
so what is stored and what is looked up go the same way.
"""

import re
from typing import Final, NamedTuple


class Change(NamedTuple):
    old: re.Pattern[str]
    new: str


def _rule(old: str, new: str) -> Change:
    return Change(re.compile(rf"\+{old}", re.ASCII), f"+{new}")


#: By country code.
CHANGES: Final[dict[int, tuple[Change, ...]]] = {
    # Russia: Moscow's code 095 became 495 (2005). Kazakhstan left 3… for 7… (2007).
    7: (
        _rule(r"7095(\d{7})", r"7495\1"),
        _rule(r"73(272|273|172)(\d{6})", r"77\1\2"),
    ),
    # Georgia (2011): a 2 before Tbilisi's six digits, a 5 before the mobiles' codes.
    995: (
        _rule(r"99532(\d{6})", r"995322\1"),
        _rule(r"995((?:5[1578]|7[17]|9[0-9])\d{6})", r"9955\1"),
    ),
    # Brazil: a ninth digit before mobiles (2012-2016).
    55: (_rule(r"55(\d{2})([6-9]\d{7})", r"55\g<1>9\2"),),
    # Mexico: no 1 before mobiles any more (2019).
    52: (_rule(r"521(\d{10})", r"52\1"),),
    # Benin: 01 before every number (2024).
    229: (_rule(r"229(\d{8})", r"22901\1"),),
}  # fmt: skip


def renumbered(country_code: int, e164: str) -> str | None:
    """Return what the number became, None if no rule speaks of it."""
    for old, new in CHANGES.get(country_code, ()):
        if (found := old.fullmatch(e164)) is not None:
            return found.expand(new)
    return None

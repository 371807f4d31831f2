"""What holidays are called in our languages where the package does not say it.

The package names a country's holidays in its own language and in English; the English name is the
message here, and the catalogues have the rest.
"""

import re
from typing import Final

from callcenter.server.i18n import translate_to


def _(message: str) -> str:
    return message


#: Between the names of several on one day.
_BETWEEN: Final = "; "
_MOVED: Final = re.compile(r"Day off \(substituted from (\d\d)/(\d\d)/(\d{4})\)")
_NOTED: Final = re.compile(r"(.+) \((observed|estimated|observed, estimated)\)")

MOVED_FROM: Final = _("Day off (moved from {day})")
NOTES: Final = {
    "observed": _("{name} (day off)"),
    "estimated": _("{name} (expected)"),
    "observed, estimated": _("{name} (day off, expected)"),
}

NAMES: Final = frozenset((
    _("Additional day off by Presidential decree"), _("Armed Forces Day"), _("Capital Day"),
    _("Catholic Christmas Day"), _("Catholic Easter"), _("Christmas Day"),
    _("Commemoration of Atatürk, Youth and Sports Day"), _("Constitution Day"),
    _("Day of Family Sanctity and Respect for Parents"), _("Day of Memory and Honor"),
    _("Day of Victory over Fascism"), _("Defender of the Fatherland Day"),
    _("Democracy and National Unity Day"), _("Dormition of the Mother of God"),
    _("Easter Monday"), _("Easter Sunday"), _("Eid al-Adha"), _("Eid al-Fitr"), _("Epiphany"),
    _("Good Friday"), _("Holiday of Spring and Labor"),
    _("Holiday of Svetitskhovloba, Robe of Jesus"), _("Holy Saturday"), _("Independence Day"),
    _("Independence Day of the Republic of Belarus (Day of the Republic)"),
    _("International Azerbaijanis Solidarity Day"), _("International Women's Day"),
    _("Kazakhstan's People Solidarity Holiday"), _("Labor Day"), _("Labor and Solidarity Day"),
    _("Martyrs' Day"), _("Mother's Day"), _("Municipal elections"), _("National Flag Day"),
    _("National Liberation Day"), _("National Sovereignty and Children's Day"),
    _("National Unity Day"), _("New Year Holidays"), _("New Year's Day"), _("Nowruz"),
    _("Nowruz Holiday"), _("October Revolution Day"), _("Orthodox Christmas"),
    _("Orthodox Christmas Day"), _("Orthodox Easter"), _("Presidential elections"),
    _("Public Holiday"),
    _("Radunitsa (Day of Rejoicing)"), _("Republic Day"), _("Russia Day"),
    _("Saint Andrew's Day"), _("Saint George's Day"), _("Spring Festival"),
    _("Teachers and Instructors Day"), _("Unity Day"), _("Victory Day"),
    _("Victory over Fascism Day"), _("Women's Day"),
))  # fmt: skip


def in_language(english: str, language: str) -> str:
    """Return what the package calls so in English; as it is if nobody translated it."""
    return _BETWEEN.join(_one(name, language) for name in english.split(_BETWEEN))


def parts_of(english: str) -> list[str]:
    """Return the names in what the package says of a day, without what it notes beside them."""
    names = [name for name in english.split(_BETWEEN) if not _MOVED.fullmatch(name)]
    return [noted[1] if (noted := _NOTED.fullmatch(name)) else name for name in names]


def _one(english: str, language: str) -> str:
    if moved := _MOVED.fullmatch(english):
        month, day, year = moved.groups()
        return translate_to(language, MOVED_FROM, day=f"{day}.{month}.{year}")
    if noted := _NOTED.fullmatch(english):
        name = translate_to(language, noted[1])
        return translate_to(language, NOTES[noted[2]], name=name)
    return translate_to(language, english)

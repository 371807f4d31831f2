"""Telephone numbers in one form: the only user of phonenumbers.

The same number is written in many ways, by people and by trunks. Here it becomes E.164
once, by one function, wherever it comes from: a card, an import, a caller, a search. What
is no number stays apart: `withheld` says which words mean that the caller hides,
`reading` tells short codes from numbers and from nonsense. `fast` is the short way for
what trunks send all day, `showing` is how a number looks to people and to a PBX.
"""

from callcenter.phone.reading import (
    Number,
    backwards,
    beginnings,
    last_digits,
    preload,
    read,
    to_e164,
)
from callcenter.phone.regions import Regions
from callcenter.phone.showing import country, display, time_zones, to_dial
from callcenter.phone.withheld import is_withheld

__all__ = [
    "Number",
    "Regions",
    "backwards",
    "beginnings",
    "country",
    "display",
    "is_withheld",
    "last_digits",
    "preload",
    "read",
    "time_zones",
    "to_dial",
    "to_e164",
]

"""From a number in its one form to what people read and a PBX dials."""

from functools import lru_cache

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat, timezone


@lru_cache(maxsize=16_384)
def display(norm: str) -> str:
    """Return `norm` as people read it, "+994 50 123 45 67"; what is not E.164 as it is."""
    number = _number(norm)
    if number is None:
        return norm
    return phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL)


@lru_cache(maxsize=16_384)
def country(norm: str) -> str | None:
    """Return the ISO country of an E.164 number; None for short codes and for no one country."""
    number = _number(norm)
    region = number and phonenumbers.region_code_for_number(number)
    return region if region and region.isalpha() else None


@lru_cache(maxsize=16_384)
def time_zones(norm: str) -> tuple[str, ...]:
    """Return the IANA zones this number may be in: one if it is certain, () if nothing is known.

    A mobile of Russia may be in any of sixteen: show the range, never guess.
    """
    number = _number(norm)
    zones = timezone.time_zones_for_number(number) if number is not None else ()
    return tuple(zone for zone in zones if zone != "Etc/Unknown")


def to_dial(norm: str, region: str, form: str) -> str:
    """Return `norm` as a PBX in `region` wants it dialled.

    `form` is "e164" ("+994501234567") or "national": as one would dial it there,
    "0501234567" at home and "00905321234567" abroad. Short codes are dialled as they are.
    """
    number = _number(norm)
    if number is None or form == "e164":
        return norm
    written = phonenumbers.format_out_of_country_calling_number(number, region.upper())
    return "".join(filter(str.isdigit, written))


@lru_cache(maxsize=16_384)
def _number(norm: str) -> PhoneNumber | None:
    if not norm.startswith("+"):
        return None
    try:
        return phonenumbers.parse(norm, None)
    except NumberParseException:
        return None

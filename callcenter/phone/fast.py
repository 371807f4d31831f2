"""The short way to E.164 for what a trunk sends all day.

phonenumbers takes 20 microseconds, too long for every event of every call. A plain row of
digits that is a valid number of the trunk's own country needs no parser: its length and
first digits say how it is written (`0…`, `00994…`, `994…`, `+994…` or bare), and one
expression, made of phonenumbers' own patterns, says whether it is valid. Everything else
takes the long way; a test holds both ways to the same answers.
"""

import re
from collections.abc import Callable
from functools import lru_cache

from phonenumbers import PhoneMetadata, PhoneNumberDesc
from phonenumbers import region_code_for_country_code as region_of_code

_KINDS = (
    "mobile", "fixed_line", "toll_free", "premium_rate", "shared_cost", "voip",
    "personal_number", "pager", "uan", "voicemail",
)  # fmt: skip


class Plan:
    """The usual spellings of one country's numbers."""

    def __init__(self, region: str, metadata: PhoneMetadata) -> None:
        code = metadata.country_code or 0
        self.code = str(code)
        #: What is dialled before a national number ("0"), or "".
        self.trunk = metadata.national_prefix or ""
        #: Whose a number of this plan is; None where several countries share the code and this is
        #: not the first of them, so that only the number itself can tell.
        self.country = region if region_of_code(code) == region else None
        self._plus = f"+{self.code}"
        self._is_valid = _validity(metadata)
        length = _usual_length(metadata)
        #: {length of the whole: beginnings to take off}
        self._shapes: dict[int, tuple[str, ...]] = {}
        for beginning in ("", self.trunk, self.code, f"00{self.code}", self._plus):
            whole = length + len(beginning)
            known = self._shapes.get(whole, ())
            if length and beginning not in known:
                self._shapes[whole] = (*known, beginning)

    def e164(self, raw: str) -> str | None:
        """Return `raw` in E.164, or None if this is not one of the usual spellings."""
        for beginning in self._shapes.get(len(raw), ()):
            if raw.startswith(beginning):
                national = raw[len(beginning) :]
                if self._is_valid(national):
                    return self._plus + national
        return None


@lru_cache(maxsize=300)
def plan_of(region: str) -> Plan | None:
    """Return the plan of an ISO country; None if there is no such country."""
    metadata = PhoneMetadata.metadata_for_region(region.upper())
    return Plan(region.upper(), metadata) if metadata is not None else None


def plan_abroad(raw: str) -> Plan | None:
    """Return the plan of the country whose code `raw`, written with a plus, begins with."""
    # No code is the beginning of another.
    for digits in (1, 2, 3):
        if (region := _region_of(raw[1 : 1 + digits])) is not None:
            return plan_of(region)
    return None


@lru_cache(maxsize=2_000)
def _region_of(code: str) -> str | None:
    region = region_of_code(int(code)) if code.isascii() and code.isdigit() else "ZZ"
    return region if region.isalpha() and region != "ZZ" else None


def _usual_length(metadata: PhoneMetadata) -> int:
    """Return the number of digits of a mobile, 0 if this country's have several lengths."""
    lengths = _lengths(metadata, metadata.mobile)
    return lengths[0] if len(lengths) == 1 else 0


def _validity(metadata: PhoneMetadata) -> Callable[[str], re.Match[str] | None]:
    length = _usual_length(metadata)
    patterns = [
        f"(?:{desc.national_number_pattern})"
        for desc in (getattr(metadata, kind) for kind in _KINDS)
        if desc is not None and desc.national_number_pattern and length in _lengths(metadata, desc)
    ]
    return re.compile("|".join(patterns), re.ASCII).fullmatch


def _lengths(metadata: PhoneMetadata, desc: PhoneNumberDesc | None) -> tuple[int, ...]:
    own = desc.possible_length if desc is not None else ()
    general = metadata.general_desc.possible_length if metadata.general_desc else ()
    return tuple(own or general)

"""What two contacts have in common, and how much that says.

Everything they share is a reason with a weight; what speaks against it takes some away. A field
that is blank on one side says nothing. A number may belong to a family or an office, so a number
suggests a merge only where the names, an address or a tax id agree as well.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Final, NamedTuple

from rapidfuzz import fuzz

from callcenter.crm.duplicates.company_names import bare, without_form
from callcenter.crm.names import fold
from callcenter.crm.sounds import sounds, words_of
from callcenter.crm.tax_ids import is_proven

#: From here on two contacts are proposed as one.
SUGGESTS: Final = 60
#: From here on somebody who types is told; less is chance.
TELLS: Final = 30

WEIGHTS: Final = {
    "tax-id": 70, "registration-no": 70, "email": 50, "phone": 40, "messenger": 40,
    "name": 50, "sound": 45, "part": 35, "similar": 15, "birthday": 20, "employer": 15, "city": 5,
    "other-tax-id": -50, "other-branch": -50, "other-birthday": -30, "other-name": -20, "other-kind": -20,
    "other-country": -10,
}  # fmt: skip
#: A company's name is its own, where a person shares his with thousands.
OF_COMPANY: Final = {"name": 60, "sound": 55, "part": 20, "similar": 25}
#: A company goes by its brand here and by its legal name there: where a tax id that adds up is the
#: same, another name says nothing. Of a person's and a company's it does.
OF_TAX_ID: Final = {"other-name": 0}
#: What each further number or address that is the same adds.
ANOTHER: Final = 5
#: What says who somebody is, and not only where.
TELLING: Final = frozenset(
    {"tax-id", "registration-no", "email", "name", "sound", "part", "similar", "birthday"}
)
#: What two contacts seldom share by chance: whoever types it is always told.
SHARED: Final = frozenset({"phone", "email", "messenger", "tax-id", "registration-no"})

_SIMILAR: Final = 90
_OTHER: Final = 60
_NUMBERS: Final = re.compile(r"\d+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of a contact, stored or being typed; numbers and addresses in their one form."""

    kind: str = "person"
    name: str = ""
    #: By which it is known, too: a company's full legal name.
    other_names: frozenset[str] = field(default_factory=frozenset)
    phones: frozenset[str] = field(default_factory=frozenset)
    emails: frozenset[str] = field(default_factory=frozenset)
    #: "telegram:name" and the like.
    messengers: frozenset[str] = field(default_factory=frozenset)
    tax_id: str = ""
    #: Which branch of the one that has the tax id, such as a KPP.
    branch_code: str = ""
    registration_no: str = ""
    birthday: date | None = None
    #: The name of the company a person works for.
    employer: str = ""
    country: str = ""
    city: str = ""


class Reason(NamedTuple):
    """One thing that was compared; `value` is what is the same, as far as it is worth saying."""

    code: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """How much two contacts look like one: 0 to 100."""

    score: int
    reasons: tuple[Reason, ...]

    @property
    def suggests(self) -> bool:
        """Whether they are worth to be proposed as one."""
        return self.score >= SUGGESTS and any(one.code in TELLING for one in self.reasons)

    @property
    def tells(self) -> bool:
        """Whether somebody who is typing one should know of the other."""
        return self.score >= TELLS or any(one.code in SHARED for one in self.reasons)


def compare(one: Facts, other: Facts) -> Verdict:
    """Return what speaks for `one` and `other` being the same, and what against it."""
    reasons = (*_points(one, other), *_papers(one, other), *_names(one, other), *_rest(one, other))
    weights = _weights(one, other, reasons)
    seen: set[str] = set()
    total = 0
    for reason in reasons:
        total += ANOTHER if reason.code in seen else weights[reason.code]
        seen.add(reason.code)
    return Verdict(max(0, min(100, total)), reasons)


def _weights(one: Facts, other: Facts, reasons: Iterable[Reason]) -> dict[str, int]:
    company = one.kind == other.kind == "company"
    weights = WEIGHTS | OF_COMPANY if company else WEIGHTS
    one_payer = any(each.code == "tax-id" for each in reasons) and is_proven(one.tax_id)
    return weights | OF_TAX_ID if one_payer and one.kind == other.kind else weights


def _points(one: Facts, other: Facts) -> Iterable[Reason]:
    for code, ours, theirs in (
        ("phone", one.phones, other.phones),
        ("email", one.emails, other.emails),
        ("messenger", one.messengers, other.messengers),
    ):
        for value in sorted((ours & theirs) - {""}):
            yield Reason(code, value)


def _papers(one: Facts, other: Facts) -> Iterable[Reason]:
    if _are_branches(one, other):
        # The papers are those of the company that both belong to.
        yield Reason("other-branch")
    else:
        yield from _legal(one, other)
    if one.birthday and other.birthday:
        yield Reason("birthday" if one.birthday == other.birthday else "other-birthday")


def _are_branches(one: Facts, other: Facts) -> bool:
    """Whether a code beside the tax id tells them apart."""
    codes = one.branch_code.casefold(), other.branch_code.casefold()
    same = one.tax_id and one.tax_id == other.tax_id
    return bool(same) and all(codes) and codes[0] != codes[1]


def _legal(one: Facts, other: Facts) -> Iterable[Reason]:
    if one.tax_id and other.tax_id:
        same = one.tax_id == other.tax_id
        yield Reason("tax-id", one.tax_id) if same else Reason("other-tax-id")
    if one.registration_no and one.registration_no == other.registration_no:
        yield Reason("registration-no", one.registration_no)


def _names(one: Facts, other: Facts) -> Iterable[Reason]:
    """Return how the likest names of both meet; they are others only if all of them are."""
    people = "person" in (one.kind, other.kind)
    codes = {
        _alike(ours, theirs, people=people)
        for ours in compared_names(one)
        for theirs in compared_names(other)
    }
    likest = next((code for code in ("name", "sound", "part", "similar") if code in codes), "")
    if code := "other-name" if codes == {"other-name"} else likest:
        yield Reason(code)


def _alike(one: str, other: str, *, people: bool) -> str:
    code = alike(one, other)
    # Thousands are called Leyla.
    is_one_word = len(fold(one).split()) == 1
    return "part" if people and is_one_word and code in ("name", "sound") else code


def compared_names(facts: Facts) -> list[str]:
    """Return the names in their own alphabet, a company's without its legal form; the shown one first."""
    names = [facts.name, *sorted(facts.other_names)]
    return [without_form(name) if facts.kind == "company" else name for name in names if name]


def alike(one: str, other: str) -> str:
    """Return how two names meet, by the code of the reason; nothing if that says nothing.

    Words may stand in any order: family names come first in one office and last in the next.
    """
    ours, theirs = fold(one).split(), fold(other).split()
    if not ours or not theirs:
        return ""
    if sorted(ours) == sorted(theirs):
        return "name"
    heard = _heard(one), _heard(other)
    closeness = _closeness(ours, theirs), _closeness(theirs, ours)
    if _are_numbered(one, other):
        return "other-name" if max(closeness) < _OTHER else ""
    # Words of digits are not heard: Studio 54 is not Studio.
    if len(ours) == len(theirs) == len(heard[0]) == len(heard[1]) and _all_heard(*heard):
        return "sound"
    if _is_part(one, other) or _is_part(other, one):
        return "part"
    if min(closeness) >= _SIMILAR:
        return "similar"
    return "other-name" if max(closeness) < _OTHER else ""


def _are_numbered(one: str, other: str) -> bool:
    """Whether numbers tell them apart: Shop1 is not Shop2, though they sound and look so."""
    numbers = _NUMBERS.findall(one), _NUMBERS.findall(other)
    return all(numbers) and numbers[0] != numbers[1]


def _closeness(words: Sequence[str], among: Sequence[str]) -> float:
    """Return how like some word `among` the others each of `words` is, 0 to 100 on average."""
    return sum(max(fuzz.ratio(word, other) for other in among) for word in words) / len(words)


def _is_part(shorter: str, longer: str) -> bool:
    """Whether at least two words are all that `shorter` has, and `longer` has them too."""
    heard = _heard(shorter)
    return 2 <= len(heard) < len(_heard(longer)) and _all_heard(heard, _heard(longer))


@lru_cache(1024)
def _heard(name: str) -> tuple[frozenset[str], ...]:
    """Return for each word what it may be known by: how it sounds, or its letters if it is short."""
    words = zip(words_of(name), sounds(name), strict=True)
    return tuple(frozenset(keys or (fold(word),)) for word, keys in words)


def _all_heard(words: Sequence[frozenset[str]], among: Sequence[frozenset[str]]) -> bool:
    """Whether each of `words` has one of its own `among` the others."""
    left = list(among)
    for word in words:
        found = next((other for other in left if word & other), None)
        if found is None:
            return False
        left.remove(found)
    return True


def _rest(one: Facts, other: Facts) -> Iterable[Reason]:
    if one.kind and other.kind and one.kind != other.kind:
        yield Reason("other-kind")
    # A form is looked for in them only where there are two names to compare.
    both = one.employer and other.employer
    if both and bare(one.employer) == bare(other.employer) != "":
        yield Reason("employer", one.employer)
    if one.country and other.country and one.country != other.country:
        yield Reason("other-country")
    cities = fold(one.city), fold(other.city)
    if all(cities) and cities[0] == cities[1]:
        yield Reason("city", one.city)

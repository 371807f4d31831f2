"""Real numbers in all the ways people, cards, spreadsheets and trunks write them: one form each.

A table of numbers times a table of ways of writing; each way is one that is used there.
"""

from collections.abc import Iterator

import pytest

from callcenter import phone

REGIONS = ("AZ", "TR", "RU", "GE")

#: (code and number as parts): what is between them differs from way to way.
NUMBERS = {
    "AZ": (
        "50 234 56 78", "51 345 67 89", "55 456 78 90", "70 567 89 01", "77 678 90 12",
        "99 789 01 23", "10 250 11 22", "60 250 33 44", "12 555 12 34", "18 644 25 25",
        "22 255 17 18", "24 245 66 77",
    ),
    "TR": (
        "532 123 45 67", "533 234 56 78", "542 345 67 89", "505 456 78 90", "551 567 89 01",
        "212 345 67 89", "216 456 78 90", "312 567 89 01", "232 678 90 12", "224 789 01 23",
    ),
    "RU": (
        "495 123 45 67", "499 234 56 78", "812 345 67 89", "843 456 78 90", "916 123 45 67",
        "921 234 56 78", "903 345 67 89", "985 456 78 90", "800 555 35 35", "861 234 56 78",
    ),
    "GE": (
        "599 12 34 56", "577 23 45 67", "593 34 56 78", "591 45 67 89", "322 12 34 56",
        "431 25 45 67",
    ),
}  # fmt: skip
CODES = {"AZ": "994", "TR": "90", "RU": "7", "GE": "995"}
#: {a} is the code of the town or the network, {s} the rest with spaces, {h} with hyphens, {d} in one.
ABROAD = (
    "+{c} {a} {s}", "+{c}{a}{d}", "+{c} ({a}) {h}", "+{c}({a}){d}", "+{c}-{a}-{h}", "+{c} {a} {d}",
    "00{c}{a}{d}", "00 {c} {a} {s}", "00{c} ({a}) {h}", "{c}{a}{d}", "{c} {a} {s}",
    "tel:+{c}{a}{d}", "Tel.: +{c} {a} {s}", "+{c}.{a}.{d}", "\u202a+{c} {a} {s}\u202c",
    "+{c}\u00a0{a}\u00a0{s}",
)  # fmt: skip
AT_HOME = {
    "AZ": (
        "0{a} {s}", "0{a}{d}", "(0{a}) {h}", "(0{a}){d}", "0{a}-{h}", "0{a} {d}", "{a}{d}", "{a} {s}",
        "+994 (0){a} {s}", "+994 (0{a}) {h}", "mob. 0{a} {s}",
    ),
    "TR": (
        "0{a} {s}", "0{a}{d}", "0 ({a}) {s}", "0({a}){d}", "0 {a} {s}", "0{a}-{h}", "{a}{d}",
        "gsm 0{a} {s}",
    ),
    "RU": (
        "8 ({a}) {h}", "8{a}{d}", "8-{a}-{h}", "8 {a} {s}", "8({a}){d}", "+7 {a} {h}",
        "тел. 8 ({a}) {h}",
    ),
    "GE": ("{a}{d}", "{a} {s}", "{a}-{h}"),
}  # fmt: skip


def shapes() -> Iterator[tuple[str, str]]:
    for country, numbers in NUMBERS.items():
        for number in numbers:
            area, _space, rest = number.partition(" ")
            digits = rest.replace(" ", "")
            for way in (*ABROAD, *AT_HOME[country]):
                written = way.format(
                    c=CODES[country], a=area, s=rest, h=rest.replace(" ", "-"), d=digits
                )
                yield written, f"+{CODES[country]}{area}{digits}"


def test_all_ways_of_writing_a_number_are_one_number() -> None:
    known = list(shapes())
    wrong = [
        (written, phone.read(written, REGIONS).norm, norm)
        for written, norm in known
        if phone.read(written, REGIONS).norm != norm
    ]
    assert wrong == []
    assert len({written for written, _norm in known}) >= 500


@pytest.mark.parametrize(
    ("written", "norm"),
    [
        ("8 (095) 123-45-67", "+74951234567"),  # Moscow before 2005
        ("+7 095 123 45 67", "+74951234567"),
        ("+7 3272 58 12 34", "+77272581234"),  # Almaty before 2007
        ("+995 32 12 34 56", "+995322123456"),  # Tbilisi before 2011
        ("+995 99 12 34 56", "+995599123456"),  # a Georgian mobile before 2011
        ("+55 11 8765-4321", "+5511987654321"),  # a Brazilian mobile before its ninth digit
        ("+52 1 55 1234 5678", "+525512345678"),  # a Mexican mobile, as WhatsApp still writes it
        ("+229 97 12 34 56", "+2290197123456"),  # Benin before 2024
    ],
)
def test_a_number_of_before_the_numbering_changed_is_the_one_of_today(
    written: str, norm: str
) -> None:
    number = phone.read(written, REGIONS)
    assert (number.kind, number.norm) == ("e164", norm)


@pytest.mark.parametrize(
    "norm", ["+74951234567", "+73422581234", "+995322123456", "+5511987654321"]
)
def test_a_number_that_is_valid_stays_as_it_is(norm: str) -> None:
    assert phone.read(norm, REGIONS).norm == norm

"""Working hours as people write them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callcenter.diary import hours_form
from callcenter.diary.hours_form import NO_HOURS, NOT_DAYS, NOT_HOURS, OVERLAP, WEEK, spans, told
from callcenter.diary.worktime import Sheet
from callcenter.errors import BadInput


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("09:00-18:00", [[540, 1080]]),
        ("9-13, 14.00 – 18:30", [[540, 780], [840, 1110]]),
        ("22:00-06:00", [[1320, 1800]]),  # ends on the next day
        ("00:00-24:00", [[0, 1440]]),
        ("", []),
    ],
)
def test_hours_are_read_as_people_write_them(typed: str, read: list[list[int]]) -> None:
    assert spans(typed) == read


@pytest.mark.parametrize(
    ("values", "wrong"),
    [
        ({WEEK[0]: "morning"}, {WEEK[0]: NOT_HOURS}),
        ({WEEK[0]: "25:00-26:00"}, {WEEK[0]: NOT_HOURS}),
        ({WEEK[0]: "09:60-18:00"}, {WEEK[0]: NOT_HOURS}),
        ({WEEK[0]: "09:00-13:00, 12:00-18:00"}, {WEEK[0]: OVERLAP}),
        ({}, {WEEK[0]: NO_HOURS}),
        ({WEEK[0]: "9-18", "days": "Christmas"}, {"days": NOT_DAYS}),
        ({WEEK[0]: "9-18", "days": "2026-02-30"}, {"days": NOT_DAYS}),
        ({WEEK[0]: "9-18", "zone": "Baku"}, {"zone": hours_form.NO_ZONE}),
        ({WEEK[0]: "9-18", "country": "XX"}, {"country": hours_form.NO_COUNTRY}),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(
    values: dict[str, str], wrong: dict[str, str]
) -> None:
    with pytest.raises(BadInput) as refusal:
        hours_form.read(values)
    assert refusal.value.fields == wrong


SPANS = st.lists(st.integers(0, 1440), min_size=0, max_size=6, unique=True).map(
    lambda cuts: [list(pair) for pair in zip(sorted(cuts)[::2], sorted(cuts)[1::2], strict=False)]
)


@settings(max_examples=50)
@given(SPANS)
def test_what_is_told_is_read_as_it_was(held: list[list[int]]) -> None:
    assert spans(told(held)) == held


def test_a_sheet_goes_through_its_form_unchanged() -> None:
    sheet = Sheet(zone="Asia/Baku", days={"2026-12-31": [[540, 780]], "2026-11-23": []})
    assert hours_form.read(hours_form.values_of(sheet)) == Sheet(
        zone="Asia/Baku", days=dict(sorted(sheet.days.items()))
    )

"""What spreadsheets do to numbers and dates is recognised, and undone where that can be done."""

import pytest

from callcenter.entity.importing.repairs import (
    CUT,
    Lost,
    bare,
    in_iso,
    lacks_zero,
    number_of_phone,
    order_of,
    several,
)


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("9.94501234567E+11", "994501234567"),  # shown short, but whole
        ("9,94501234567E+11", "994501234567"),  # in a language with a decimal comma
        ("9.94501234567e11", "994501234567"),
        ("994501234567.0", "994501234567"),  # what programs write of a number cell
        ("994501234567,00", "994501234567"),
        ("050 234 56 78", "050 234 56 78"),
        ("+994 (50) 234-56-78", "+994 (50) 234-56-78"),
    ],
)
def test_a_number_that_was_taken_for_a_quantity_is_whole_again(cell: str, number: str) -> None:
    assert number_of_phone(cell) == number


@pytest.mark.parametrize("cell", ["9.94E+11", "9,945E+11", "9E11", "9.9450E+11", "5,02E+08"])
def test_digits_that_were_cut_off_are_said_to_be_lost_not_filled_with_zeros(cell: str) -> None:
    with pytest.raises(Lost) as lost:
        number_of_phone(cell)

    assert lost.value.sentence == CUT


@pytest.mark.parametrize(
    ("cell", "norm", "lacks"),
    [
        ("502345678", "+994502345678", True),
        ("0502345678", "+994502345678", False),
        ("994502345678", "+994502345678", False),  # the whole number without its plus
        ("50 234 56 78", "+994502345678", False),  # somebody wrote it so
        ("103", "103", False),
    ],
)
def test_a_first_zero_that_was_lost_is_noticed(cell: str, norm: str, lacks: bool) -> None:
    assert lacks_zero(cell, norm) is lacks


@pytest.mark.parametrize(
    ("cell", "text"),
    [('="0501234567"', "0501234567"), ("'0501234567", "0501234567"), ("'quoted'", "'quoted'"),
     ('="a ""b"""', 'a "b"')],
)  # fmt: skip
def test_what_keeps_a_cell_as_text_is_taken_off(cell: str, text: str) -> None:
    assert bare(cell) == text


@pytest.mark.parametrize(
    ("cell", "pieces"),
    [
        ("050 234 56 78; 012 555 12 34", ["050 234 56 78", "012 555 12 34"]),
        ("0502345678,0125551234", ["0502345678", "0125551234"]),
        ("0502345678 / 0125551234", ["0502345678", "0125551234"]),
        ("012 555 12 34, 12", ["012 555 12 34, 12"]),  # an extension, not a number
        ("012 555 12 34/35", ["012 555 12 34/35"]),
        ("a@example.az, b@example.az", ["a@example.az", "b@example.az"]),
        ("050 234 56 78\n\n055 234 56 78", ["050 234 56 78", "055 234 56 78"]),
    ],
)
def test_numbers_that_share_a_cell_are_told_apart(cell: str, pieces: list[str]) -> None:
    assert several(cell) == pieces


@pytest.mark.parametrize(
    ("cells", "order"),
    [
        (["03/04/2026", "25/04/2026"], "dmy"),
        (["03/04/2026", "04/25/2026"], "mdy"),
        (["2026-04-03"], "ymd"),
        (["03.04.2026"], "dmy"),  # nobody puts dots after months
        (["03/04/2026", "05/06/2026"], ""),
        (["", "next week"], ""),
    ],
)
def test_the_order_of_a_columns_dates_is_known_when_they_tell_it(
    cells: list[str], order: str
) -> None:
    assert order_of(cells) == order


@pytest.mark.parametrize(
    ("cell", "order", "iso"),
    [
        ("3.4.2026", "dmy", "2026-04-03"),
        ("3/4/2026", "mdy", "2026-03-04"),
        ("03/04/26", "dmy", "2026-04-03"),
        ("12.03.85", "dmy", "1985-03-12"),
        ("2026/4/3", "ymd", "2026-04-03"),
        ("03.04.2026 14:30", "dmy", "2026-04-03 14:30"),
        ("31107", "dmy", "1985-03-01"),  # a cell that lost its format
        ("tomorrow", "dmy", "tomorrow"),
    ],
)
def test_a_date_is_read_in_its_columns_order(cell: str, order: str, iso: str) -> None:
    assert in_iso(cell, order) == iso  # type: ignore[arg-type]

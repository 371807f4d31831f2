"""Colours drawn from one accent can be read on every ground they stand on."""

from hypothesis import given
from hypothesis import strategies as st

from callcenter.company import colours

any_colour = st.tuples(*[st.integers(0, 255)] * 3).map(lambda parts: f"#{bytes(parts).hex()}")


def test_contrast_is_that_of_wcag():
    # The figures of the definition's own examples.
    assert colours.contrast("#000000", "#ffffff") == 21
    assert round(colours.contrast("#777777", "#ffffff"), 2) == 4.48
    assert colours.contrast("#123456", "#123456") == 1


@given(any_colour)
def test_the_nearest_readable_colour_is_readable_on_all_grounds(colour: str):
    for grounds in (colours.LIGHT_GROUNDS, colours.DARK_GROUNDS):
        assert colours.least(colours.readable(colour, grounds), grounds) >= colours.ENOUGH


@given(any_colour)
def test_a_colour_that_can_be_read_is_left_as_it_is_but_for_rounding(colour: str):
    readable = colours.readable(colour, colours.LIGHT_GROUNDS)

    again = colours.readable(readable, colours.LIGHT_GROUNDS)

    assert again == readable


@given(any_colour)
def test_what_is_drawn_from_an_accent_can_be_read_in_both_schemes(colour: str):
    accent = colours.readable(colour, colours.LIGHT_GROUNDS)

    for palette, grounds in (
        (colours.light(accent), colours.LIGHT_GROUNDS),
        (colours.dark(accent), colours.DARK_GROUNDS),
    ):
        assert colours.least(palette.accent, grounds) >= colours.ENOUGH
        assert colours.contrast(palette.accent, palette.soft) >= colours.ENOUGH
        for fill in (palette.fill, palette.hover):
            assert colours.contrast(colours.WHITE, fill) >= colours.ENOUGH

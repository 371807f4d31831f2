"""Icons, drawn once."""

from callcenter.server import icons


def test_an_icon_is_drawn_with_what_it_is_given():
    drawn = icons.lucide("phone", size=16, aria_hidden="true")

    assert drawn.startswith("<svg")
    assert 'width="16"' in drawn
    assert 'aria-hidden="true"' in drawn
    assert icons.lucide("phone", size=16, aria_hidden="true") is drawn


def test_only_words_that_are_icons_are_read_from_a_template():
    icons.lucide.cache_clear()
    icons.preload("""{{ icon("phone") }}{{ icon('users' if x else "nothing-like-this") }}""")

    assert icons.lucide.cache_info().currsize == 2

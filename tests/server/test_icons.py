"""Icons, drawn once."""

from lucide.jinja import lucide

from callcenter.server import icons


def test_an_icon_is_drawn_with_what_it_is_given():
    drawn = icons.lucide("phone", size=16, aria_hidden="true")

    assert drawn.startswith("<svg")
    assert 'width="16"' in drawn
    assert 'aria-hidden="true"' in drawn
    assert icons.lucide("phone", size=16, aria_hidden="true") is drawn


def test_only_words_that_are_icons_are_read_from_a_template():
    icons._drawing.cache_clear()
    icons.preload("""{{ icon("phone") }}{{ icon('users' if x else "nothing-like-this") }}""")

    assert icons._drawing.cache_info().currsize == 2


def test_an_icon_is_what_the_package_would_draw():
    ours = icons.lucide("users", size=20, stroke_width=1.75, aria_hidden="true")

    assert ours == lucide("users", size=20, stroke_width=1.75, aria_hidden="true")

"""Colours that can be read: contrast by WCAG 2, and the console's colours drawn from one accent.

Colours are "#rrggbb". An accent must stand out from every ground it is written on; where the
wanted one does not, the nearest that does is told.
"""

import colorsys
import re
from collections.abc import Iterable
from typing import NamedTuple

#: WCAG 2, level AA, for text of any size.
ENOUGH = 4.5

WHITE = "#ffffff"
#: What words in the accent's colour stand on: the grounds of web/css/tokens.css.
LIGHT_GROUNDS = ("#ffffff", "#f6f7f9", "#f0f2f5")
DARK_GROUNDS = ("#0f1114", "#16191e", "#1c2026", "#1f242b")

_HEX = re.compile(r"#[0-9a-f]{6}")
_STEPS = 200


class Palette(NamedTuple):
    """The accent's colours in one scheme, named as the tokens are."""

    accent: str
    fill: str
    hover: str
    soft: str


def is_colour(text: str) -> bool:
    return _HEX.fullmatch(text) is not None


def contrast(one: str, other: str) -> float:
    """Return how much two colours differ in lightness: 1 (not at all) to 21 (black on white)."""
    brighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


def least(colour: str, grounds: Iterable[str]) -> float:
    """Return the contrast of `colour` on the worst of `grounds`."""
    return min(contrast(colour, ground) for ground in grounds)


def light(accent: str) -> Palette:
    """Return the colours of light pages; `accent` must be readable on light grounds."""
    return Palette(accent, accent, mix(accent, "#000000", 0.14), _soft(accent, WHITE))


def dark(accent: str, own: str = "") -> Palette:
    """Return the colours of dark pages; `own` is the accent chosen for them, if there is one."""
    shown = own or readable(accent, DARK_GROUNDS)
    fill = _fill(accent)
    return Palette(shown, fill, mix(fill, "#000000", 0.14), _soft(shown, "#16191e"))


def readable(colour: str, grounds: tuple[str, ...]) -> str:
    """Return the colour nearest to `colour` that can be read on all of `grounds`."""
    to_light = _luminance(grounds[0]) < 0.5
    tried = colour
    for step in range(_STEPS + 1):
        tried = _at_lightness(colour, step / _STEPS, lighter=to_light)
        if least(tried, grounds) >= ENOUGH:
            break
    return tried


def mix(one: str, other: str, share: float) -> str:
    """Return `one` with `share` of `other` in it."""
    return _hex(a + (b - a) * share for a, b in zip(_parts(one), _parts(other), strict=True))


def _soft(accent: str, ground: str) -> str:
    """Return the ground of what is chosen: a breath of the accent, on which it can be read."""
    soft = ground
    for share in (0.16, 0.12, 0.08, 0.05, 0.02, 0.0):
        soft = mix(ground, accent, share)
        if contrast(accent, soft) >= ENOUGH:
            break
    return soft


def _fill(accent: str) -> str:
    """Return the accent as light as white words on it allow, so that it is seen on dark pages."""
    fill = accent
    for step in range(_STEPS + 1):
        tried = _at_lightness(accent, step / _STEPS, lighter=True)
        if contrast(tried, WHITE) < ENOUGH + 0.2:
            break
        fill = tried
    return fill


def _at_lightness(colour: str, way: float, *, lighter: bool) -> str:
    """Return `colour` moved so much of the `way` to white, or to black."""
    hue, lightness, saturation = colorsys.rgb_to_hls(*(part / 255 for part in _parts(colour)))
    goal = 1.0 if lighter else 0.0
    moved = colorsys.hls_to_rgb(hue, lightness + (goal - lightness) * way, saturation)
    return _hex(part * 255 for part in moved)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(part / 255) for part in _parts(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4


def _parts(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _hex(parts: Iterable[float]) -> str:
    return "#" + "".join(f"{round(part):02x}" for part in parts)

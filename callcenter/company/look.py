"""How the pages look: one accent, a font, and the stylesheet made of them.

The stylesheet names a handful of the tokens of web/css/tokens.css anew; it is served as a file of
its own, since no page may hold styles.
"""

import hashlib

import msgspec

from callcenter.company import colours
from callcenter.errors import BadInput
from callcenter.server.body import MISFIT


def _(message: str) -> str:
    return message


KEY = "look"
#: As in web/css/tokens.css.
ACCENT = "#3a4ccf"

NOT_A_COLOUR = _("Write a colour as # and six digits, such as #3a4ccf.")

#: Fonts that machines have already: nothing is fetched. Value -> what it is called, its families.
FONTS = {
    "": (_("As delivered"), ""),
    "system": (_("Of the system"), "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif"),
    "humanist": (_("Rounder letters"), "'Segoe UI', Ubuntu, Calibri, 'Noto Sans', 'DejaVu Sans', sans-serif"),
    "wide": (_("Wide letters"), "Verdana, 'DejaVu Sans', 'Noto Sans', sans-serif"),
    "serif": (_("With serifs"), "Georgia, 'Noto Serif', 'DejaVu Serif', 'Times New Roman', serif"),
}  # fmt: skip


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """Colours are "" where they are as delivered."""

    accent: str = ""
    accent_dark: str = ""
    font: str = ""


class Faint(msgspec.Struct, frozen=True):
    """A colour that cannot be read well enough: how much it stands out, and the nearest that does."""

    contrast: float
    nearest: str


def faint(colour: str, grounds: tuple[str, ...]) -> Faint | None:
    """Return what is wrong with `colour` on `grounds`, None if it can be read."""
    reached = colours.least(colour, grounds)
    if reached >= colours.ENOUGH:
        return None
    # Never rounded up to what is asked for.
    return Faint(int(reached * 10) / 10, colours.readable(colour, grounds))


def faults(look: Look) -> dict[str, Faint]:
    """Return which colours of `look` cannot be read; what is no colour is not among them."""
    found = {
        "accent": look.accent and faint(look.accent, colours.LIGHT_GROUNDS),
        "accent_dark": look.accent_dark and faint(look.accent_dark, colours.DARK_GROUNDS),
    }
    return {name: fault for name, fault in found.items() if isinstance(fault, Faint)}


def check_form(look: Look) -> None:
    """Raise BadInput unless the fields are colours and a font at all."""
    wrong = {
        name: NOT_A_COLOUR
        for name in ("accent", "accent_dark")
        if (text := getattr(look, name)) and not colours.is_colour(text)
    }
    if look.font not in FONTS:
        wrong["font"] = MISFIT
    if wrong:
        raise BadInput(wrong)


def stylesheet(look: Look, scope: str = ":root") -> str:
    """Return the stylesheet of a checked look; "" if it is as delivered."""
    lines = []
    if look.accent or look.accent_dark:
        accent = look.accent or ACCENT
        pairs = zip(colours.light(accent), colours.dark(accent, look.accent_dark), strict=True)
        names = ("--accent", "--accent-fill", "--accent-hover", "--accent-soft")
        lines += [
            f"  {name}: light-dark({light}, {dark});"
            for name, (light, dark) in zip(names, pairs, strict=True)
        ]
    if families := FONTS[look.font][1]:
        lines.append(f"  --font: {families};")
    return "\n".join([f"{scope} {{", *lines, "}", ""]) if lines else ""


def stamp(content: str | bytes) -> str:
    """Return what changes with the content, for an address that browsers may keep for ever."""
    data = content.encode() if isinstance(content, str) else content
    return hashlib.sha256(data).hexdigest()[:12]

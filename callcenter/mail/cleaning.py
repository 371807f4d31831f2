"""Other people's HTML, made harmless: what is left shows, and does nothing.

It is shown in a frame of its own that runs no scripts; pictures from elsewhere, which tell their
sender that a letter was read, are kept in it and held back by that frame until somebody asks.
"""

from collections.abc import Mapping
from typing import Final

import nh3

TAGS: Final = {
    "a", "abbr", "b", "big", "blockquote", "br", "caption", "center", "cite", "code", "col",
    "colgroup", "dd", "del", "div", "dl", "dt", "em", "font", "h1", "h2", "h3", "h4", "h5", "h6",
    "hr", "i", "img", "ins", "li", "ol", "p", "pre", "q", "s", "small", "span", "strike", "strong",
    "sub", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "tt", "u", "ul",
}  # fmt: skip
_EVERYWHERE: Final = {
    "align",
    "bgcolor",
    "color",
    "dir",
    "height",
    "lang",
    "style",
    "title",
    "valign",
    "width",
}
_ATTRIBUTES: Final = {
    "*": _EVERYWHERE,
    "a": {"href"},
    "font": {"face", "size"},
    "img": {"alt", "src"},
    "ol": {"start", "type"},
    "table": {"border", "cellpadding", "cellspacing"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
}
#: How things look, never where they stand: nothing covers anything.
_STYLES: Final = {
    "background-color", "border", "border-bottom", "border-collapse", "border-color", "border-left",
    "border-radius", "border-right", "border-style", "border-top", "border-width", "color",
    "direction", "display", "font", "font-family", "font-size", "font-style", "font-weight",
    "height", "letter-spacing", "line-height", "list-style-type", "margin", "margin-bottom",
    "margin-left", "margin-right", "margin-top", "max-width", "min-width", "padding",
    "padding-bottom", "padding-left", "padding-right", "padding-top", "text-align",
    "text-decoration", "text-transform", "vertical-align", "white-space", "width", "word-break",
}  # fmt: skip
_PICTURES: Final = ("data:image/png", "data:image/jpeg", "data:image/gif")


def clean(html: str, pictures: Mapping[str, str]) -> str:
    """Return `html` without what could do anything; `pictures` are the letter's own, by content id."""

    def keep(_tag: str, name: str, value: str) -> str | None:
        if name == "href":
            return (
                value if value.lower().startswith(("http:", "https:", "mailto:", "tel:")) else None
            )
        if name != "src":
            return value
        if value.lower().startswith("cid:"):
            return pictures.get(value[4:])
        return value if value.startswith(("http:", "https:", *_PICTURES)) else None

    return nh3.clean(
        nothing_hidden(html), tags=TAGS, attributes=_ATTRIBUTES, attribute_filter=keep,
        url_schemes={"http", "https", "mailto", "tel", "cid", "data"},
        filter_style_properties=_STYLES, link_rel="noopener noreferrer nofollow",
    )  # fmt: skip


def nothing_hidden(text: str) -> str:
    """Return `text` without what no database takes and nobody sees."""
    return "".join(
        letter
        for letter in text
        if (letter >= " " and not "\ud800" <= letter <= "\udfff") or letter in "\n\t"
    )

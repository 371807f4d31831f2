"""Puts a ladder into a reader's language: names, sentences, spans of time."""

from collections.abc import Iterable
from typing import Final

from babel.lists import format_list
from markupsafe import Markup, escape

from callcenter import phone
from callcenter.calls.why.columns import Column
from callcenter.calls.why.says import Say
from callcenter.calls.why.scene import Row
from callcenter.interactions import covering
from callcenter.server.i18n import languages, translate_to
from callcenter.server.identity import Identity


def _(message: str) -> str:
    return message


CUSTOMER: Final = _("the customer")
A_PHONE: Final = _("phone %(number)s")
STATIONS: Final = {
    "menu": _("menu"),
    "parking": _("parking"),
    "voicemail": _("voicemail"),
}


class Teller:
    """Speaks one language to one reader; numbers without a country code belong to `region`."""

    def __init__(self, language: str, region: str, who: Identity, ours: str | None = None) -> None:
        """`ours` is our own number that was called: it is covered from nobody."""
        self._language = language
        self._region = region
        self._who = who
        self._ours = ours
        self._locale = languages()[language].locale

    def word(self, message: str) -> str:
        return translate_to(self._language, message)

    def number(self, raw: str) -> str:
        """Return a telephone number as people read it; an extension stays as it is."""
        read = phone.read(raw, (self._region,))
        if read.kind != "short" and raw != self._ours and covering.covers_numbers(self._who):
            return covering.place(read.norm or raw, self._who) or ""
        return phone.display(read.norm) if read.norm else raw

    def name(self, one: Column | str) -> str:
        if isinstance(one, str):
            return self.number(one) if one.lstrip("+").isdigit() else one
        if one.kind == "customer":
            return self.word(CUSTOMER)
        if one.kind in STATIONS:
            return self.word(STATIONS[one.kind])
        if one.name is not None:
            return one.name
        if one.kind == "external":
            return self.number(one.number or "")
        return self.word(A_PHONE) % {"number": self.number(one.number or "")}

    def sentence(self, row: Row) -> str:
        return self.marked(row).striptags()

    def marked(self, row: Row) -> Markup:
        """Return the sentences of a row with the names in bold."""
        return Markup(" ").join(self._say(say) for say in row.says)

    def _say(self, say: Say) -> Markup:
        bold = {key: Markup("<b>%s</b>") % self.name(one) for key, one in say.names.items()}
        several = [name for key, name in bold.items() if key == "who" or key.startswith("who_")]
        # What a sentence says of several names is one list in the language's own way.
        text = escape(self.word(say.text))
        if several:
            bold["who"] = self._list(several)
        return _begins_large(text % bold)

    def _list(self, names: Iterable[Markup]) -> Markup:
        # The names are marked up already, and the pattern around them is the locale's.
        return Markup(format_list([str(name) for name in names], locale=self._locale))  # noqa: S704

    def spell(self, seconds: float) -> str:
        """Return a span to the tenth of a second: "4.3", "1:04.3"."""
        tenths = round(seconds * 10)
        minutes, rest = divmod(tenths, 600)
        whole, tenth = divmod(rest, 10)
        point = self._locale.number_symbols["latn"]["decimal"]
        shown = f"{minutes}:{whole:02}" if minutes else str(whole)
        return f"{shown}{point}{tenth}"


def _begins_large(text: Markup) -> Markup:
    """Return `text` with its first letter large, also if that stands in a name's mark."""
    start = 3 if text.startswith("<b>") else 0
    plain = str(text)
    large = plain[:start] + plain[start : start + 1].upper() + plain[start + 1 :]
    return Markup(large)  # noqa: S704

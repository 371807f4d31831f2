"""Languages: which one a request speaks, and its catalogue.

Catalogues are the `.po` files of `web/locale`, compiled in memory at start.
Message ids are English, so English needs no translation and a missing one
shows as English.
"""

import gettext
from collections.abc import Mapping
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

from aiohttp import web
from babel import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from callcenter.errors import Sentence
from callcenter.server import cookies, paths
from callcenter.server.identity import known
from callcenter.server.keys import BRAND, SETTINGS

#: Code and own name of each language, in the order they are offered.
LANGUAGES = (("az", "Azərbaycanca"), ("tr", "Türkçe"), ("ru", "Русский"), ("en", "English"))
CODES = frozenset(code for code, _name in LANGUAGES)
#: Whose dates and numbers a language writes, where it is not its own: the 24 hours of the region.
REGIONAL = {"en": "en_GB"}


class Language(NamedTuple):
    """One language: its catalogue, and what Babel knows of its dates and numbers."""

    code: str
    catalogue: gettext.NullTranslations
    locale: Locale


@cache
def languages() -> dict[str, Language]:
    """Return all languages with their catalogues, read once."""
    folder = paths.web() / "locale"
    return {
        code: Language(
            code,
            _catalogue(folder / code / "LC_MESSAGES/callcenter.po"),
            Locale.parse(REGIONAL.get(code, code)),
        )
        for code in CODES
    }


def language_of(request: web.Request) -> str:
    """Return the code of the language to answer in.

    The person's choice, else the browser's cookie, else what the browser asks for, else the
    company's, else the installation's.
    """
    who = known(request)
    chosen = (who and who.locale) or request.cookies.get(cookies.LOCALE)
    if chosen in CODES:
        return str(chosen)
    installed = request.app[BRAND]().language or request.app[SETTINGS].language
    return _asked_for(request) or installed


def translate(request: web.Request, message: str, **values: object) -> str:
    """Return `message` in the language of `request`, its `{name}` fields filled in."""
    return translate_to(language_of(request), message, **values)


def translate_to(code: str, message: str, **values: object) -> str:
    text = languages()[code].catalogue.gettext(str(message)) if message else ""
    if isinstance(message, Sentence):
        values = {name: _spoken(code, value) for name, value in message.values.items()} | values
    return text.format(**values) if values else text


def _spoken(code: str, value: object) -> object:
    """Return what fills a field of a sentence, in a language."""
    if isinstance(value, Sentence):
        return translate_to(code, value)
    if isinstance(value, Mapping):
        return value.get(code) or value.get("en") or next(iter(value.values()), "")
    if isinstance(value, tuple):
        return "; ".join(str(_spoken(code, each)) for each in value)
    return value


def _asked_for(request: web.Request) -> str | None:
    wanted = []
    for part in request.headers.get("Accept-Language", "").split(","):
        tag, _, quality = part.strip().partition(";q=")
        code = tag.split("-", 1)[0].lower()
        if code in CODES:
            wanted.append((_quality(quality), code))
    # A stable sort: of equal quality, the first named wins.
    wanted.sort(key=lambda pair: -pair[0])
    return wanted[0][1] if wanted and wanted[0][0] > 0 else None


def _quality(text: str) -> float:
    try:
        return float(text or 1)
    except ValueError:
        return 0.0


def _catalogue(file: Path) -> gettext.NullTranslations:
    if not file.exists():
        return gettext.NullTranslations()
    compiled = BytesIO()
    with file.open("rb") as text:
        write_mo(compiled, read_po(text))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)

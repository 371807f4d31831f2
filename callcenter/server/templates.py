"""Templates: one Jinja environment for each language, and the names every template has.

Built once from `web/templates`. `pages` renders for a request, `text` for
everything without one: pops and bars pushed over the socket, mails.
"""

import gettext
from collections.abc import Callable, MutableMapping
from datetime import UTC, datetime
from functools import cache, lru_cache
from types import CodeType
from typing import Any

from jinja2 import BytecodeCache, Environment, FileSystemLoader, StrictUndefined
from jinja2.bccache import Bucket
from markupsafe import Markup

from callcenter.server import icons, paths
from callcenter.server.brand import AS_DELIVERED
from callcenter.server.formats import filters, read_at
from callcenter.server.i18n import LANGUAGES, Language, languages
from callcenter.server.zones import zones
from callcenter.settings import Settings

HOME_ZONE = Settings().time_zone

#: More than the words there are: some come from the database.
_REMEMBERED = 4096


class Compiled(BytecodeCache):
    """Compiles each template once, not once for each language: the code is the same."""

    def __init__(self) -> None:
        self._code: dict[str, tuple[str, CodeType | None]] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        checksum, code = self._code.get(bucket.key, ("", None))
        bucket.code = code if checksum == bucket.checksum else None

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._code[bucket.key] = (bucket.checksum, bucket.code)


class PlainEnvironment(Environment):
    """Gives each template its names in one plain dictionary, which is quicker than a chain."""

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        return {**self.globals, **(d or {})}


@cache
def environments() -> dict[str, Environment]:
    """Return the environment of each language."""
    compiled = Compiled()
    return {code: _environment(language, compiled) for code, language in languages().items()}


@cache
def preload() -> None:
    """Compile all templates now: later it would hold the event loop up, and calls with it."""
    zones()
    for file in (paths.web() / "templates").rglob("*.html"):
        icons.preload(file.read_text("utf-8"))
    for environment in environments().values():
        for name in environment.list_templates(extensions=["html"]):
            environment.get_template(name)


def text(template: str, language: str, **context: Any) -> str:
    """Return `template` rendered in `language`, for nobody's request in particular."""
    names: dict[str, Any] = {
        "layout": "layouts/fragment.html",
        "identity": None,
        "language": language,
        "languages": LANGUAGES,
        "theme": "auto",
        "time_zone": HOME_ZONE,
        "now": datetime.now(UTC),
        "csrf_token": "",
        "path": "",
        "url": "",
        "request_id": "",
        "asset": _no_asset,
        "brand": AS_DELIVERED,
        "may": _nothing,
        "flag": _nowhere,
    }
    names.update(context)
    with read_at(names["time_zone"] or HOME_ZONE, names["now"]):
        return environments()[language].get_template(template).render(names)


@cache
def formats(language: str) -> dict[str, Callable[..., str]]:
    """Return how moments, spans and numbers are written in a language: what templates filter by."""
    known = languages()[language]
    return filters(known.locale, known.catalogue.gettext)


def _environment(language: Language, compiled: BytecodeCache) -> Environment:
    environment = PlainEnvironment(
        loader=FileSystemLoader(paths.web() / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        bytecode_cache=compiled,
        # The code is shared by the languages, so nothing of a language may be worked out in it.
        optimized=False,
        # A look at the disk for each template of each pop would be a tenth of its time.
        auto_reload=False,
        extensions=["jinja2.ext.i18n"],
    )
    environment.filters |= formats(language.code)
    environment.globals |= {"lucide": icons.lucide, "icon_of": icons.icon}
    catalogue: gettext.NullTranslations = language.catalogue
    environment.install_gettext_translations(catalogue, newstyle=True)  # type: ignore[attr-defined]
    environment.globals["_"] = _translator(catalogue)
    return environment


def _translator(catalogue: gettext.NullTranslations) -> Callable[..., Markup]:
    """Return `_` of the templates: Jinja's own finds itself anew for each word."""

    @lru_cache(_REMEMBERED)
    def word(message: str) -> Markup:
        return Markup(catalogue.gettext(message))  # noqa: S704 (our own words)

    def translate(message: str, **values: object) -> Markup:
        return word(message) % values if values else word(message)

    return translate


def _no_asset(name: str) -> str:
    raise LookupError(f"{name}: a part of a page names no files; the page around it does")


def _nothing(_entity: str, _action: str) -> str:
    return "none"


def _nowhere(_flag: str) -> bool:
    return False

"""Templates: one Jinja environment for each language, and the names every template has.

Built once from `web/templates`. `pages` renders for a request, `text` for
everything without one: pops and bars pushed over the socket, mails.
"""

import gettext
from datetime import UTC, datetime
from functools import cache
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from lucide.jinja import lucide

from callcenter.server import paths
from callcenter.server.formats import filters
from callcenter.server.i18n import LANGUAGES, Language, languages
from callcenter.settings import Settings

HOME_ZONE = Settings().time_zone


@cache
def environments() -> dict[str, Environment]:
    """Return the environment of each language."""
    return {code: _environment(language) for code, language in languages().items()}


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
        "may": _nothing,
        "flag": _nowhere,
    }
    return environments()[language].get_template(template).render(names | context)


def _environment(language: Language) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(paths.web() / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.filters |= filters(language.locale)
    environment.globals["lucide"] = lucide
    catalogue: gettext.NullTranslations = language.catalogue
    environment.install_gettext_translations(catalogue, newstyle=True)  # type: ignore[attr-defined]
    return environment


def _no_asset(name: str) -> str:
    raise LookupError(f"{name}: a part of a page names no files; the page around it does")


def _nothing(_entity: str, _action: str) -> str:
    return "none"


def _nowhere(_flag: str) -> bool:
    return False

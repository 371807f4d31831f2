"""Where one can go, and what one can begin, by name: what the search box knows without asking."""

from typing import Final, NamedTuple

from callcenter.crm.names import begins_with_each, fold
from callcenter.entity.registry import Registry
from callcenter.server import administration, rail
from callcenter.server.i18n import translate_to
from callcenter.server.identity import Identity, may

#: So many are offered for what was typed.
SHOWN: Final = 6


def _(message: str) -> str:
    return message


NEW: Final = _("New: {what}")


class Place(NamedTuple):
    label: str
    href: str
    icon: str
    #: The keys that lead there, too: "G D".
    keys: str = ""


class _Known(NamedTuple):
    label: str
    href: str
    icon: str
    keys: str = ""
    #: The entity one must be allowed to read.
    reads: str = ""


#: Besides those of the rail.
_PLACES: Final = (
    _Known(_("Report of leads"), "/reports/leads", "chart-no-axes-column", reads="lead"),
    _Known(_("Possible duplicates"), "/duplicates", "copy", reads="contact"),
    _Known(_("Shared phones"), "/phones", "grip", reads="state"),
    _Known(_("How I am told"), "/notices/choices", "bell"),
    _Known(_("My account"), "/account", "circle-user-round"),
    _Known(_("Keys"), "/help/keys", "keyboard", "?"),
)


def places(registry: Registry, who: Identity, typed: str, language: str) -> list[Place]:
    """Return the places whose name has words that begin like each word that was typed."""
    words = fold(typed).split()
    if typed and not words:
        return []
    return [
        place
        for place in (
            *_of_the_rail(registry, who, language),
            *_fixed(who, language),
            *_of_administration(who, language, whole=bool(words)),
            *_of_entities(registry, who, language),
        )
        if begins_with_each(fold(place.label), words)
    ][: SHOWN if words else None]


def _of_the_rail(registry: Registry, who: Identity, language: str) -> list[Place]:
    """Return the stops of the rail, but for lists of records: they are offered with their entities."""
    lists = {f"/{entity.plural}" for entity in registry if entity.has_pages}
    return [
        Place(translate_to(language, way.label), way.path, way.icon, f"G {way.key.upper()}")
        for way in rail.ways(who)
        if way.path not in lists
    ]


def _fixed(who: Identity, language: str) -> list[Place]:
    return [
        Place(translate_to(language, place.label), place.href, place.icon, place.keys)
        for place in _PLACES
        if not place.reads or may(who, place.reads, "read") != "none"
    ]


def _of_administration(who: Identity, language: str, *, whole: bool) -> list[Place]:
    """Return the pages of the administration, if they are looked for (`whole`)."""
    if not whole or not administration.is_shown(who):
        return []
    elsewhere = {place.href for place in _PLACES}
    pages = [page for group in administration.open_to(who) for page in group.pages]
    return [
        Place(translate_to(language, page.label), page.path, page.icon)
        for page in pages
        if page.path not in elsewhere
    ]


def _of_entities(registry: Registry, who: Identity, language: str) -> list[Place]:
    offered: list[Place] = []
    for entity in registry:
        if not entity.has_pages:
            continue
        if may(who, entity.name, "read") != "none":
            label = translate_to(language, entity.labels)
            offered.append(Place(label, f"/{entity.plural}", entity.icon))
        if may(who, entity.name, "create") != "none":
            what = translate_to(language, entity.label)
            label = translate_to(language, NEW, what=what)
            offered.append(Place(label, f"/{entity.plural}/new", "plus"))
    return offered

"""Modules: parts of the console that a company may do without.

One that is off is gone from the navigation, and its pages and API say so; its data stay as they
are and are there again when it is switched on.
"""

import msgspec

from callcenter.entity.registry import Registry


def _(message: str) -> str:
    return message


KEY = "modules"


class Switches(msgspec.Struct, frozen=True, kw_only=True):
    off: list[str] = []


class Module(msgspec.Struct, frozen=True):
    key: str
    label: str
    tells: str
    #: Where its pages and its API begin.
    paths: tuple[str, ...]

    def has(self, path: str) -> bool:
        """Return whether an address is one of this module's."""
        return any(path == begin or path.startswith(f"{begin}/") for begin in self.paths)


#: Those that are no entity's; each entity's own module is added to them.
BUILT_IN = (
    Module("board", _("Live board"), _("Queues, agents and figures of today, live."), ("/board",)),
    Module(
        "seats",
        _("Shared phones"),
        _("People sit down at a phone that is nobody's own, and get up."),
        ("/phones", "/seats", "/admin/seats", "/api/v1/seats", "/api/v1/me/seat"),
    ),
)


def all_modules(registry: Registry) -> list[Module]:
    """Return the modules there are: our own, and those the entities say they belong to."""
    of_entities: dict[str, Module] = {}
    for entity in registry:
        if entity.module and entity.has_pages:
            known = of_entities.get(entity.module, Module(entity.module, entity.labels, "", ()))
            paths = (f"/{entity.plural}", f"/api/v1/{entity.plural}")
            of_entities[entity.module] = msgspec.structs.replace(known, paths=known.paths + paths)
    return [*BUILT_IN, *of_entities.values()]


def is_closed(off: frozenset[str], path: str, registry: Registry) -> bool:
    """Return whether `path` belongs to a module that is switched off."""
    return bool(off) and any(
        module.key in off and module.has(path) for module in all_modules(registry)
    )

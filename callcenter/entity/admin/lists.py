"""Which option lists there are: those the entities' fields speak of, and those of custom fields."""

from collections.abc import Mapping, Sequence

import msgspec

from callcenter.entity.description import Entity, Field
from callcenter.entity.options import Choice
from callcenter.entity.registry import Registry


def _(message: str) -> str:
    return message


#: What lists are called that several fields share, or that no field of an entity speaks of.
TITLES = {
    "industry": _("Industries"),
    "company_size": _("Company sizes"),
    "legal_form": _("Legal forms"),
    "source": _("Where customers come from"),
    "relationship_type": _("Kinds of relationship"),
    "interaction_result": _("Results of calls and meetings"),
}


#: Lists whose options have a word for each direction: "employer" here is "employee" there.
BOTH_WAYS = frozenset(("relationship_type",))


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """One list: `field` and `entity` say what it is called if `title` does not."""

    key: str
    title: str = ""
    field: Field | None = None
    entity: Entity | None = None
    choices: Sequence[Choice] = ()

    @property
    def both_ways(self) -> bool:
        return self.key in BOTH_WAYS


def all_lists(registry: Registry) -> list[Shown]:
    """Return every list, the house's own first, then those of custom fields."""
    spoken: dict[str, tuple[Field, Entity]] = {
        field.options: (field, entity)
        for entity in registry
        for field in registry.fields(entity.name).values()
        if field.options and field.options not in registry.kept_elsewhere
    }
    keys = dict.fromkeys((*TITLES, *spoken, *registry.lists()))
    return [_shown(registry, key, spoken) for key in keys if key in spoken or key in TITLES]


def one_list(registry: Registry, key: str) -> Shown | None:
    return next((each for each in all_lists(registry) if each.key == key), None)


def _shown(registry: Registry, key: str, spoken: Mapping[str, tuple[Field, Entity]]) -> Shown:
    field, entity = spoken.get(key, (None, None))
    return Shown(
        key=key, title=TITLES.get(key, ""), field=field, entity=entity, choices=registry.list(key)
    )

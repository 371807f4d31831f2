"""All entities there are, with the fields and option lists that administrators added.

Kept in memory and loaded anew when somebody changes a list or a field (`DescriptionsChanged`),
so that a new field works everywhere without a restart.
"""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.db import Database
from callcenter.entity import custom, options
from callcenter.entity.description import Entity, Field
from callcenter.entity.options import Choice, text_in
from callcenter.server.i18n import translate_to

#: Lists that another room keeps and offers as options: {list: choices}.
Source = Callable[[AsyncSession], Awaitable[Mapping[str, tuple[Choice, ...]]]]


class Registry:
    """`sources` are lists that other rooms keep, such as the stages of a process."""

    def __init__(self, entities: Iterable[Entity] = (), sources: Iterable[Source] = ()) -> None:
        #: Where the company's days and years begin.
        self.zone = ZoneInfo("UTC")
        self._entities = {entity.name: entity for entity in entities}
        self._by_plural = {entity.plural: entity for entity in self}
        self._custom: Mapping[str, tuple[Field, ...]] = {}
        self._fields: dict[str, Mapping[str, Field]] = {}
        self._lists: Mapping[str, tuple[Choice, ...]] = {}
        self._choices: Mapping[int, Choice] = {}
        self._sources = tuple(sources)
        #: Lists whose options have pages of their own.
        self.kept_elsewhere: frozenset[str] = frozenset()

    async def load(self, database: Database) -> None:
        """Read custom fields and option lists anew."""
        async with database.read() as session:
            self._custom = await custom.load(session)
            own = await options.load(session)
            others = [await source(session) for source in self._sources]
        self._fields = {}
        elsewhere = {name: choices for each in others for name, choices in each.items()}
        self.kept_elsewhere = frozenset(elsewhere)
        self._lists = own | elsewhere
        self._choices = {choice.id: choice for each in self._lists.values() for choice in each}

    def __iter__(self) -> Iterator[Entity]:
        return iter(self._entities.values())

    def __getitem__(self, name: str) -> Entity:
        return self._entities[name]

    def __contains__(self, name: str) -> bool:
        return name in self._entities

    def by_plural(self, plural: str) -> Entity | None:
        return self._by_plural.get(plural)

    def fields(self, name: str) -> Mapping[str, Field]:
        """Return the entity's own and custom fields by name, in their order."""
        if name not in self._fields:
            both = (*self._entities[name].fields, *self._custom.get(name, ()))
            # Asked for several times by every page: put together once.
            self._fields[name] = MappingProxyType({field.name: field for field in both})
        return self._fields[name]

    def list(self, name: str) -> Sequence[Choice]:
        """Return the options of a list, those no longer offered too."""
        return self._lists.get(name, ())

    def lists(self) -> Mapping[str, Sequence[Choice]]:
        return self._lists

    def choice(self, option_id: int) -> Choice | None:
        return self._choices.get(option_id)


def label_in(field: Field, language: str) -> str:
    """Return the field's label in a language; of what is said of a list's values, with the list's."""
    label = text_in(field.labels, language) or translate_to(language, field.label)
    return f"{translate_to(language, field.of)}: {label}" if field.of else label

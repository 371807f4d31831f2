"""Every entity of the house."""

from collections.abc import Sequence

from callcenter.agents.description import TEAM, USER
from callcenter.crm.contacts.description import contact
from callcenter.entity.description import Entity
from callcenter.interactions.description import INTERACTION
from callcenter.settings import Settings


def entities(regions: Sequence[str]) -> tuple[Entity, ...]:
    """Return them; `regions` are the countries of numbers without a country code."""
    return (USER, TEAM, contact(regions), INTERACTION)


#: As they are where nobody set the countries.
ENTITIES: tuple[Entity, ...] = entities(Settings().region_list)

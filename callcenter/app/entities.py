"""Every entity of the house."""

from collections.abc import Sequence

from callcenter.agents.description import TEAM, USER
from callcenter.crm import linking
from callcenter.crm.contacts import ties_in_files
from callcenter.crm.contacts.description import contact
from callcenter.entity.description import Entity
from callcenter.entity.registry import Registry
from callcenter.interactions.description import INTERACTION
from callcenter.interactions.participants import PARTICIPANTS
from callcenter.leads.description import lead
from callcenter.process.pipelines import Pipelines
from callcenter.settings import Settings

# Interactions do not know contacts: whose a number is they are told.
PARTICIPANTS.owners = linking.owners

#: Whose rows go through stages.
STAGED = ("lead",)


def entities(
    regions: Sequence[str], pipelines: Pipelines, zone: str = Settings().time_zone
) -> tuple[Entity, ...]:
    """Return them; `regions` are the countries of numbers without a country code.

    `zone` is where the company's days begin.
    """
    return (USER, TEAM, contact(regions, zone), INTERACTION, lead(pipelines, zone))


def registry_of(regions: Sequence[str]) -> Registry:
    """Return the registry of all entities, with the lists that other rooms keep."""
    pipelines = Pipelines(STAGED)
    return Registry(entities(regions, pipelines), [pipelines.load, ties_in_files.words])


#: As they are where nobody set the countries.
ENTITIES: tuple[Entity, ...] = entities(Settings().region_list, Pipelines())

"""Every entity of the house."""

from callcenter.agents.description import TEAM, USER
from callcenter.entity.description import Entity
from callcenter.interactions.description import INTERACTION

ENTITIES: tuple[Entity, ...] = (USER, TEAM, INTERACTION)

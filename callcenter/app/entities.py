"""Every entity of the house."""

from callcenter.agents.description import TEAM, USER
from callcenter.entity.description import Entity

ENTITIES: tuple[Entity, ...] = (USER, TEAM)

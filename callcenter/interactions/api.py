"""REST of interactions: what every entity has."""

from callcenter.entity.api import EntityApi
from callcenter.interactions.description import INTERACTION

routes = EntityApi(INTERACTION).routes()

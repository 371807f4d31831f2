"""Pages of every entity: list, board, calendar, form, card and trash, all by its description.

`routes` gives them for a list of entities. An entity with a page of its own for one of these
registers it before.
"""

from collections.abc import Iterable

from aiohttp import web

from callcenter.entity.description import Entity
from callcenter.entity.pages.boards import Boards
from callcenter.entity.pages.bulk import Bulk
from callcenter.entity.pages.calendars import Calendars
from callcenter.entity.pages.cards import Cards
from callcenter.entity.pages.exports import Exports
from callcenter.entity.pages.forms import Forms
from callcenter.entity.pages.kept import Kept
from callcenter.entity.pages.lists import Lists
from callcenter.entity.pages.saved import Saved


def routes(entities: Iterable[Entity]) -> list[web.RouteDef]:
    """Return the pages of these entities, of those that have any."""
    return [route for entity in entities if entity.has_pages for route in _routes(entity)]


def _routes(entity: Entity) -> Iterable[web.RouteDef]:
    for pages in (Lists, Forms, Cards, Bulk, Saved, Kept, Exports):
        yield from pages(entity).routes()
    if entity.board:
        yield from Boards(entity).routes()
    if entity.calendar:
        yield from Calendars(entity).routes()

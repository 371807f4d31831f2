"""What the pages of lists and fields share: an order that was sent, and telling every node."""

from collections.abc import Sequence

from aiohttp import web

from callcenter.entity.keys import ENTITIES
from callcenter.events import DescriptionsChanged
from callcenter.server.body import sent_form, whole_number
from callcenter.server.keys import BUS, CLOCK, DATABASE


async def tell(request: web.Request) -> None:
    """Have the registry of each node loaded anew; this one's before it answers."""
    await request.app[ENTITIES].load(request.app[DATABASE])
    request.app[BUS].publish(DescriptionsChanged(at=request.app[CLOCK]().timestamp()))


async def moved(request: web.Request, known: Sequence[int]) -> list[int]:
    """Return the order that was sent: all `ids` by drag, one of them a step `up` or `down` by a button."""
    form = await sent_form(request)
    sent = [whole_number(str(each)) for each in form.getall("ids", [])]
    ids = [each for each in sent if each is not None and each in known] or list(known)
    for step, way in ((-1, "up"), (1, "down")):
        one = whole_number(str(form.get(way, "")))
        if one is not None and one in ids:
            place = ids.index(one)
            ids.insert(max(0, place + step), ids.pop(place))
    return ids

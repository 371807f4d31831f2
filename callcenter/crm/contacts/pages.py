"""The card of a contact with its timeline. The list is that of every entity (`entity.pages`).

Templates: contacts/contact.html (`show_card` names what it takes) · contacts/timeline.html
(contact, timeline): the page that follows `after`. The form is in `edit_pages`, what is edited on
the card itself in `around_pages`.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import web

from callcenter.crm.contacts import card, surroundings
from callcenter.crm.contacts.addresses import ADDRESSES, KIND_WORDS, in_one_line
from callcenter.crm.contacts.local_time import HOLIDAY, LocalTime
from callcenter.crm.contacts.models import Contact
from callcenter.crm.contacts.surroundings import Side
from callcenter.crm.registers.setup import REGISTERS, Registers
from callcenter.entity.description import Entity
from callcenter.entity.keys import ENTITIES
from callcenter.entity.showing import Showing
from callcenter.entity.tags import offered
from callcenter.errors import NotFound
from callcenter.interactions import covering
from callcenter.interactions.timeline import of_contact
from callcenter.server.body import path_id
from callcenter.server.i18n import language_of, translate_to
from callcenter.server.identity import Identity, require
from callcenter.server.keys import CLOCK, DATABASE, REGIONS
from callcenter.server.pages import render, zone_of

routes = web.RouteTableDef()


def regions(request: web.Request) -> Sequence[str]:
    """Return the countries of numbers without a country code, in the order they are tried."""
    return request.app[REGIONS]


def contact_in(request: web.Request) -> Entity:
    """Return the description of contacts."""
    return request.app[ENTITIES]["contact"]


@routes.get(r"/contacts/{id:\d+}")
async def contact(request: web.Request) -> web.Response:
    return await show_card(request, path_id(request))


async def show_card(
    request: web.Request,
    contact_id: int,
    *,
    part: str = "",
    typed: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
    choices: Sequence[Side] = (),
    status: int = 200,
) -> web.Response:
    """Answer with the card; of the `part` that could not be saved, with what was typed."""
    who = require(request, "contact", "read")
    registry, language, zone = request.app[ENTITIES], language_of(request), zone_of(request)
    # The reader's own clock: on it a tie ends today.
    now = request.app[CLOCK]().astimezone(ZoneInfo(zone))
    async with request.app[DATABASE].read() as session:
        found = await card.find(session, who, contact_id)
        if found is None:
            raise NotFound
        contact = found.contact
        timeline = await of_contact(session, who, contact.id)
        around = await card.around(
            session, found, registry["contact"], who, Showing(registry, language, zone), now
        )
        words = await surroundings.words_for(session, contact.kind, language)
        tags = await offered(session)
    return render(
        request, "contacts/contact.html", status=status, contact=contact, timeline=timeline,
        owner_name=found.owner_name, time_zones=around.local.zones, people=found.people,
        most_people=card.PEOPLE, around=around, words=words, tags=tags, part=part,
        typed=typed or {}, errors=errors or {}, may_edit=found.may_edit,
        choices=[(side.id, side.name) for side in choices], today=now.date().isoformat(),
        in_register=_is_in_register(request, contact), **_addresses(around, language),
        **_points(contact, who), **_warnings(around.local, language),
    )  # fmt: skip


def _is_in_register(request: web.Request, contact: Contact) -> bool:
    registers = request.app.get(REGISTERS, Registers())
    return bool(contact.tax_id) and registers.know(contact.tax_kind)


def _addresses(around: card.Around, language: str) -> dict[str, Any]:
    return {
        "address_kinds": KIND_WORDS,
        "kind_choices": [(kind, translate_to(language, word)) for kind, word in KIND_WORDS.items()],
        "addresses": [
            (address, in_one_line(ADDRESSES.tell(address), language))
            for address in around.addresses
        ],
    }


def _points(contact: Contact, who: Identity) -> dict[str, Any]:
    """Return of which numbers and addresses something may be noted, and which may be shown whole."""
    return {
        "known_of": {
            point.id for point in contact.points if covering.level_of(point.kind, who) == "write"
        },
        "can_show": {point.id for point in contact.points if covering.may_show(who, point.kind)},
    }


def _warnings(local: LocalTime, language: str) -> dict[str, str]:
    """Return what to think of before calling."""
    return {
        "night": translate_to(language, local.warning) if local.warning else "",
        "holiday": translate_to(language, HOLIDAY, name=local.holiday) if local.holiday else "",
    }


@routes.get(r"/contacts/{id:\d+}/timeline")
async def timeline(request: web.Request) -> web.Response:
    who = require(request, "contact", "read")
    async with request.app[DATABASE].read() as session:
        found = await card.find(session, who, path_id(request))
        if found is None:
            raise NotFound
        page = await of_contact(
            session, who, found.contact.id, request.query.get("after"),
            request.query.getall("kind", ()), past="past" in request.query,
        )  # fmt: skip
    whole = "list" in request.query
    template = "contacts/timeline_list.html" if whole else "contacts/timeline.html"
    return render(request, template, contact=found.contact, timeline=page)

"""What the pages of all sheets share: reading the form, saving it, and telling every node."""

import msgspec
from aiohttp import web

from callcenter.company import kept
from callcenter.company.branding import BRANDING
from callcenter.events import CompanyChanged
from callcenter.server.actor import actor
from callcenter.server.body import seen_version
from callcenter.server.keys import BUS, CLOCK, DATABASE

Values = dict[str, str]


def given(values: Values, kind: type[msgspec.Struct]) -> Values:
    return {name: values[name] for name in kind.__struct_fields__ if name in values}


async def save(request: web.Request, key: str, sheet: msgspec.Struct, values: Values) -> None:
    at, by = request.app[CLOCK](), actor(request)
    async with request.app[DATABASE].write() as session:
        await kept.change(session, key, sheet, seen_version(values), at, by)
    await announce(request)


async def announce(request: web.Request) -> None:
    """Show what was changed from the next page on, here and on the other nodes."""
    await request.app[BRANDING].load()
    request.app[BUS].publish(CompanyChanged(at=request.app[CLOCK]().timestamp()))

"""What pages show of the company, and which countries numbers are read by, without a query.

Every node keeps its own copy, and reads it again when `CompanyChanged` says that it was edited.
"""

from collections.abc import Callable, Coroutine
from typing import Any

from aiohttp import web

from callcenter import phone
from callcenter.bus import Bus
from callcenter.company import details, kept, look, modules, pictures, start
from callcenter.db import Database
from callcenter.entity.registry import Registry
from callcenter.events import CompanyChanged
from callcenter.server.brand import AS_DELIVERED, PRODUCT, Brand, Stop


class Branding:
    def __init__(
        self,
        database: Database,
        bus: Bus,
        registry: Registry,
        spawn: Callable[[Coroutine[Any, Any, None]], None],
        regions: phone.Regions,
    ) -> None:
        self._database = database
        self._registry = registry
        self._regions = regions
        self.brand = AS_DELIVERED
        self.stylesheet = ""
        self.pictures: dict[str, pictures.Picture] = {}
        bus.listen(lambda _event: spawn(self.load()), CompanyChanged)

    async def load(self) -> None:
        async with self._database.read() as session:
            company = await kept.read(session, details.KEY, details.Details)
            chosen = await kept.read(session, look.KEY, look.Look)
            switches = await kept.read(session, modules.KEY, modules.Switches)
            first = await kept.read(session, start.KEY, start.Start)
            begun = await start.is_begun(session, first)
            drawn = {kind: await pictures.read(session, kind) for kind in pictures.SIZES}
        self._regions.choose(company.region_list)
        phone.preload(self._regions)
        self.pictures = {kind: picture for kind, picture in drawn.items() if picture is not None}
        self.stylesheet = look.stylesheet(chosen)
        self.brand = Brand(
            name=company.name or PRODUCT, country=company.country, language=company.language,
            stylesheet=self.stylesheet and f"/brand/{look.stamp(self.stylesheet)}.css",
            off=frozenset(switches.off), begun=begun, has_steps=not first.closed,
            has_numbers=any(entity.number for entity in self._registry), stops=_stops(self._registry), **{kind: self._address(kind) for kind in pictures.SIZES},
        )  # fmt: skip

    def _address(self, kind: str) -> str:
        picture = self.pictures.get(kind)
        return f"/brand/{kind}-{picture.stamp}.png" if picture else ""


def _stops(registry: Registry) -> tuple[Stop, ...]:
    return tuple(
        Stop(
            entity.name,
            f"/{entity.plural}",
            entity.labels,
            entity.icon,
            entity.rail_key,
            entity.module,
        )
        for entity in registry
        if entity.has_pages and entity.on_rail
    )


BRANDING = web.AppKey("branding", Branding)

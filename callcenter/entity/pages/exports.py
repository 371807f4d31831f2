"""A list taken out as a file, by who may; each time is written down."""

import tempfile
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from aiohttp import web

from callcenter import audit
from callcenter.entity import exporting, filters
from callcenter.entity.description import Entity
from callcenter.entity.exporting import DELIMITERS, Width, Writer
from callcenter.entity.keys import ENTITIES
from callcenter.entity.listing import Page, Wanted
from callcenter.entity.pages.asked import Asked, asked, asker_of
from callcenter.entity.pages.lists import searched
from callcenter.errors import BadInput
from callcenter.server.actor import actor
from callcenter.server.body import MISFIT, whole_number
from callcenter.server.i18n import language_of
from callcenter.server.identity import Identity, require
from callcenter.server.keys import CLOCK, DATABASE
from callcenter.server.pages import zone_of

TYPES: Final = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": exporting.WORKBOOK,
    "vcf": "text/vcard; charset=utf-8",
}
_CHUNK_BYTES: Final = 1 << 18


@dataclass(frozen=True, slots=True)
class Exports:
    """The handlers of one entity."""

    entity: Entity

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get(f"/{self.entity.plural}/export", self.export),
            web.get(f"/api/v1/{self.entity.plural}/export", self.export),
        ]

    async def export(self, request: web.Request) -> web.StreamResponse:
        """Take the rows of a list out as a file: `format` csv, xlsx, and of contacts vcf.

        `f`, `any`, `sort`, `cols`, `q` and `view` as in a list's address; `ids` for some rows only;
        `delimiter` of CSV: semicolon, comma or tab.
        """
        who = require(request, self.entity.name, "export")
        kind = request.query.get("format", "csv")
        delimiter = DELIMITERS.get(request.query.get("delimiter", "semicolon"))
        if kind not in TYPES or (kind == "vcf" and self.entity.cards is None):
            raise BadInput({"format": MISFIT})
        if delimiter is None:
            raise BadInput({"delimiter": MISFIT})
        async with request.app[DATABASE].read() as session:
            now = await asked(request, session, self.entity, who)
            if now.wrong:
                raise BadInput(dict(now.wrong))
            wanted = _only(request, await searched(session, now, who))
        await self._note(request, now, kind)
        found = exporting.pages(
            request.app[DATABASE], request.app[ENTITIES], self.entity, asker_of(request, who),
            wanted,
        )  # fmt: skip
        widths: dict[str, Width] = {}
        if kind != "vcf":
            widths = await exporting.widths(
                request.app[DATABASE], request.app[ENTITIES], self.entity,
                asker_of(request, who), wanted,
            )  # fmt: skip
        response = web.StreamResponse(
            headers={
                "Content-Type": TYPES[kind],
                "Content-Disposition": f'attachment; filename="{self.entity.plural}.{kind}"',
            }
        )
        await self._send(
            request, response, self._pieces(request, now, who, kind, delimiter, found, widths)
        )
        return response

    async def _send(
        self, request: web.Request, response: web.StreamResponse, pieces: AsyncIterator[bytes]
    ) -> None:
        await response.prepare(request)
        async for piece in pieces:
            await response.write(piece)
        await response.write_eof()

    def _pieces(
        self, request: web.Request, now: Asked, who: Identity, kind: str, delimiter: str,
        found: AsyncIterator[Page], widths: Mapping[str, Width],
    ) -> AsyncIterator[bytes]:  # fmt: skip
        if kind == "vcf":
            return self._cards(request, who, found)
        writer = Writer(
            request.app[ENTITIES], self.entity, [now.fields[name] for name in now.columns], who,
            language_of(request), zone_of(request), widths,
        )  # fmt: skip
        return exporting.csv(writer, found, delimiter) if kind == "csv" else _book(writer, found)

    async def _cards(
        self, request: web.Request, who: Identity, found: AsyncIterator[Page]
    ) -> AsyncIterator[bytes]:
        async for page in found:
            if self.entity.cards is not None and page.lines:
                async with request.app[DATABASE].read() as session:
                    ids = [line.id for line in page.lines]
                    yield (await self.entity.cards(session, ids, who)).encode()

    async def _note(self, request: web.Request, now: Asked, kind: str) -> None:
        """Write down who takes what out, before any of it is gone."""
        diff: dict[str, Any] = {
            "format": [None, kind], "columns": [None, list(now.columns)],
            "filter": [None, filters.written(now.filter, now.fields)],
        }  # fmt: skip
        async with request.app[DATABASE].write() as session:
            audit.record(
                session, request.app[CLOCK](), entity=self.entity.name, action="export", diff=diff,
                **actor(request),
            )  # fmt: skip


async def _book(writer: Writer, found: AsyncIterator[Page]) -> AsyncIterator[bytes]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.xlsx"
        await exporting.workbook(writer, found, path)
        with path.open("rb") as file:
            while piece := file.read(_CHUNK_BYTES):
                yield piece


def _only(request: web.Request, wanted: Wanted) -> Wanted:
    """Return the same of the rows that the address names only."""
    if not (named := request.query.get("ids", "")):
        return wanted
    ids = tuple(n for word in named.split(",") if (n := whole_number(word)) is not None)
    if wanted.ids is not None:
        ids = tuple(one for one in wanted.ids if one in ids)
    return replace(wanted, ids=ids)

"""A board: the rows of a list, in columns by one of their fields.

Its columns are `sections`. A card is moved by dragging, by its menu or by keys; all three send the
same form, and what refuses the move says why.

An entity may have several boards, one for each value of another field (`Entity.board_of`): a board
for each pipeline, its columns the stages of that one.

Template records/board.html (columns [Section], boards: [(value, label)], board: the one that is shown,
problem) and records/board_rows.html for the cards of one column that follow `after`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from aiohttp import web

from callcenter.entity import listing, saving
from callcenter.entity.description import Condition, Entity, Field
from callcenter.entity.keys import ENTITIES
from callcenter.entity.listing import Wanted
from callcenter.entity.pages.asked import Asked, asked, asker_of
from callcenter.entity.pages.lists import head, masked_fields, searched
from callcenter.entity.pages.sections import Section, Sections, money
from callcenter.entity.reading import Unreadable, read_text
from callcenter.entity.requests import context_of, deed_of, tell
from callcenter.entity.rights import access
from callcenter.entity.showing import Showing
from callcenter.errors import BadInput, ChangedMeanwhile, NotFound, Problem
from callcenter.server.body import path_id, read_form, seen_version
from callcenter.server.errors import sentence, sentences
from callcenter.server.i18n import language_of
from callcenter.server.identity import Identity, require
from callcenter.server.keys import DATABASE
from callcenter.server.pages import redirect, render, zone_of

CARDS = 20


@dataclass(frozen=True, slots=True)
class Boards:
    """The handlers of one entity."""

    entity: Entity

    def routes(self) -> list[web.RouteDef]:
        many = f"/{self.entity.plural}"
        return [
            web.get(f"{many}/board", self.show),
            web.post(f"{many}/{{id:\\d+}}/move", self.move),
        ]

    async def show(self, request: web.Request) -> web.Response:
        who = require(request, self.entity.name, "read")
        return await self._board(request, who)

    async def move(self, request: web.Request) -> web.Response:
        """Put a card into another column."""
        who, field = require(request, self.entity.name, "edit"), self._field(request)
        values = await read_form(request)
        try:
            given = {field.name: read_text(field, values.get("to", ""), context_of(request))}
            async with request.app[DATABASE].write() as session:
                deed = deed_of(request, session, self.entity)
                row = await saving.change(deed, path_id(request), given, seen_version(values))
        except Unreadable as problem:
            return await self._board(request, who, BadInput({field.name: problem.sentence}))
        except (BadInput, ChangedMeanwhile) as problem:
            return await self._board(request, who, problem)
        tell(request, self.entity, row)
        return redirect(request, f"/{self.entity.plural}/board?{request.query_string}")

    def _field(self, request: web.Request) -> Field:
        return request.app[ENTITIES].fields(self.entity.name)[self.entity.board]

    async def _board(
        self, request: web.Request, who: Identity, problem: Problem | None = None
    ) -> web.Response:
        field = self._field(request)
        if access(self.entity, field, who) in ("hidden", "masked"):
            raise NotFound
        async with request.app[DATABASE].read() as session:
            now = await asked(request, session, self.entity, who)
            wanted = replace(await searched(session, now, who), columns=self._columns(now))
            boards, board = self._boards(request)
            if board:
                wanted = self._of_board(request, who, wanted, board)
            amounts = (self.entity.board_sum,) if self.entity.board_sum else money(now)
            sections = Sections(self.entity, field, request, who, amounts)
            moves = self._stages(request, field, board) or await sections.values(session)
            if (value := request.query.get("column")) is not None:
                after = request.query.get("after")
                column = await sections.more(session, wanted, value, after, CARDS)
                rows = {"moves": moves, "board": board}
                return self._page(request, now, who, [column], "records/board_rows.html", rows)
            columns = [
                await sections.one(session, wanted, value, label, CARDS) for value, label in moves
            ]
            above = await head(request, session, now, who)
        shown = {
            "problem": _say(request, problem),
            "tab": "board",
            "editor": None,
            "moves": moves,
            "boards": boards,
            "board": board,
            **above,
        }
        status = problem.status if problem else 200
        return self._page(request, now, who, columns, "records/board.html", shown, status=status)

    def _page(
        self,
        request: web.Request,
        now: Asked,
        who: Identity,
        columns: Sequence[Section],
        template: str,
        shown: dict[str, Any],
        *,
        status: int = 200,
    ) -> web.Response:
        names = {key: name for column in columns for key, name in column.page.names.items()}
        showing = Showing(request.app[ENTITIES], language_of(request), zone_of(request), names)
        return render(
            request, template, status=status, entity=self.entity, asked=now, columns=columns,
            showing=showing, fields=[now.fields[name] for name in self._columns(now)],
            masked=masked_fields(now, who), may_move=self._may_move(request, who), **shown,
        )  # fmt: skip

    def _may_move(self, request: web.Request, who: Identity) -> bool:
        return access(self.entity, self._field(request), who) == "write"

    def _columns(self, now: Asked) -> tuple[str, ...]:
        """Return what a card says besides its title."""
        return tuple(
            name for name in now.columns if name not in (self.entity.board, self.entity.title)
        )

    def _boards(self, request: web.Request) -> tuple[list[tuple[str, str]], str]:
        """Return the boards there are, (value, label), and the one that is asked for."""
        if not self.entity.board_of:
            return [], ""
        registry, language = request.app[ENTITIES], language_of(request)
        field = registry.fields(self.entity.name)[self.entity.board_of]
        boards = [
            (str(choice.id), choice.text(language))
            for choice in registry.list(field.options)
            if choice.active
        ]
        values = [value for value, _label in boards]
        asked = request.query.get("of", "")
        return boards, asked if asked in values else next(iter(values), "")

    def _of_board(self, request: web.Request, who: Identity, wanted: Wanted, board: str) -> Wanted:
        """Narrow what is wanted to the rows of one board."""
        asker = asker_of(request, who)
        here = Condition(self.entity.board_of, "is", int(board))
        registry = request.app[ENTITIES]
        return replace(
            wanted, also=wanted.also & listing.meeting(here, registry, self.entity, asker)
        )

    def _stages(self, request: web.Request, field: Field, board: str) -> list[tuple[str, str]]:
        """Return the columns of one of several boards, (value, label); none if it is the only one."""
        return [
            (str(choice.id), choice.own_text(language_of(request)))
            for choice in request.app[ENTITIES].list(field.options)
            if board and choice.of == int(board)
        ]


def _say(request: web.Request, problem: Problem | None) -> str:
    if isinstance(problem, BadInput) and problem.fields:
        return " ".join(dict.fromkeys(sentences(request, problem).values()))
    return sentence(request, problem) if problem is not None else ""

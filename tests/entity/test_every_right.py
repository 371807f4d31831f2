"""Nobody reads or changes a row or a field that he may not, of any entity, on any way.

Made from the registry: an entity that is added is tested here, on its pages (the general ones and
its own), over REST, in the search box, in files taken out, in its history and in the stream of
changes, by its description alone. Each text of each row is one that stands nowhere else, so what
somebody may not read is looked for in all that he is told. What the socket tells is held to the
same in `tests/service/test_covering`.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import date
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Enum, select, update

from callcenter import audit
from callcenter.agents.models import Role, Team
from callcenter.agents.roles import ACTIONS
from callcenter.app import site
from callcenter.app.entities import ENTITIES
from callcenter.crm.finding import texts
from callcenter.db import Database, Instant, new_id
from callcenter.entity.description import Entity, Field
from callcenter.entity.files import Folder
from callcenter.entity.keys import ENTITIES as REGISTRY
from callcenter.entity.models import File, Involvement
from callcenter.entity.reading import NOT_AN_ID
from callcenter.entity.saving import NOT_YOURS, TAKEN
from callcenter.server.actor import SYSTEM
from callcenter.server.keys import SETTINGS
from tests.entity.shelf import BOOK, Kept
from tests.entity.ways import lists_of, ways_to
from tests.fixtures.customers import NOW
from tests.fixtures.database import copied_sqlite
from tests.fixtures.house import Browser, House, Page, house_on

TESTED = tuple(entity for entity in (*ENTITIES, BOOK) if entity.has_pages)
LEVELS = ("none", "own", "team", "all")
#: Whose each row is, and from which level on it is reached.
ROWS = {"own": "own", "colleague": "team", "below": "team", "shared": "all", "stranger": "all"}
SHARED = ("read", "edit")
_TEAMS = {"own": 1, "colleague": 1, "below": 2, "shared": 3, "stranger": 3}


def names(entity: Entity) -> str:
    return entity.name


def secret_fields(entity: Entity) -> Iterator[Field]:
    """Return the fields that can hold a text which stands nowhere else."""
    columns = entity.model.__table__.columns
    for field in entity.fields:
        is_text = field.type in ("text", "long_text") and field.check is None and field.writable
        if is_text and field.virtual is None and field.name in columns and field.limit >= 40:
            yield field


def secret(whose: str, field: str) -> str:
    return f"q{whose}x{field.replace('_', '')}q"


def made(entity: Entity, whose: str, row_id: int, owner: int, team: int) -> Any:
    """Return a row with a secret in each text, and something in each column that needs it."""
    texts = {field.name: secret(whose, field.name) for field in secret_fields(entity)}
    values: dict[str, Any] = {**texts, entity.title: secret(whose, entity.title)}
    if entity.derive is not None:
        values |= dict(entity.derive(None, values))
    values |= {
        "id": row_id,
        "created_at": NOW,
        "updated_at": NOW,
        "created_by": owner,
        "version": 1,
    }
    if entity.is_owned:
        values |= {"owner_id": owner, "team_id": team}
    for column in entity.model.__table__.columns:
        is_needed = not column.nullable and column.default is None and column.server_default is None
        if is_needed and values.get(column.name) is None:
            values[column.name] = _something(column)
    return entity.model(**values)


def _something(column: Any) -> Any:
    if isinstance(column.type, Enum):
        return column.type.enums[-1]
    if isinstance(column.type, Instant):
        return NOW
    held = column.type.python_type
    return NOW.date() if held is date else held()


class Archive:
    """Rows of one entity: Anna's, her team's, of a team below, shared with her, and a stranger's."""

    def __init__(self, house: House, entity: Entity, anna: Browser, rows: dict[str, int]) -> None:
        self.house = house
        self.entity = entity
        self.anna = anna
        self.rows = rows

    async def may(self, rights: dict[str, str], fields: dict[str, str] | None = None) -> None:
        async with self.house.database.write() as session:
            await session.execute(
                update(Role)
                .where(Role.key == "agent")
                .values(grants={self.entity.name: rights}, fields={self.entity.name: fields or {}})
            )

    async def told(self) -> str:
        """Return everything that Anna is told of the entity, on any way, as one text."""
        many, api = f"/{self.entity.plural}", f"/api/v1/{self.entity.plural}"
        ways = [
            *lists_of(self.house.app, self.entity), f"{many}?q=q", f"{many}/pick?q=q",
            f"{api}?words=1", f"/api/v1/events?entity={self.entity.name}",
        ]  # fmt: skip
        for row_id in self.rows.values():
            ways += [way for _how, way in ways_to(self.house.app, self.entity, row_id, "GET")]
            ways += [f"{api}/{row_id}?words=1"]
        # The beginning of the name alone, which the page says again.
        for whose in self.rows:
            ways += [f"/search?q=q{whose}", f"/api/v1/search?q=q{whose}"]
        # A few at a time, as browsers ask: a hundred at once keep the check of readiness waiting.
        turn = asyncio.Semaphore(8)

        async def opened(way: str) -> Page:
            async with turn:
                return await self.anna.open(way)

        answers = await asyncio.gather(*map(opened, ways))
        failed = {
            way: answer.status
            for way, answer in zip(ways, answers, strict=True)
            if answer.status >= 500
        }
        assert failed == {}
        return "".join(answer.text for answer in answers)

    async def asked(self, method: str, way: str) -> Page:
        """Return the answer to a request, whose form or body says nothing."""
        if method == "GET":
            return await self.anna.open(way)
        if way.startswith("/api/"):
            return await self.anna.call(method, way, {})
        return await self.anna.submit(way)

    async def taken_out(self) -> str:
        """Return all that Anna may take out as files, as one text; "" if she may not."""
        path, columns = (
            f"/{self.entity.plural}/export",
            ",".join(f.name for f in self.entity.fields),
        )
        kinds = ("csv", "vcf") if self.entity.cards is not None else ("csv",)
        answers = [await self.anna.open(f"{path}?cols={columns}&format={kind}") for kind in kinds]
        assert {answer.status for answer in answers} in ({200}, {403})
        return "".join(answer.text for answer in answers if answer.status == 200)

    async def set_aside(self) -> set[str]:
        async with self.house.database.read() as session:
            model: Any = self.entity.model
            gone = set(await session.scalars(select(model.id).where(model.deleted_at.is_not(None))))
        return {whose for whose, row_id in self.rows.items() if row_id in gone}

    async def with_text(self, field: str, text: str) -> set[str]:
        """Return whose rows hold a text in a field."""
        async with self.house.database.read() as session:
            model: Any = self.entity.model
            held = getattr(model, field)
            found = set(await session.scalars(select(model.id).where(held == text)))
        return {whose for whose, row_id in self.rows.items() if row_id in found}

    async def bring_back(self) -> None:
        async with self.house.database.write() as session:
            await session.execute(update(self.entity.model).values(deleted_at=None))


@asynccontextmanager
async def archive_of(entity: Entity, database: Database, folder: Path) -> AsyncIterator[Archive]:
    rows = {whose: new_id(place + 1) for place, whose in enumerate(ROWS)}
    async with database.write() as session:
        await (await session.connection()).run_sync(Kept.metadata.create_all)
        for team, parent in ((1, None), (2, 1), (3, None)):
            session.add(
                Team(id=team, name=f"T{team}", parent_id=parent, created_at=NOW, updated_at=NOW)
            )
    entities = (*ENTITIES, BOOK)
    async with house_on(database, folder, routes=site.ROUTES, entities=entities) as house:
        people = {
            "own": await house.person("anna", locale="en", team_id=1),
            **{whose: await house.person(whose, team_id=team)
               for whose, team in _TEAMS.items() if whose != "own"},
        }  # fmt: skip
        async with database.write() as session:
            for whose, row_id in rows.items():
                session.add(made(entity, whose, row_id, people[whose].id, _TEAMS[whose]))
                _tell(session, entity, whose, row_id)
            session.add(
                Involvement(
                    id=1, entity=entity.name, entity_id=rows["shared"], user_id=people["own"].id,
                    created_at=NOW,
                )
            )  # fmt: skip
        while await texts.step(database, house.app[REGISTRY], NOW):
            pass
        yield Archive(house, entity, await house.signed_in("anna"), rows)


def _tell(session: Any, entity: Entity, whose: str, row_id: int) -> None:
    diff = {field.name: [None, secret(whose, field.name)] for field in secret_fields(entity)}
    audit.record(
        session, NOW, entity=entity.name, entity_id=row_id, action="create", diff=diff, **SYSTEM
    )


def reached(level: str, action: str, whose: str) -> bool:
    is_shared = whose == "shared" and action in SHARED and level != "none"
    return level != "none" and (is_shared or LEVELS.index(ROWS[whose]) <= LEVELS.index(level))


@pytest.fixture(params=TESTED, ids=names)
async def archive(
    request: pytest.FixtureRequest, sqlite_database: Database, tmp_path: Path
) -> AsyncIterator[Archive]:
    async with archive_of(request.param, sqlite_database, tmp_path) as opened:
        yield opened


# ---------------------------------------------------------------- rows


async def test_everybody_is_told_of_the_rows_he_may_see_and_of_no_other(archive: Archive) -> None:
    title = archive.entity.title
    for level in LEVELS:
        await archive.may({"read": level})
        told = await archive.told()

        for whose in ROWS:
            seen = reached(level, "read", whose)
            assert (secret(whose, title) in told) == seen, (level, whose)
            if not seen:
                assert f"q{whose}x" not in told, (level, whose)


async def test_everybody_changes_the_rows_he_may_change_and_no_other(archive: Archive) -> None:
    field = next(secret_fields(archive.entity)).name
    for level in LEVELS:
        await archive.may({"read": "all", "edit": level})
        for whose, row_id in archive.rows.items():
            path = f"/api/v1/{archive.entity.plural}/{row_id}"
            text = secret(whose, field) + level

            done = await archive.anna.call("PATCH", path, {field: text})
            form = f"/{archive.entity.plural}/{row_id}/edit"
            page = await archive.anna.open(form)
            card = await archive.anna.open(f"/{archive.entity.plural}/{row_id}")

            assert (form in card.text) == reached(level, "edit", whose), (level, whose)
            expected = (200, 200) if reached(level, "edit", whose) else (refusal(level),) * 2
            assert (done.status, page.status) == expected, (level, whose, done.text)


async def test_everybody_changes_many_rows_at_once_by_the_same_right(archive: Archive) -> None:
    """On the pages for many rows: those that are marked, and all that the list finds."""
    fields = [field for field in secret_fields(archive.entity) if field.on_form]
    named = next((field for field in fields if field.name != archive.entity.title), None)
    path = f"/{archive.entity.plural}/bulk"
    marked = [("ids", str(row_id)) for row_id in archive.rows.values()]
    for level, which in product(LEVELS, (marked, [("everything", "1")])):
        await archive.may({"read": "all", "edit": level, "delete": level})
        if named is not None:
            text = f"q{level}x{len(which)}q"
            asked = [("field", named.name), (named.name, text), *which]
            await archive.anna.submit(f"{path}/change", asked)

            changed = await archive.with_text(named.name, text)
            assert changed == {whose for whose in ROWS if reached(level, "edit", whose)}, level
        await archive.anna.submit(f"{path}/delete", which)

        gone = await archive.set_aside()
        assert gone == {whose for whose in ROWS if reached(level, "delete", whose)}, level
        await archive.bring_back()


def by_key(entity: Entity) -> tuple[str, str] | None:
    """Return a key by which rows are found in bulk, and another text of them."""
    texts = [field.name for field in secret_fields(entity)]
    key = next((name for name in entity.keys if name in texts), "")
    other = next((name for name in texts if name not in (key, entity.title)), "")
    return (key, other) if key and other else None


@pytest.mark.parametrize("archive", [*filter(by_key, TESTED)], indirect=True, ids=names)
async def test_everybody_brings_in_rows_by_their_key_only_where_he_may(archive: Archive) -> None:
    """Over REST in bulk: who may add rows does not change those of others so."""
    key, named = by_key(archive.entity) or ("", "")
    for level in LEVELS:
        await archive.may({"read": "all", "create": "all", "edit": level})
        rows = [{key: secret(whose, key), named: f"q{level}xq"} for whose in ROWS]

        path = f"/api/v1/{archive.entity.plural}/upsert"
        answer = await archive.anna.call("POST", path, {"key": key, "rows": rows})

        changed = await archive.with_text(named, f"q{level}xq")
        assert changed == {whose for whose in ROWS if reached(level, "edit", whose)}, level
        failed = [row["status"] for row in answer.json["rows"]].count("failed")
        assert failed == len(ROWS) - len(changed), (level, answer.text)
        told = [row["error"] for row in answer.json["rows"] if row["status"] == "failed"]
        assert [error["fields"] for error in told] == [{key: NOT_YOURS}] * failed, level
    # A key that nobody else can take is told of as by adding it, of rows that he may not see; no more.
    await archive.may({"read": "own", "create": "all", "edit": "own"})
    hidden = [{key: secret(whose, key)} for whose in ROWS if not reached("own", "read", whose)]
    answer = await archive.anna.call("POST", path, {"key": key, "rows": hidden})
    assert [set(row) for row in answer.json["rows"]] == [{"status", "error"}] * len(hidden)
    for row in answer.json["rows"]:
        assert (row["error"]["code"], row["error"]["fields"]) == ("bad-input", {key: TAKEN})
    await archive.may({"read": "all", "edit": "all"})
    refused = await archive.anna.call("POST", path, {"key": key, "rows": rows})
    assert refused.status == 403


def board_of(entity: Entity) -> Field | None:
    """Return the field whose values are the columns of a board, if the description says them."""
    named = (field for field in entity.fields if field.name == entity.board)
    return next((field for field in named if field.choices), None)


@pytest.mark.parametrize("archive", [*filter(board_of, TESTED)], indirect=True, ids=names)
async def test_everybody_moves_the_cards_of_a_board_that_he_may_change(archive: Archive) -> None:
    board = board_of(archive.entity)
    assert board is not None
    for level, column in product(LEVELS, board.choices):
        await archive.may({"read": "all", "edit": level})
        before = await archive.with_text(board.name, column)
        statuses = {
            whose: (
                await archive.anna.submit(f"/{archive.entity.plural}/{row_id}/move", {"to": column})
            ).status
            for whose, row_id in archive.rows.items()
        }

        may = {whose for whose in ROWS if reached(level, "edit", whose)}
        moved = await archive.with_text(board.name, column) - before
        # Into some columns nobody moves a card by hand, and is told so.
        assert moved <= may, (level, column)
        refused = {whose for whose in ROWS if statuses[whose] == refusal(level)}
        assert refused == ROWS.keys() - may, (level, column)
        assert moved | {whose for whose in may if statuses[whose] == 422} >= may - before


async def test_everybody_sets_aside_the_rows_he_may_delete_and_no_other(archive: Archive) -> None:
    for level, way in product(LEVELS, ("api", "page")):
        await archive.may({"read": "all", "delete": level})
        for row_id in archive.rows.values():
            if way == "api":
                await archive.anna.call("DELETE", f"/api/v1/{archive.entity.plural}/{row_id}")
            else:
                await archive.anna.submit(f"/{archive.entity.plural}/{row_id}/delete")

        expected = {whose for whose in ROWS if reached(level, "delete", whose)}
        assert await archive.set_aside() == expected, (level, way)
        await archive.bring_back()


async def test_what_is_in_the_trash_comes_back_only_by_who_may_delete_it(archive: Archive) -> None:
    await archive.may({"read": "all", "delete": "all"})
    for row_id in archive.rows.values():
        await archive.anna.call("DELETE", f"/api/v1/{archive.entity.plural}/{row_id}")
    for level in LEVELS:
        await archive.may({"read": "all", "delete": level})
        before = await archive.set_aside()
        for row_id in archive.rows.values():
            await archive.anna.call("POST", f"/api/v1/{archive.entity.plural}/{row_id}/restore")

        back = before - await archive.set_aside()
        assert back == {whose for whose in before if reached(level, "delete", whose)}, level


async def test_everybody_takes_out_the_rows_he_may_and_no_other(archive: Archive) -> None:
    for level in LEVELS:
        await archive.may({"read": "all", "export": level})
        text = await archive.taken_out()

        taken = {whose for whose in ROWS if secret(whose, archive.entity.title) in text}
        assert taken == {whose for whose in ROWS if reached(level, "export", whose)}, level


def to_its_own_kind(entity: Entity) -> Field | None:
    """Return a field that names another row of the same entity, such as a person's company."""
    named = (each for each in entity.fields if each.type == "reference" and each.writable)
    return next(
        (each for each in named if each.refers_to == entity.name and not each.virtual), None
    )


@pytest.mark.parametrize("archive", [*filter(to_its_own_kind, TESTED)], indirect=True, ids=names)
async def test_nobody_names_a_row_that_he_may_not_see(archive: Archive) -> None:
    """Else its name would be told beside it."""
    field = to_its_own_kind(archive.entity)
    assert field is not None
    path = f"/api/v1/{archive.entity.plural}/{archive.rows['own']}"
    for level, whose in product(("own", "team", "all"), ROWS):
        if whose == "own":
            continue
        await archive.may({"read": level, "edit": "own"})
        answer = await archive.anna.call("PATCH", path, {field.name: archive.rows[whose]})

        wrong = answer.json.get("error", {}).get("fields", {}).get(field.name)
        assert (wrong != NOT_AN_ID) == reached(level, "read", whose), (level, whose, answer.text)


async def test_the_files_of_a_row_are_had_and_changed_as_the_row_is(archive: Archive) -> None:
    plural, ids = archive.entity.plural, {whose: new_id(100 + n) for n, whose in enumerate(ROWS)}
    folder = Folder(archive.house.app[SETTINGS].data_path)
    sha256 = await folder.keep(b"what was agreed")
    async with archive.house.database.write() as session:
        session.add_all(
            File(id=ids[whose], entity=archive.entity.name, entity_id=row_id, name="terms.pdf",
                 mime="x/y", size=1, sha256=sha256, created_at=NOW)
            for whose, row_id in archive.rows.items()
        )  # fmt: skip
    for level in LEVELS:
        for whose, row_id in archive.rows.items():
            path = f"/{plural}/{row_id}/files"
            await archive.may({"read": level, "edit": "none"})
            had = await archive.anna.open(f"{path}/{ids[whose]}")
            expected = 200 if reached(level, "read", whose) else refusal(level)
            assert had.status == expected, (level, whose)
            # Nor by way of a row of one's own.
            other = await archive.anna.open(f"/{plural}/{archive.rows['own']}/files/{ids[whose]}")
            assert (other.status == 200) == (whose == "own" and level != "none"), (level, whose)

            await archive.may({"read": "all", "edit": level})
            put = await archive.anna.submit(path, {"file": ""})
            dropped = await archive.anna.submit(f"{path}/{ids[whose]}/delete")
            may_edit = reached(level, "edit", whose)
            assert dropped.status == (303 if may_edit else refusal(level)), (level, whose)
            assert put.status == (403 if level == "none" else 422), (level, whose)
        async with archive.house.database.write() as session:
            await session.execute(update(File).values(deleted_at=None))


async def test_nobody_adds_a_row_who_may_not(archive: Archive) -> None:
    path = f"/api/v1/{archive.entity.plural}"
    await archive.may({"read": "all"})

    refused = await archive.anna.call("POST", path, {archive.entity.title: "x"})
    form = await archive.anna.open(f"/{archive.entity.plural}/new")

    assert (refused.status, form.status) == (403, 403)


def refusal(level: str) -> int:
    """Who may do it to nothing is told so; else the row is simply not there for him."""
    return 403 if level == "none" else 404


async def test_a_row_that_one_may_not_see_is_answered_as_one_that_never_was(
    archive: Archive,
) -> None:
    """On each way to a row, so that nobody finds out which ids there are."""
    app, entity = archive.house.app, archive.entity
    for level in ("none", "own"):
        await archive.may(dict.fromkeys(ACTIONS, level))
        asked = zip(
            ways_to(app, entity, archive.rows["stranger"]), ways_to(app, entity, new_id(99)),
            strict=True,
        )  # fmt: skip
        told = {}
        for (how, there), (_how, never) in asked:
            answers = [await archive.asked(how, way) for way in (there, never)]
            told[f"{how} {never}"] = [(each.status, _words(each.text)) for each in answers]
        differs = {way: pair for way, pair in told.items() if pair[0] != pair[1]}
        assert differs == {}, level
        found = [way for way, pair in told.items() if pair[0][0] in (200, 303)]
        assert (len(told) > 15, found) == (True, []), level


def _words(page: str) -> str:
    """Return what a page says, without what is another at each request."""
    return re.sub(r"\d{9,}|[\w-]{30,}", "", page)


# ---------------------------------------------------------------- fields


async def test_each_field_is_told_by_nobody_from_whom_it_is_covered(archive: Archive) -> None:
    fields = [
        field for field in secret_fields(archive.entity) if field.name != archive.entity.title
    ]
    for cover in ("hidden", "masked"):
        rights = dict.fromkeys(("read", "edit", "export"), "all")
        await archive.may(rights, {field.name: cover for field in fields})
        told = await archive.told() + await archive.taken_out()

        for field, whose in product(fields, ROWS):
            assert secret(whose, field.name) not in told, (cover, field.name)


async def test_no_row_is_found_by_a_word_of_a_covered_field(archive: Archive) -> None:
    entity, registry = archive.entity, archive.house.app[REGISTRY]
    fields = [
        field for field in texts.looked_through(entity, registry)
        if field in secret_fields(entity) and field.name != entity.title
    ]  # fmt: skip
    for cover, field in product(("", "masked", "hidden"), fields):
        await archive.may({"read": "all"}, {field.name: cover} if cover else {})
        for root in ("/search", "/api/v1/search"):
            found = await archive.anna.open(f"{root}?q={secret('own', field.name)}")
            told = str(archive.rows["own"]) in found.text
            assert told == (not cover), (root, cover, field.name)


async def test_nothing_is_sorted_or_filtered_by_a_covered_field(archive: Archive) -> None:
    entity = archive.entity
    described = {field.name: field for field in entity.fields}
    rights = dict.fromkeys(("read", "export"), "all")
    for cover in ("masked", "hidden"):
        for sort in entity.sorts:
            names = [
                name for name in (sort.name, *sort.columns) if _may_be_covered(described, name)
            ]
            if not names:
                continue
            await archive.may(rights, dict.fromkeys(names, cover))
            plain = await archive.anna.open(f"/{entity.plural}")
            assert f"sort={sort.name}" not in plain.text, sort.name
            asked = [f"/{entity.plural}", f"/{entity.plural}/export", f"/api/v1/{entity.plural}"]
            told = [(await archive.anna.open(f"{path}?sort=-{sort.name}")).status for path in asked]
            assert told == [422] * 3, (sort.name, cover)
        for field in (entity.board, entity.calendar):
            if field and _may_be_covered(described, field):
                await archive.may(rights, {field: cover})
                way = "board" if field == entity.board else "calendar"
                assert (await archive.anna.open(f"/{entity.plural}/{way}")).status == 404
    for field in secret_fields(entity):
        if field.name != entity.title and field.filterable:
            await archive.may(rights, {field.name: "masked"})
            asked = f"f={field.name}~begins~q"
            guess = await archive.anna.open(f"/api/v1/{entity.plural}?{asked}")
            page = await archive.anna.open(f"/{entity.plural}?{asked}")
            taken = await archive.anna.open(f"/{entity.plural}/export?{asked}")
            assert (guess.status, str(archive.rows["own"]) in page.text + taken.text) == (
                422,
                False,
            )


def _may_be_covered(described: dict[str, Field], name: str) -> bool:
    return name in described and not described[name].is_open


async def test_a_covered_field_is_neither_changed_nor_asked_for(archive: Archive) -> None:
    fields = [
        field for field in secret_fields(archive.entity) if field.name != archive.entity.title
    ]
    path = f"/api/v1/{archive.entity.plural}/{archive.rows['own']}"
    for cover in ("read", "masked", "hidden"):
        await archive.may({"read": "all", "edit": "all"}, {field.name: cover for field in fields})
        for field in fields:
            guesses = (secret("own", field.name), "something else")
            # What one reads, one may send back; a covered value cannot be guessed so.
            expected = [200, 422] if cover == "read" else [422, 422]
            found = [
                (await archive.anna.call("PATCH", path, {field.name: each})).status
                for each in guesses
            ]
            assert found == expected, (cover, field.name)
        if cover == "hidden" and fields:
            asked = await archive.anna.call("GET", f"{path}?fields={fields[0].name}")
            assert asked.status == 422
        form = await archive.anna.open(f"/{archive.entity.plural}/{archive.rows['own']}/edit")
        inputs = [field.name for field in fields if f'name="{field.name}"' in form.text]
        assert (form.status, inputs) == (200, []), cover


COVERS = st.sampled_from(("", "read", "masked", "hidden"))


@pytest.mark.parametrize("entity", TESTED, ids=names)
def test_nobody_ever_reads_a_row_or_a_field_he_may_not(
    entity: Entity, sqlite_template: Path, tmp_path: Path
) -> None:
    """Whatever a role says: any level for reading and editing, any cover on any field."""
    fields = [field.name for field in secret_fields(entity) if field.name != entity.title]
    cases: list[tuple[str, str, dict[str, str]]] = []

    @settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        st.sampled_from(LEVELS),
        st.sampled_from(LEVELS),
        st.fixed_dictionaries(dict.fromkeys(fields, COVERS)),
    )
    def draw(read: str, edit: str, covers: dict[str, str]) -> None:
        # A role's page gives nobody more to change than to see.
        cases.append((read, min(read, edit, key=LEVELS.index), covers))

    draw()
    asyncio.run(_all_hold(entity, cases, sqlite_template, tmp_path))


async def _all_hold(
    entity: Entity, cases: list[tuple[str, str, dict[str, str]]], template: Path, folder: Path
) -> None:
    url = await copied_sqlite(template, folder)
    async with Database(url) as database, archive_of(entity, database, folder) as archive:
        for read, edit, covers in cases:
            await archive.may({"read": read, "edit": edit}, covers)
            told = await archive.told()
            for whose, field in product(ROWS, secret_fields(entity)):
                seen = reached(read, "read", whose)
                is_covered = covers.get(field.name) in ("masked", "hidden")
                if not seen or is_covered:
                    assert secret(whose, field.name) not in told, (
                        read,
                        edit,
                        covers,
                        whose,
                        field.name,
                    )

"""Whose rows a person reaches, by his role, his teams and what was shared with him."""

from dataclasses import replace
from typing import Any

import msgspec
import pytest
from sqlalchemy import select, text

from callcenter.agents.models import Team, User
from callcenter.db import new_id
from callcenter.entity import listing, rights
from callcenter.entity.conditions import Asker
from callcenter.entity.models import Involvement
from callcenter.entity.rights import access, masked
from callcenter.server.identity import Identity
from tests.entity.shelf import BOOK, Book, Shelf, shelf
from tests.fixtures.customers import NOW, signed_in

__all__ = ["shelf"]

LEVELS = ("none", "own", "team", "all")


async def team(shelf: Shelf, team_id: int, parent_id: int | None = None) -> None:
    async with shelf.database.write() as session:
        session.add(
            Team(id=team_id, name=f"Team {team_id}", parent_id=parent_id, created_at=NOW, updated_at=NOW)
        )  # fmt: skip


async def share(shelf: Shelf, book: Book, user: User, entity: str = "book") -> None:
    async with shelf.database.write() as session:
        session.add(
            Involvement(id=new_id(0), entity=entity, entity_id=book.id, user_id=user.id, created_at=NOW)
        )  # fmt: skip


async def office(shelf: Shelf) -> dict[str, Any]:
    """Anna of team 1, below which is team 2; books of everybody's."""
    await team(shelf, 1)
    await team(shelf, 2, parent_id=1)
    await team(shelf, 3)
    anna = await shelf.office.user("Anna", team_id=1)
    colleague = await shelf.office.user("Orxan", team_id=1)
    below = await shelf.office.user("Below", team_id=2)
    stranger = await shelf.office.user("Stranger", team_id=3)
    books = {
        "own": await shelf.add(anna, name="own"),
        "colleague's": await shelf.add(colleague, name="colleague's"),
        "below": await shelf.add(below, name="below"),
        "the team's": await shelf.add(stranger, name="the team's", team_id=2),
        "shared": await shelf.add(stranger, name="shared"),
        "stranger's": await shelf.add(stranger, name="stranger's"),
    }
    await share(shelf, books["shared"], anna)
    # The same id in another entity is another row.
    await share(shelf, books["stranger's"], anna, entity="film")
    return {"anna": anna, "books": books}


def who(anna: User, level: str, action: str = "read") -> Identity:
    return msgspec.structs.replace(signed_in(anna, book={action: level}), subteams=frozenset({2}))


async def reached(shelf: Shelf, asking: Identity, action: str = "read") -> set[str]:
    async with shelf.database.read() as session:
        one = await session.scalars(
            select(Book.name).where(rights.visible_to(BOOK, asking, action))
        )
    found = set(one)
    if action == "read":
        assert await listed(shelf, asking) == found
    return found


async def listed(shelf: Shelf, asking: Identity) -> set[str]:
    """Return what a list shows, which is as much as it counts."""
    asker, wanted = (
        Asker(asking, NOW, "Asia/Baku"),
        listing.Wanted((), listing.order_of(BOOK, asking)),
    )
    async with shelf.database.read() as session:
        page = await listing.page(session, shelf.registry, BOOK, asker, wanted)
        assert await listing.count(session, shelf.registry, BOOK, asker, wanted) == len(page.lines)
    return {line.title for line in page.lines}


REACHED = {
    "none": set(),
    "own": {"own"},
    "team": {"own", "colleague's", "below", "the team's"},
    "all": {"own", "colleague's", "below", "the team's", "shared", "stranger's"},
}


@pytest.mark.parametrize("action", ["read", "edit", "delete", "export"])
@pytest.mark.parametrize("level", LEVELS)
async def test_each_level_reaches_its_rows_and_sharing_gives_reading_and_editing(
    shelf: Shelf, level: str, action: str
) -> None:
    facts = await office(shelf)

    found = await reached(shelf, who(facts["anna"], level, action), action)

    given = {"shared"} if action in ("read", "edit") and level != "none" else set()
    assert found == REACHED[level] | given


async def test_what_is_set_aside_is_reached_by_nobody(shelf: Shelf) -> None:
    facts = await office(shelf)
    async with shelf.database.write() as session:
        await session.execute(text("UPDATE book SET deleted_at = 1"))

    for level in LEVELS:
        assert await reached(shelf, who(facts["anna"], level)) == set()


async def test_whoever_reaches_rows_of_very_many_is_shown_the_same(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts = await office(shelf)
    few = await reached(shelf, who(facts["anna"], "team"))
    monkeypatch.setattr(rights, "MOST_OWNERS", 1)

    assert await reached(shelf, who(facts["anna"], "team")) == few


async def test_one_row_is_reached_or_not(shelf: Shelf) -> None:
    facts = await office(shelf)
    asking = who(facts["anna"], "own")

    async with shelf.database.read() as session:
        told = {
            name: await rights.is_reached(session, BOOK, asking, "read", book.id)
            for name, book in facts["books"].items()
        }

    assert {name for name, seen in told.items() if seen} == {"own", "shared"}


@pytest.mark.parametrize(
    ("granted", "own", "derived"),
    [
        (None, "write", "read"), ("read", "read", "read"), ("masked", "masked", "masked"),
        ("hidden", "hidden", "hidden"), ("nonsense", "write", "read"),
    ],
)  # fmt: skip
def test_a_role_covers_fields(granted: str | None, own: str, derived: str) -> None:
    fields = {} if granted is None else {"book": {"pages": granted}}
    asking = Identity(user_id=1, name="", login="", role_key="", fields=fields)
    pages = next(field for field in BOOK.fields if field.name == "pages")

    assert access(BOOK, pages, asking) == own
    assert access(BOOK, replace(pages, writable=False), asking) == derived


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, None), (True, True), ("+994501234567", "•••67"), ("abc", "•••"), ("", "•••"),
        (1234567, "•••67"), (["+994501234567"], ["•••67"]),
        (
            {"id": 7, "kind": "phone", "value": "050 123 45 67", "norm": "+994501234567"},
            {"id": 7, "kind": "phone", "value": "•••67", "norm": "•••67"},
        ),
    ],
)  # fmt: skip
def test_a_masked_value_shows_its_end_at_most(value: Any, shown: Any) -> None:
    assert masked(value) == shown

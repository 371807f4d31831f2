"""Each record has a history in the reader's words, and can be shared with others."""

import re
from typing import Any

import pytest
from sqlalchemy import select

from callcenter.agents.models import Team, User
from callcenter.audit import Audit
from tests.entity.library import BOOKS, Library, library
from tests.fixtures.customers import NOW
from tests.fixtures.house import Browser

__all__ = ["library"]

SHARE = {"read": "own", "edit": "own", "create": "all"}


async def history(browser: Browser, book: dict[str, Any], query: str = "") -> Any:
    read = await browser.call("GET", f"{BOOKS}/{book['id']}/history{query}", Accept_Language="en")
    return read.json if read.status == 200 else read.status


def changes(line: dict[str, Any]) -> dict[str, tuple[str, str]]:
    return {change["label"]: (change["old"], change["new"]) for change in line["changes"]}


# ---------------------------------------------------------------- history


async def test_old_and_new_are_told_in_words_with_who_changed_them(library: Library) -> None:
    boris = await library.house.person("boris", name="Boris")
    book = await library.add("Koroğlu", bought="2026-11-20")
    path = f"{BOOKS}/{book['id']}"
    await library.anna.call("PATCH", path, {"state": "lent", "owner_id": boris.id, "bought": None})

    newest, first = (await history(library.anna, book))["lines"]

    assert (first["action"], newest["action"], newest["who"]) == ("Added", "Changed", "Anna")
    assert changes(newest) == {
        "Status": ("Yes", "No"), "Owner": ("Anna", "Boris"), "Bought": ("20 Nov 2026", ""),
    }  # fmt: skip


async def test_a_history_is_read_page_by_page(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("callcenter.entity.history.PAGE_ROWS", 2)
    book = await library.add("Koroğlu")
    for pages in range(4):
        await library.anna.call("PATCH", f"{BOOKS}/{book['id']}", {"pages": pages})

    seen, page = [], await history(library.anna, book)
    for _ in range(10):
        seen += page["lines"]
        if page["after"] is None:
            break
        page = await history(library.anna, book, f"?after={page['after']}")

    assert [changes(line).get("Pages") for line in seen] == [
        ("2", "3"), ("1", "2"), ("0", "1"), ("", "0"), None,
    ]  # fmt: skip


async def test_the_page_shows_what_the_api_tells(library: Library) -> None:
    book = await library.add("Koroğlu")
    await library.anna.call("PATCH", f"{BOOKS}/{book['id']}", {"name": "Koroğlu <II>"})

    page = await library.anna.open(f"/books/{book['id']}/history")

    assert "<del>Koroğlu</del> <ins>Koroğlu &lt;II&gt;</ins>" in page.text
    assert f'href="/books/{book["id"]}"' in page.text


async def test_covered_fields_stay_covered_in_the_history(library: Library) -> None:
    book = await library.add("Koroğlu", pages=123456, state="lent")
    boris = await library.visitor("boris", read="all")
    await library.may("supervisor", {"read": "all"}, pages="masked", state="hidden")

    (line,) = (await history(boris, book))["lines"]

    assert changes(line)["Pages"] == ("", "•••56")
    assert "Status" not in changes(line)


async def test_the_history_of_what_one_may_not_see_is_not_there(library: Library) -> None:
    book = await library.add("Koroğlu")
    boris = await library.visitor("boris", read="own")

    assert await history(boris, book) == 404
    assert (await boris.open(f"/books/{book['id']}/history")).status == 404


async def test_the_history_of_what_is_in_the_trash_can_still_be_read(library: Library) -> None:
    book = await library.add("Koroğlu")
    await library.anna.call("DELETE", f"{BOOKS}/{book['id']}")

    assert (await history(library.anna, book))["lines"][0]["action"] == "Put into the trash"


@pytest.mark.parametrize("path", ["/films/7/history", "/users/7/history", "/books/7/history"])
async def test_there_is_no_history_of_what_is_none(library: Library, path: str) -> None:
    assert (await library.anna.open(path)).status == 404
    assert (await library.anna.call("GET", f"/api/v1{path}")).status == 404


# ---------------------------------------------------------------- sharing


async def who_is(library: Library, login: str) -> User:
    async with library.house.database.read() as session:
        return (await session.scalars(select(User).where(User.login == login))).one()


async def test_a_shared_row_can_be_read_and_changed_until_it_is_shared_no_longer(
    library: Library,
) -> None:
    book = await library.add("Koroğlu")
    path = f"{BOOKS}/{book['id']}"
    boris = await library.visitor("boris", **SHARE)
    person = await who_is(library, "boris")
    assert (await boris.call("GET", path)).status == 404

    shared = await library.anna.call("POST", f"{path}/access", {"user_id": person.id})
    assert shared.status == 204
    assert (await boris.call("PATCH", path, {"pages": 7})).status == 200
    assert (await boris.call("DELETE", path)).status == 403

    ended = await library.anna.call("DELETE", f"{path}/access/{person.id}")
    assert ended.status == 204
    assert (await boris.call("GET", path)).status == 404


async def test_sharing_is_done_on_a_page_and_stands_in_the_history(library: Library) -> None:
    book = await library.add("Koroğlu")
    boris = await library.house.person("boris", name="Boris")
    page = f"/books/{book['id']}/access"
    await library.anna.open(page)

    shared = await library.anna.submit(page, {"user_id": str(boris.id), "role": "follower"})
    told = await library.anna.open(page)
    ended = await library.anna.submit(f"{page}/{boris.id}/end")

    assert (shared.status, ended.status) == (303, 303)
    assert "Boris" in told.text
    assert re.search(rf'action="{page}/{boris.id}/end"', told.text)
    lines = (await history(library.anna, book))["lines"]
    assert [line["action"] for line in lines] == ["No longer shared", "Shared", "Added"]
    assert changes(lines[1]) == {"Shared with": ("", "Boris")}


@pytest.mark.parametrize("wrong", ["nobody", "twice", "left", "role"])
async def test_sharing_says_what_is_wrong_with_it(library: Library, wrong: str) -> None:
    book = await library.add("Koroğlu")
    boris = await library.house.person("boris")
    path = f"{BOOKS}/{book['id']}/access"
    wish: dict[str, Any] = {"user_id": 7 if wrong == "nobody" else boris.id}
    if wrong == "twice":
        await library.anna.call("POST", path, wish)
    if wrong == "left":
        async with library.house.database.write() as session:
            (await session.get_one(User, boris.id)).active = False
    if wrong == "role":
        wish["role"] = "king"

    refused = await library.anna.call("POST", path, wish)

    assert refused.status == 422
    assert list(refused.json["error"]["fields"]) == ["role" if wrong == "role" else "user_id"]


async def test_whoever_may_not_change_a_row_does_not_share_it(library: Library) -> None:
    book = await library.add("Koroğlu")
    boris = await library.visitor("boris", read="all", edit="own")
    person = await who_is(library, "boris")

    refused = await boris.call("POST", f"{BOOKS}/{book['id']}/access", {"user_id": person.id})

    assert refused.status == 404
    async with library.house.database.read() as session:
        assert await session.scalar(select(Audit).where(Audit.action == "share")) is None


# ---------------------------------------------------------------- why


async def why(browser: Browser, book: dict[str, Any]) -> list[str]:
    read = await browser.call("GET", f"{BOOKS}/{book['id']}/access", Accept_Language="en")
    reasons: list[str] = read.json["reasons"]
    return reasons


async def test_one_is_told_why_one_sees_a_row(library: Library) -> None:
    async with library.house.database.write() as session:
        session.add(Team(id=1, name="Sales", created_at=NOW, updated_at=NOW))
        (await session.get_one(User, library.person.id)).team_id = 1
    book = await library.add("Koroğlu", team_id=1)
    role = "Your role “Agent” lets you see all records of this kind."
    assert await why(library.anna, book) == [role, "You are the owner."]

    boris = await library.visitor("boris", read="team")
    person = await who_is(library, "boris")
    async with library.house.database.write() as session:
        colleague = await session.get_one(User, person.id)
        colleague.team_id, colleague.locale = 1, "en"
    await library.anna.call("POST", f"{BOOKS}/{book['id']}/access", {"user_id": person.id})

    assert await why(boris, book) == [
        "It belongs to the team “Sales”, which is yours or a part of yours.",
        "Its owner Anna is in your team or in a part of it.",
        "Anna shared it with you on 22 Nov 2026.",
    ]

"""The REST of any entity follows from its description."""

import asyncio
from typing import Any
from urllib.parse import quote

import pytest

from callcenter.db import new_id
from callcenter.entity.keys import ENTITIES
from callcenter.entity.models import CustomField
from tests.entity.library import BOOKS, Library, library, sqlite_library

__all__ = ["library", "sqlite_library"]


async def test_a_row_is_added_read_changed_set_aside_and_brought_back(library: Library) -> None:
    anna = library.anna
    made = await anna.call("POST", BOOKS, {"name": "Koroğlu", "pages": 320, "bought": "2026-11-20"})
    assert made.status == 201
    path = made.headers["Location"]
    book = {
        "id": made.json["id"], "version": 1, "name": "Koroğlu", "state": "here", "pages": 320,
        "bought": "2026-11-20", "owner_id": library.person.id, "team_id": None,
    }  # fmt: skip
    assert (made.json, made.headers["ETag"]) == (book, '"1"')
    assert (await anna.call("GET", path)).json == book

    changed = await anna.call("PATCH", path, {"pages": None}, If_Match='"1"')
    assert (changed.status, changed.headers["ETag"]) == (200, '"2"')
    assert changed.json == book | {"pages": None, "version": 2}

    assert (await anna.call("DELETE", path)).status == 204
    assert (await anna.call("GET", path)).status == 404
    back = await anna.call("POST", f"{path}/restore")
    assert (back.status, back.json["name"]) == (200, "Koroğlu")
    assert (await anna.call("POST", f"{path}/restore")).status == 404


async def test_one_asks_for_some_fields_and_for_words(sqlite_library: Library) -> None:
    book = await sqlite_library.add("Koroğlu", state="lent")

    read = await sqlite_library.anna.call(
        "GET", f"{BOOKS}/{book['id']}?fields=state,%20owner_id&words=1", Accept_Language="en"
    )

    assert read.json == {
        "id": book["id"], "version": 1, "state": "lent", "owner_id": sqlite_library.person.id,
        "words": {"state": "No", "owner_id": "Anna"},
    }  # fmt: skip


async def test_custom_fields_are_written_and_read_like_the_others(library: Library) -> None:
    async with library.house.database.write() as session:
        now = library.house.clock()
        session.add(
            CustomField(
                id=new_id(0), entity="book", key="shelf", type="integer", created_at=now,
                updated_at=now,
            )
        )  # fmt: skip
    await library.house.app[ENTITIES].load(library.house.database)

    book = await library.add("Koroğlu", **{"custom.shelf": 7})

    assert book["custom.shelf"] == 7
    read = await library.anna.call("GET", f"{BOOKS}/{book['id']}?fields=custom.shelf")
    assert read.json["custom.shelf"] == 7


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, {"name"}),
        ({"name": "K", "nonsense": 1}, {"nonsense"}),
        ({"name": 5, "pages": "many", "bought": "soon"}, {"name", "pages", "bought"}),
        ({"name": "K", "state": "eaten"}, {"state"}),
        ({"name": "K", "owner_id": 5}, {"owner_id"}),
    ],
)
async def test_each_field_that_does_not_fit_is_named(
    sqlite_library: Library, body: dict[str, Any], fields: set[str]
) -> None:
    refused = await sqlite_library.anna.call("POST", BOOKS, body)

    assert (refused.status, refused.json["error"]["code"]) == (422, "bad-input")
    assert set(refused.json["error"]["fields"]) == fields


async def test_a_field_that_is_none_cannot_be_asked_for(sqlite_library: Library) -> None:
    book = await sqlite_library.add("Koroğlu")

    refused = await sqlite_library.anna.call("GET", f"{BOOKS}/{book['id']}?fields=name,secret")

    assert (refused.status, set(refused.json["error"]["fields"])) == (422, {"fields"})


async def test_of_a_conflict_both_values_are_told_and_whose_the_other_is(
    sqlite_library: Library,
) -> None:
    book = await sqlite_library.add("Koroğlu", pages=100)
    path = f"{BOOKS}/{book['id']}"
    emin = await sqlite_library.visitor("emin", read="all", edit="all")
    await emin.call("PATCH", path, {"pages": 200}, If_Match='"1"')

    joined = await sqlite_library.anna.call("PATCH", path, {"state": "lent"}, If_Match='"1"')
    refused = await sqlite_library.anna.call("PATCH", path, {"pages": 300}, If_Match='"1"')
    never = await sqlite_library.anna.call("PATCH", path, {"pages": 300}, If_Match='"99"')

    assert (never.status, set(never.json["error"]["fields"])) == (422, {"version"})
    assert (joined.status, joined.json["pages"]) == (200, 200)
    assert refused.status == 409
    assert refused.json["error"]["conflict"] == {
        "field": "pages", "who": "Emin", "theirs": 200, "mine": 300,
    }  # fmt: skip


async def test_what_somebody_changed_since_is_not_deleted_unseen(sqlite_library: Library) -> None:
    book = await sqlite_library.add("Koroğlu", pages=100)
    path = f"{BOOKS}/{book['id']}"
    emin = await sqlite_library.visitor("emin", read="all", edit="all")
    await emin.call("PATCH", path, {"pages": 200})

    refused = await sqlite_library.anna.call("DELETE", path, If_Match='"1"')
    never = await sqlite_library.anna.call("DELETE", path, If_Match='"99"')
    still = await sqlite_library.anna.call("GET", path)
    done = await sqlite_library.anna.call("DELETE", path, If_Match='"2"')

    assert refused.status == 409
    assert refused.json["error"]["conflict"] == {
        "field": "pages", "who": "Emin", "theirs": None, "mine": None,
    }  # fmt: skip
    assert (never.status, still.status, done.status) == (422, 200, 204)


async def test_a_change_can_say_what_it_saw_instead_of_a_version(sqlite_library: Library) -> None:
    book = await sqlite_library.add("Koroğlu", pages=100)
    path = f"{BOOKS}/{book['id']}"
    emin = await sqlite_library.visitor("emin", read="all", edit="all")
    await emin.call("PATCH", path, {"pages": 200, "state": "lent"})

    fits = await sqlite_library.anna.call(
        "PATCH", path, {"bought": "2026-11-01", "was": {"bought": None, "pages": 100}}
    )
    refused = await sqlite_library.anna.call("PATCH", path, {"pages": 300, "was": {"pages": 100}})
    right = await sqlite_library.anna.call("PATCH", path, {"pages": 300, "was": {"pages": 200}})

    assert (fits.status, refused.status, right.status) == (200, 409, 200)
    assert refused.json["error"]["conflict"]["who"] == "Emin"
    assert right.json["pages"] == 300


async def test_many_rows_are_brought_in_by_a_key_and_each_is_answered(library: Library) -> None:
    known = await library.add("Koroğlu", pages=100)
    rows = [
        {"name": "Koroğlu", "pages": 320},
        {"name": "Nağıllar", "pages": "many"},
        {"name": "Nağıllar", "pages": 90},
        {"name": "Nağıllar", "pages": 90},
        {"pages": 5},
    ]

    done = await library.anna.call("POST", f"{BOOKS}/upsert", {"key": "name", "rows": rows})

    assert done.status == 200
    answers = done.json["rows"]
    assert [answer["status"] for answer in answers] == [
        "changed", "failed", "created", "same", "failed",
    ]  # fmt: skip
    assert answers[0] == {"status": "changed", "id": known["id"], "version": 2}
    assert set(answers[1]["error"]["fields"]) == {"pages"}
    assert answers[2]["id"] == answers[3]["id"]
    assert set(answers[4]["error"]["fields"]) == {"name"}


async def test_rows_that_two_senders_bring_at_once_are_there_once(library: Library) -> None:
    body = {"key": "name", "rows": [{"name": f"Book {number}"} for number in range(5)]}

    answers = await asyncio.gather(
        *(library.anna.call("POST", f"{BOOKS}/upsert", body) for _ in range(3))
    )

    ids = [[row["id"] for row in answer.json["rows"]] for answer in answers]
    assert ids[0] == ids[1] == ids[2]
    made = [row["status"] for answer in answers for row in answer.json["rows"]]
    assert made.count("created") == 5


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"key": "pages", "rows": []}, {"key": "One of these is wanted here: name."}),
        ({"key": "nonsense", "rows": []}, {"key": "One of these is wanted here: name."}),
        (
            {"key": "name", "rows": [{}] * 501},
            {"rows": "These are too many rows at once. Send up to 500."},
        ),
        ({"key": "name"}, {"rows": "This is needed."}),
        ({"key": "name", "rows": [5]}, {"rows[0]": "This value does not fit here."}),
    ],
)
async def test_what_is_no_list_of_rows_is_refused_and_says_what_is_wanted(
    sqlite_library: Library, body: dict[str, Any], says: dict[str, str]
) -> None:
    refused = await sqlite_library.anna.call("POST", f"{BOOKS}/upsert", body)

    assert (refused.status, refused.json["error"]["fields"]) == (422, says)


async def test_a_role_and_a_token_allow_no_more_than_they_name(sqlite_library: Library) -> None:
    book = await sqlite_library.add("Koroğlu")
    path = f"{BOOKS}/{book['id']}"
    reader = await sqlite_library.visitor("emin", read="all")
    program = await sqlite_library.house.browser()
    bearer = await sqlite_library.bearer("book:read")

    for who, headers in ((reader, {}), (program, bearer)):
        assert (await who.call("GET", path, **headers)).status == 200
        assert (await who.call("PATCH", path, {"pages": 1}, **headers)).status == 403
        assert (await who.call("DELETE", path, **headers)).status == 403
        assert (await who.call("POST", BOOKS, {"name": "B"}, **headers)).status == 403
        assert (await who.call("POST", f"{BOOKS}/upsert", {}, **headers)).status == 403


async def test_what_a_token_lacks_is_said_by_its_name_also_within_a_deed(
    sqlite_library: Library,
) -> None:
    await sqlite_library.add("Koroğlu", pages=100)
    program = await sqlite_library.house.browser()
    bearer = await sqlite_library.bearer("book:create")
    body = {"key": "name", "rows": [{"name": "Koroğlu", "pages": 5}, {"name": "Nizami"}]}

    rows = (await program.call("POST", f"{BOOKS}/upsert", body, **bearer)).json["rows"]

    assert [row["status"] for row in rows] == ["failed", "created"]
    assert rows[0]["error"]["code"] == "out-of-scope"
    assert "book:edit" in rows[0]["error"]["message"]


@pytest.mark.parametrize(
    ("path", "strange", "offered"),
    [
        (f"{BOOKS}?fitler=%7B%7D&q=a", "fitler", "filter"),  # a list that would find every row
        (f"{BOOKS}?state=lent", "state", "filter"),  # a field is no parameter by itself
        ("/api/v1/events?entities=book", "entities", "entity"),
        ("/api/v1/me?verbose=1", "verbose", "takes no parameters"),
    ],
)
async def test_a_parameter_that_is_not_taken_is_named_with_those_that_are(
    sqlite_library: Library, path: str, strange: str, offered: str
) -> None:
    refused = await sqlite_library.anna.call("GET", path)

    assert (refused.status, list(refused.json["error"]["fields"])) == (422, [strange])
    assert offered in refused.json["error"]["fields"][strange]


async def test_hidden_fields_are_absent_and_covered_ones_are_named(sqlite_library: Library) -> None:
    book = await sqlite_library.add("Koroğlu", pages=100, bought="2026-11-20")
    await sqlite_library.may(
        "agent", {"read": "all"}, name="masked", pages="masked", bought="hidden"
    )

    read = await sqlite_library.anna.call("GET", f"{BOOKS}/{book['id']}")
    asked = await sqlite_library.anna.call("GET", f"{BOOKS}/{book['id']}?fields=bought")

    assert (read.json["name"], read.json["pages"]) == ("•••lu", None)
    assert set(read.json["masked"]) == {"name", "pages"}
    assert "bought" not in read.json
    assert asked.status == 422


async def test_a_list_is_filtered_sorted_paged_and_counted(library: Library) -> None:
    for name, state, pages in (("A", "here", 10), ("B", "lent", 20), ("C", "lent", 30)):
        await library.add(name, state=state, pages=pages)
    anna = library.anna

    first = await anna.call("GET", f"{BOOKS}?limit=2&sort=-name&count=1&fields=name")
    second = await anna.call("GET", f"{BOOKS}?limit=2&sort=-name&after={first.json['after']}")
    lent = await anna.call("GET", f"{BOOKS}?f=state~is~lent&f=pages~more~20")
    wanted = (
        '{"any":[{"field":"name","op":"is","value":"A"},{"field":"pages","op":"is","value":30}]}'
    )
    any_of = await anna.call("GET", f"{BOOKS}?filter={quote(wanted)}&sort=name&words=1")
    found = await anna.call("GET", f"{BOOKS}?q=b")

    assert [set(row) for row in first.json["rows"]] == [{"id", "version", "name"}] * 2
    assert [row["name"] for row in first.json["rows"]] == ["C", "B"]
    assert (first.json["count"], first.json["more"]) == (3, False)
    assert [row["name"] for row in second.json["rows"]] == ["A"]
    assert second.json["after"] is None
    assert [row["name"] for row in lent.json["rows"]] == ["C"]
    assert [row["name"] for row in any_of.json["rows"]] == ["A", "C"]
    assert any_of.json["rows"][1]["words"]["state"] == "No"
    assert [row["name"] for row in found.json["rows"]] == ["B"]


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ("limit=0", "limit"), ("limit=many", "limit"), ("sort=weight", "sort"),
        ("after=nonsense", "after"), ("filter=x", "filter"), ("f=weight~is~1", "filter.0"),
        ("fields=weight", "fields"), ("count=maybe", "count"), ("any=perhaps", "any"),
    ],
)  # fmt: skip
async def test_what_a_list_cannot_do_is_named(
    sqlite_library: Library, asked: str, field: str
) -> None:
    refused = await sqlite_library.anna.call("GET", f"{BOOKS}?{asked}")

    assert (refused.status, set(refused.json["error"]["fields"])) == (422, {field})


async def test_lists_tell_no_more_than_single_rows(sqlite_library: Library) -> None:
    await sqlite_library.add("Koroğlu", pages=100)
    await sqlite_library.may(
        "agent", {"read": "all"}, name="masked", pages="masked", bought="hidden"
    )

    listed = await sqlite_library.anna.call("GET", BOOKS)
    by_hidden = await sqlite_library.anna.call("GET", f"{BOOKS}?f=pages~more~50")

    row = listed.json["rows"][0]
    assert (row["name"], row["pages"], set(row["masked"])) == ("•••lu", None, {"name", "pages"})
    assert "bought" not in row
    assert by_hidden.status == 422

"""A file of rows becomes rows of an entity: added, changed, left out, refused, each with its reason."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from callcenter.audit import Audit
from callcenter.entity.importing import planning, working
from callcenter.entity.importing.models import ImportBatch
from callcenter.entity.importing.working import Imports
from callcenter.entity.reading import NOT_A_WHOLE_NUMBER
from callcenter.entity.saving import NOT_YOURS
from tests.entity.importing.desk import Desk, counts, desk
from tests.entity.shelf import shelf
from tests.fixtures.customers import NOW

__all__ = ["desk", "shelf"]

BOOKS = "name;pages;status;bought\nKoroğlu;120;here;03.04.2026\nƏsli və Kərəm;90;lent;\n"


async def test_rows_become_rows_of_the_entity_and_stand_in_the_log(desk: Desk) -> None:
    anna = await desk.person()

    batch = await desk.bring_in(anna, BOOKS)

    first, second = await desk.books()
    assert (first.name, first.pages, first.state, str(first.bought), first.owner_id) == (
        "Koroğlu", 120, "here", "2026-04-03", anna.id,
    )  # fmt: skip
    assert (second.name, second.state, second.bought, second.custom) == (
        "Əsli və Kərəm", "lent", None, {},
    )  # fmt: skip
    assert (batch.status, counts(batch)) == ("done", {"added": 2})
    async with desk.database.read() as session:
        lines = list(await session.scalars(select(Audit).where(Audit.entity == "book")))
    assert {(line.actor_kind, line.actor_id, line.action) for line in lines} == {
        ("import", anna.id, "create")
    }
    assert lines[0].diff["name"] == [None, "Koroğlu"]


async def test_rows_that_are_there_already_are_left_out_and_so_is_the_same_row_below(
    desk: Desk,
) -> None:
    anna = await desk.person()
    await desk.shelf.add(anna, name="Koroğlu", pages=1)

    batch = await desk.bring_in(anna, BOOKS + "Əsli və Kərəm;91;here;\n")

    assert counts(batch) == {"added": 1, "skipped": 2}
    assert [(book.name, book.pages) for book in await desk.books()] == [
        ("Koroğlu", 1), ("Əsli və Kərəm", 90),
    ]  # fmt: skip


async def test_rows_that_are_there_already_are_changed_and_empty_cells_change_nothing(
    desk: Desk,
) -> None:
    anna = await desk.person()
    await desk.shelf.add(anna, name="Koroğlu", pages=1, state="lent")

    batch = await desk.bring_in(
        anna, "name;pages;status\nKoroğlu;120;\nYeni;1;\nYeni;2;here\nYeni;2;\n", rule="update"
    )

    assert counts(batch) == {"added": 1, "changed": 2, "same": 1}
    assert [(book.name, book.pages, book.state) for book in await desk.books()] == [
        ("Koroğlu", 120, "lent"), ("Yeni", 2, "here"),
    ]  # fmt: skip


async def test_what_must_be_alone_is_not_added_anyway(desk: Desk) -> None:
    anna = await desk.person()

    batch = await desk.bring_in(anna, "name;pages\nA;1\nB;1\nA;2\n", rule="add", keys=[])

    assert counts(batch) == {"added": 2, "wrong": 1}
    assert await desk.names() == ["A", "B"]


async def test_a_wrong_row_costs_no_other_and_comes_back_with_its_reason(desk: Desk) -> None:
    anna = await desk.person()

    batch = await desk.bring_in(anna, "name;pages;status\nA;many;here\nB;2;here\n;3;here\n")

    assert await desk.names() == ["B"]
    assert counts(batch) == {"added": 1, "wrong": 2}
    assert desk.report(batch, "errors") == [
        ["2", "Pages", NOT_A_WHOLE_NUMBER, "A", "many", "here"],
        ["4", "Name", "This is needed.", "", "3", "here"],
    ]


async def test_a_row_may_come_in_without_its_wrong_cells_but_not_without_what_is_needed(
    desk: Desk,
) -> None:
    anna = await desk.person()

    batch = await desk.bring_in(
        anna, "name;pages;owner\nA;many;Anna\nB;2;Nobody\n;3;\n", lenient=True
    )

    assert [(book.name, book.pages) for book in await desk.books()] == [("A", None), ("B", 2)]
    assert counts(batch) == {"added": 2, "partly": 2, "wrong": 1}
    assert len(desk.report(batch, "errors")) == 3


async def test_a_person_is_named_by_name_and_a_name_that_is_nobodys_is_said(desk: Desk) -> None:
    anna, emin = await desk.person(), await desk.person("Emin")

    batch = await desk.bring_in(anna, "name;owner\nA;Emin\nB;Orxan\n")

    assert [(book.name, book.owner_id) for book in await desk.books()] == [("A", emin.id)]
    assert desk.report(batch, "errors")[0][2] == planning.NOBODY_CALLED


async def test_records_of_others_are_not_changed(desk: Desk) -> None:
    emin = await desk.person("Emin")
    await desk.shelf.add(emin, name="Koroğlu", pages=1)
    anna = await desk.person(create="all", read="all", edit="own")

    batch = await desk.bring_in(anna, BOOKS, rule="update")

    assert counts(batch) == {"added": 1, "wrong": 1}
    assert desk.report(batch, "errors")[0][1:3] == ["Name", NOT_YOURS]


async def test_a_dry_run_names_each_change_and_changes_nothing(desk: Desk) -> None:
    anna = await desk.person()
    await desk.shelf.add(anna, name="Koroğlu", pages=1, state="here")
    batch = await desk.receive(
        anna, BOOKS + "Əsli və Kərəm;91;;\nX;many;;\n", "checking", rule="update"
    )

    checked = await desk.finish(batch)

    assert (checked.status, counts(checked)) == ("checked", {"added": 1, "changed": 2, "wrong": 1})
    assert [(book.name, book.pages) for book in await desk.books()] == [("Koroğlu", 1)]
    changes = desk.report(batch, "changes")
    assert ["2", "Changed record", "Koroğlu", "Pages", "1", "120", ""] in changes
    assert ["3", "New record", "", "Pages", "", "90", ""] in changes
    assert ["4", "Changed record", "", "", "", "", planning.CHANGES_ROW_ABOVE] in changes
    assert ["5", "Refused", "", "", "", "", NOT_A_WHOLE_NUMBER] in changes


async def test_an_interrupted_import_goes_on_where_it_was_and_does_no_row_twice(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(working, "BLOCK_ROWS", 10)
    monkeypatch.setattr(working, "POSTGRESQL_BLOCK_ROWS", 10)
    anna = await desk.person()
    rows = "".join(f"Book {n:03};{n}\n" for n in range(95))
    batch = await desk.receive(anna, "name;pages\n" + rows + "Wrong;x\n", rule="add")
    real, blocks = Imports._account, 0

    async def fails_in_the_fifth_block(*given: Any, **more: Any) -> None:
        nonlocal blocks
        blocks += 1
        await real(*given, **more)
        if blocks == 5:
            raise asyncio.CancelledError

    monkeypatch.setattr(Imports, "_account", fails_in_the_fifth_block)
    with pytest.raises(asyncio.CancelledError):
        await desk.finish(batch)
    assert (await desk.batch(batch)).rows_done == 40
    monkeypatch.setattr(Imports, "_account", real)

    done = await desk.finish(batch)

    assert await desk.names() == [f"Book {n:03}" for n in range(95)]
    assert (done.status, counts(done)) == ("done", {"added": 95, "wrong": 1})
    assert len(desk.report(batch, "errors")) == 1


async def test_a_block_that_another_worker_has_done_is_not_done_again(desk: Desk) -> None:
    anna = await desk.person()
    batch = await desk.receive(anna, BOOKS)
    stale = await desk.batch(batch)
    await desk.finish(batch)
    async with desk.database.write() as session:
        await session.execute(update(ImportBatch).values(status="importing"))
    (desk.store.table(batch.id)).write_text('["name"]\n[2,"Other"]\n')

    await desk.imports.work(stale)

    assert await desk.names() == ["Koroğlu", "Əsli və Kərəm"]


async def test_the_worker_takes_waiting_batches_by_itself(desk: Desk) -> None:
    anna = await desk.person()
    first = await desk.receive(anna, "name\nA\n")
    second = await desk.receive(anna, "name\nB\n", "checking")
    worker = asyncio.create_task(desk.imports.run())
    desk.imports.wake()

    async with asyncio.timeout(30):
        while {(await desk.batch(one)).status for one in (first, second)} != {"done", "checked"}:
            await asyncio.sleep(0)
    worker.cancel()

    assert await desk.names() == ["A"]


async def test_a_database_that_is_away_for_a_while_costs_no_row_and_no_batch(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(working, "BLOCK_ROWS", 2)
    monkeypatch.setattr(working, "POSTGRESQL_BLOCK_ROWS", 2)
    monkeypatch.setattr(working, "RETRY_S", 0)
    anna = await desk.person()
    batch = await desk.receive(anna, "name\nA\nB\nC\nD\nE\n")
    real, blocks = Imports._progress, 0

    async def is_away_once(*given: Any) -> None:
        nonlocal blocks
        blocks += 1
        if blocks == 2:
            raise OperationalError("update", {}, Exception("database is locked"))
        await real(*given)

    monkeypatch.setattr(Imports, "_progress", is_away_once)
    worker = asyncio.create_task(desk.imports.run())

    async with asyncio.timeout(30):
        while (await desk.batch(batch)).status != "done":
            await asyncio.sleep(0)
    worker.cancel()

    assert await desk.names() == ["A", "B", "C", "D", "E"]
    assert counts(await desk.batch(batch)) == {"added": 5}


async def test_a_fault_of_ours_is_said_and_what_came_in_can_be_taken_back(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(working, "BLOCK_ROWS", 2)
    monkeypatch.setattr(working, "POSTGRESQL_BLOCK_ROWS", 2)
    anna = await desk.person()
    batch = await desk.receive(anna, "name\nA\nB\nC\n")
    real, blocks = Imports._progress, 0

    async def fails_once(*given: Any) -> None:
        nonlocal blocks
        blocks += 1
        if blocks == 2:
            raise KeyError("a fault")
        await real(*given)

    monkeypatch.setattr(Imports, "_progress", fails_once)

    assert (await desk.finish(batch)).status == "failed"
    assert await desk.names() == ["A", "B"]
    assert (await desk.take_back(batch)).status == "undone"
    assert await desk.names() == []


async def test_what_is_over_leaves_no_rows_of_the_file_behind(desk: Desk) -> None:
    anna = await desk.person()

    batch = await desk.bring_in(anna, BOOKS)

    assert not desk.store.table(batch.id).exists()
    assert not desk.store.upload(batch.id).exists()


async def test_files_that_nobody_asked_for_in_a_month_are_forgotten(desk: Desk) -> None:
    anna = await desk.person()
    wrong = "name;pages\nA;many\nB;2\n"
    old, done = await desk.receive(anna, wrong, "mapping"), await desk.bring_in(anna, wrong)
    async with desk.database.write() as session:
        await session.execute(update(ImportBatch).values(updated_at=NOW - timedelta(days=31)))
    new = await desk.receive(anna, wrong, "mapping")

    await desk.imports.forget_old()

    left = {path.name.partition(".")[0] for path in desk.store.upload(1).parent.iterdir()}
    assert left == {str(new.id)}
    async with desk.database.read() as session:
        batches = set(await session.scalars(select(ImportBatch.id)))
    assert batches == {done.id, new.id}
    assert old.id not in batches

"""Questions said once: they answer what SQLAlchemy would, on both engines."""

import re
import sys
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import Enum, String, bindparam, select, update

import callcenter.app.site
from callcenter.crm.contacts.models import Contact, ContactPoint
from callcenter.db import Database, Question, among, any_of
from tests.calls.plans import plan_of, scans

AT = datetime(2026, 11, 20, 9, 30, 15, 250_000, tzinfo=UTC)

_OF_CONTACT = select(*Contact.__table__.c).where(Contact.id == bindparam("row"))
_POINTS = (
    select(ContactPoint.id, ContactPoint.norm, ContactPoint.valid)
    .where(among(ContactPoint.contact_id, "ids"), among(ContactPoint.kind, "kinds"))
    .order_by(ContactPoint.id)
)


def contact(row_id: int, name: str) -> Contact:
    return Contact(
        id=row_id, name=name, kind="person", fold=name.lower(), phon="", birthday=date(1990, 2, 28),
        custom={"car": "Ladın", "limit": 12, "vip": True}, created_at=AT, updated_at=AT,
    )  # fmt: skip


def point(row_id: int, contact_id: int, kind: str, norm: str) -> ContactPoint:
    return ContactPoint(
        id=row_id, contact_id=contact_id, kind=kind, value=norm, norm=norm, rev=norm[::-1], position=0
    )  # fmt: skip


async def test_a_question_answers_with_the_same_values_as_sqlalchemy(database: Database) -> None:
    async with database.write() as session:
        session.add_all([contact(1, "Zoë"), contact(2, "Aygün"), contact(3, "Elçin")])
        await session.flush()
        session.add_all([
            point(11, 1, "phone", "+994501234567"), point(12, 1, "email", "zoe@firma.az"),
            point(21, 2, "phone", "+994501234568"), point(31, 3, "phone", "+994501234569"),
        ])  # fmt: skip

    one, points = Question(_OF_CONTACT), Question(_POINTS)
    async with database.read() as session:
        (row,) = await one.ask(session, row=1)
        told = (await session.execute(_OF_CONTACT, {"row": 1})).one()
        found = await points.ask(session, ids=[1, 2], kinds=["phone"])
        none = await points.ask(session, ids=[], kinds=["phone"])
        nobody = await one.ask(session, row=404)

    assert row._fields == told._fields
    assert tuple(row) == tuple(told)
    assert (row.created_at, row.birthday, row.custom["vip"]) == (AT, date(1990, 2, 28), True)
    assert [(each.id, each.valid) for each in found] == [(11, True), (21, True)]
    assert none == nobody == []


async def test_a_session_that_reads_sees_one_state_whichever_way_it_asks(
    database: Database,
) -> None:
    question = Question(_OF_CONTACT)
    async with database.write() as session:
        session.add(contact(1, "Zoë"))
    async with database.read() as reading:
        before = await question.ask(reading, row=1)
        async with database.write() as session:
            (await session.get_one(Contact, 1)).name = "Zoë Müller"
        after = await question.ask(reading, row=1)
        usual = await reading.scalar(select(Contact.name))
        # The next transaction of the same session is another state.
        await reading.rollback()
        anew = await question.ask(reading, row=1)

    assert [before[0].name, after[0].name, usual, anew[0].name] == ["Zoë"] * 3 + ["Zoë Müller"]


async def test_a_session_that_writes_is_answered_with_what_it_has_not_yet_sent(
    database: Database,
) -> None:
    async with database.write() as session:
        session.add(contact(1, "Zoë"))
        (row,) = await Question(_OF_CONTACT).ask(session, row=1)

    assert row.name == "Zoë"


def questions() -> list[tuple[str, Question]]:
    """Return what the rooms of the product ask so, by the names they gave it."""
    assert callcenter.app.site
    rooms = [(name, room) for name, room in sys.modules.items() if name.startswith("callcenter.")]
    return [
        (f"{room_name}.{name}", held)
        for room_name, room in rooms
        for name, held in vars(room).items()
        if isinstance(held, Question)
    ]


def some_values(question: Question) -> dict[str, Any]:
    binds: Any = question.statement.compile().binds
    asked = {name: bind.type for name, bind in binds.items() if bind.value is None}
    return {name: some_value(kind) for name, kind in asked.items()}


def some_value(kind: Any) -> Any:
    if hasattr(kind, "is_number"):  # several values, as `among` takes them
        return []
    if isinstance(kind, Enum):
        return kind.enums[0]
    return "contact" if isinstance(kind, String) else 1


async def test_each_question_of_the_product_can_be_asked_of_both_engines(
    database: Database,
) -> None:
    async with database.read() as session:
        for name, question in questions():
            values = some_values(question)
            rows = await question.ask(session, **values)
            told = (await session.execute(question.statement, values)).all()
            assert [(*row,) for row in rows] == [(*row,) for row in told], name


@pytest.mark.parametrize(("name", "question"), [("several", Question(_POINTS)), *questions()])
async def test_rows_are_found_along_an_index(
    sqlite_database: Database, name: str, question: Question
) -> None:
    async def ask() -> Any:
        async with sqlite_database.read() as session:
            return (await session.execute(question.statement, some_values(question))).all()

    read_whole = scans(await plan_of(sqlite_database, ask()))

    # The values asked for are a table, too, and so is what was counted.
    assert [step for step in read_whole if not re.search("json_each|anon_|USING", step)] == []


async def test_one_of_very_many_is_found_where_in_has_too_many_parameters(
    database: Database,
) -> None:
    async with database.write() as session:
        session.add_all([contact(1, "Zoë"), contact(50_000, "Emil"), contact(50_001, "Rauf")])
        await session.flush()
        found = await session.scalars(
            select(Contact.name).where(any_of(Contact.id, range(50_001))).order_by(Contact.id)
        )
        assert list(found) == ["Zoë", "Emil"]
        changed = update(Contact).where(any_of(Contact.name, ["Zoë", "Rauf"])).values(city="Bakı")
        assert sorted(await session.scalars(changed.returning(Contact.name))) == ["Rauf", "Zoë"]

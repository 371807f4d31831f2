"""Questions that are asked again and again: said once, and asked of the driver itself.

SQLAlchemy takes ten times as long to say a question and to read its answer as SQLite takes to
answer it. A `Question` is put together where a module begins, compiled once for each engine, and
asked in the session's own transaction, on SQLite without a hop (`one_hop`). Its values and its rows are those of
SQLAlchemy: a moment is an aware datetime, JSON is what it holds.
"""

from collections import namedtuple
from collections.abc import Callable, Collection, Sequence
from typing import Any, Final, NamedTuple

import msgspec
from sqlalchemy import BigInteger, Dialect, Select, String, bindparam, types
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.sql.functions import FunctionElement

from callcenter.db.one_hop import Connection

#: Under which key a session keeps the driver's connection, beside the transaction it is for.
_DRIVER: Final = "driver"

#: The OID of PostgreSQL's `numeric`. SQLAlchemy asks it of numbers only: such decimals stay, floats are made sure of.
_NUMERIC: Final = 1700

_Process = Callable[[Any], Any]


class Question:
    """A question whose values have names: `bindparam("row")`, `among(column, "ids")`."""

    def __init__(self, statement: Select[*tuple[Any, ...]]) -> None:
        self.statement = statement
        self._said: dict[str, _Said] = {}

    async def ask(self, session: AsyncSession, **values: Any) -> list[Any]:
        """Return the rows; what each holds has the name of its column."""
        if session.sync_session.autoflush:
            # Somebody writes: what is not yet sent belongs to the answer, too.
            return list(await session.execute(self.statement, values))
        dialect = session.get_bind().dialect
        said = self._said.get(dialect.name)
        if said is None:
            said = self._said[dialect.name] = _say(self.statement, dialect)
        driver, parameters = await _driver(session), said.parameters(values)
        if isinstance(driver, Connection):
            rows = await driver.fetch(said.sql, parameters)
        else:
            rows = await session.run_sync(_by_cursor, said.sql, parameters)
        return said.read(rows)


def among(column: Any, name: str) -> "Among":
    """Return the condition that a column holds one of the values called `name`.

    One text of SQL for however many there are, which `in_` has not.
    """
    return Among(column, bindparam(name, type_=_Several(column.type)))


def any_of(column: Any, values: Collection[Any]) -> "Among":
    """Return the condition that a column holds one of these values, however many they are.

    Each value of `in_` is a parameter, and neither engine takes more than some 32,000 of them.
    """
    return Among(column, bindparam(None, list(values), type_=_Several(column.type)))


class Among(FunctionElement[bool]):
    name = "among"
    inherit_cache = True
    type = types.Boolean()

    def self_group(self, against: Any = None) -> Any:
        # SQLAlchemy would ask SQLite for "… IN (…) = 1", and that is found along no index.
        return self


@compiles(Among)
def _sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    column, values = (compiler.process(each, **kw) for each in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({values}))"  # noqa: S608 (column and value are SQL)


@compiles(Among, "postgresql")
def _postgresql(element: Any, compiler: Any, **kw: Any) -> str:
    column, values = (compiler.process(each, **kw) for each in element.clauses)
    return f"{column} = ANY ({values})"


class _Several(types.TypeDecorator[Sequence[Any]]):
    """Several values as one: an array, or JSON where there are none."""

    impl = String
    cache_ok = True

    def __init__(self, kind: types.TypeEngine[Any]) -> None:
        super().__init__()
        self.is_number = isinstance(kind, types.Integer)

    def load_dialect_impl(self, dialect: Dialect) -> types.TypeEngine[Any]:
        if dialect.name != "postgresql":
            return dialect.type_descriptor(String())
        return dialect.type_descriptor(ARRAY(BigInteger() if self.is_number else String()))

    def process_bind_param(self, value: Sequence[Any] | None, dialect: Dialect) -> Any:
        several = list(value or ())
        return several if dialect.name == "postgresql" else msgspec.json.encode(several).decode()


# ---------------------------------------------------------------- said once


class _Said(NamedTuple):
    """A question as an engine takes it, and how its values are stored."""

    sql: str
    #: In the order of their places: the name, what makes a stored value of it, what it is if unsaid.
    places: Sequence[tuple[str, _Process | None, Any]]
    #: The columns whose stored values are made into others.
    columns: Sequence[tuple[int, _Process]]
    row: Any

    def parameters(self, values: dict[str, Any]) -> tuple[Any, ...]:
        given = ((values.get(name, held), process) for name, process, held in self.places)
        return tuple(process(value) if process else value for value, process in given)

    def read(self, rows: list[Any]) -> list[Any]:
        made = []
        for row in rows:
            values = list(row)
            for place, process in self.columns:
                values[place] = process(values[place])
            made.append(self.row._make(values))
        return made


def _say(statement: Select[*tuple[Any, ...]], dialect: Dialect) -> _Said:
    compiled: Any = statement.compile(dialect=dialect)
    types_of = {name: bind.type.dialect_impl(dialect) for name, bind in compiled.binds.items()}
    asked = list(statement.selected_columns)
    read = [
        column.type.dialect_impl(dialect).result_processor(dialect, _NUMERIC) for column in asked
    ]
    return _Said(
        str(compiled),
        [
            (name, types_of[name].bind_processor(dialect), compiled.binds[name].value)
            for name in compiled.positiontup
        ],
        [(place, process) for place, process in enumerate(read) if process is not None],
        namedtuple("Row", [column.key for column in asked]),  # type: ignore[misc]  # noqa: PYI024
    )  # fmt: skip


async def _driver(session: AsyncSession) -> Any:
    """Return the driver's connection for the transaction that the session is in."""
    known = session.info.get(_DRIVER)
    if known is not None and known[0] is session.sync_session.get_transaction():
        return known[1]
    connection = (await session.connection()).sync_connection
    driver = connection.connection.driver_connection if connection else None
    session.info[_DRIVER] = (session.sync_session.get_transaction(), driver)
    return driver


def _by_cursor(session: Session, sql: str, parameters: tuple[Any, ...]) -> list[Any]:
    cursor = session.connection().connection.cursor()
    try:
        cursor.execute(sql, parameters)
        return list(cursor.fetchall())
    finally:
        cursor.close()

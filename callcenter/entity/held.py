"""A custom field's value in SQL: one expression, the same in a question and in an index on it.

Neither engine finds an index on an expression unless the question says the expression to the
letter, so the field's key stands in the SQL itself and not among its parameters.
"""

import re
from typing import Any

from sqlalchemy import BigInteger, Boolean, ColumnElement, Float, String, literal_column
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeEngine

#: What a key may be: it is written into SQL.
KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")

#: How the types of fields are compared: what the database makes of them, where text would not do.
_TYPES: dict[str, tuple[TypeEngine[Any], str]] = {
    "integer": (BigInteger(), "BIGINT"),
    "money": (BigInteger(), "BIGINT"),
    "option": (BigInteger(), "BIGINT"),
    "reference": (BigInteger(), "BIGINT"),
    "number": (Float(), "DOUBLE PRECISION"),
    "bool": (Boolean(), "BOOLEAN"),
}


class Held(FunctionElement[Any]):
    name = "held"
    inherit_cache = True

    def __init__(self, column: ColumnElement[Any], key: str, kind: str) -> None:
        if not KEY.fullmatch(key):
            raise ValueError(f"{key!r} is no key of a custom field")
        self.type, cast = _TYPES.get(kind, (String(), ""))
        super().__init__(column, literal_column(key), literal_column(cast))


@compiles(Held)
def _sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    # JSON keeps numbers and truth as they are: nothing to convert.
    column, key, _cast = element.clauses
    return f"json_extract({compiler.process(column, **kw)}, '$.{key.name}')"


@compiles(Held, "postgresql")
def _postgresql(element: Any, compiler: Any, **kw: Any) -> str:
    column, key, cast = element.clauses
    text = f"({compiler.process(column, **kw)} ->> '{key.name}')"
    return f"CAST({text} AS {cast.name})" if cast.name else text

"""A column's text in plain small Latin letters, the same on both engines.

For looking through texts that have no folded column of their own: "contains" in a filter. SQLite
asks `letters`; PostgreSQL, which could not, is told letter by letter. No index helps either.
"""

from typing import Any

from sqlalchemy import String
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from callcenter.letters import LETTERS, plain, small

#: What SQLite calls it.
FUNCTION = "plain_letters"


class plain_text(FunctionElement[str]):  # noqa: N801 (named as SQL's functions are)
    """`plain_text(column)`: the text as `letters.plain(letters.small(...))` would say it."""

    type = String()
    inherit_cache = True


def letters_of(text: str | None) -> str | None:
    return None if text is None else plain(small(text))


@compiles(plain_text)
def _ask_letters(element: Any, compiler: SQLCompiler, **facts: Any) -> str:
    return f"{FUNCTION}({compiler.process(element.clauses, **facts)})"


@compiles(plain_text, "postgresql")
def _spell_out(element: Any, compiler: SQLCompiler, **facts: Any) -> str:
    sql = f"normalize({compiler.process(element.clauses, **facts)}, NFC)"
    sql = f"translate({sql}, '{_ONE_FOR_ONE[0]}', '{_ONE_FOR_ONE[1]}')"
    for letter, several in _SEVERAL.items():
        sql = f"replace({sql}, '{letter}', '{several}')"
    sql = f"regexp_replace(normalize({sql}, NFKD), '[\u0300-\u036f]', '', 'g')"
    # Of "C", so that it minds only ASCII, whatever language the database was made in.
    return f'lower({sql} COLLATE "C")'


def _both_cases() -> dict[str, str]:
    capitals = {
        letter.upper(): told for letter, told in LETTERS.items() if len(letter.upper()) == 1
    }
    return capitals | LETTERS


_SEVERAL = {letter: told for letter, told in _both_cases().items() if len(told) > 1}
_SINGLE = {letter: told for letter, told in _both_cases().items() if len(told) == 1}
_SILENT = [letter for letter, told in _both_cases().items() if not told]
#: What has nothing to stand for it is left out by `translate`.
_ONE_FOR_ONE = ("".join((*_SINGLE, *_SILENT)), "".join(_SINGLE.values()))

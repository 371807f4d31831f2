"""A text is looked through in the same letters on both engines, and in Python."""

import string

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import literal, select

from callcenter.db import Database, plain_text
from callcenter.letters import plain, small

ALPHABETS = (
    string.printable.replace("\r", "")
    + "əƏıİşŞçÇğĞüÜöÖâÂîÎéÉñØøßÆæ"
    + "".join(map(chr, range(0x410, 0x450)))
    + "ёЁәӘғҒҝҜҹҸөӨүҮһҺјЈіІїЇєЄґҐ"
    + "".join(map(chr, range(0x10D0, 0x10F1)))
)


async def asked(database: Database, texts: list[str]) -> list[str]:
    async with database.read() as session:
        row = await session.execute(select(*(plain_text(literal(text)) for text in texts)))
        return list(row.one())


async def test_names_of_three_alphabets_become_the_same_letters(database: Database) -> None:
    names = ["Əliyev", "ALİYEV", "Алиев", "IŞIQ", "Işıq", "Щукин", "Жабраил", "Подъезд", "Ñandú"]
    assert await asked(database, names) == [
        "eliyev", "aliyev", "aliev", "isiq", "isiq", "shchukin", "zhabrail", "podezd", "nandu",
    ]  # fmt: skip


@given(texts=st.lists(st.text(ALPHABETS, max_size=20), min_size=1, max_size=20))
@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
async def test_both_engines_and_python_agree_on_every_letter(
    database: Database, texts: list[str]
) -> None:
    assert await asked(database, texts) == [plain(small(text)) for text in texts]

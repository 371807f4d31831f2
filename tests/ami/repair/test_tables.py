"""CEL in a table of PostgreSQL, as `cel_pgsql` fills it, whatever the column of the time is."""

from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import make_url

from callcenter.ami.repair import CelUnreadable, source_of, sources, stories
from tests.ami.repair.test_account import interactions, real_lines
from tests.fixtures.cel_table import fill

AT = 1795335441.0
TYPES = ("timestamptz", "timestamp", "double precision", "numeric", "text")


@pytest.mark.parametrize("kind", TYPES)
async def test_a_table_tells_what_the_file_tells(postgres_url: str, tmp_path: Path, kind: str):
    file = tmp_path / "Master.csv"
    file.write_text("".join(real_lines()))
    await fill(postgres_url, real_lines(), kind)
    url = make_url(postgres_url)
    written = url.set(drivername="postgresql", password=None, query={"table": "public.cel"})

    of_table = source_of(written.render_as_string(), url.password, "Asia/Baku")
    of_file = source_of(f"csv:{file}", None, "UTC")
    found, expected = await stories(of_table, AT, AT + 10), await stories(of_file, AT, AT + 10)

    assert interactions(found.rows) == interactions(expected.rows)
    assert len(interactions(found.rows)) == 11
    assert found.newest == pytest.approx(expected.newest, abs=1e-5)


async def test_a_table_that_is_not_there_says_so(postgres_url: str):
    url = make_url(postgres_url).set(drivername="postgresql", query={"table": "cell"})
    source = source_of(url.set(password=None).render_as_string(), url.password, "UTC")

    with pytest.raises(CelUnreadable, match='"cell" does not exist'):
        await stories(source, AT, AT + 10)


async def test_a_table_with_too_much_is_not_read_in_part(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
):
    await fill(postgres_url, real_lines(), "timestamptz")
    monkeypatch.setattr(sources, "LIMIT_ROWS", 20)
    url = make_url(postgres_url).set(drivername="postgresql", query={"table": "cel"})
    source = source_of(url.set(password=None).render_as_string(), url.password, "UTC")

    with pytest.raises(CelUnreadable, match="more than 20 rows"):
        await stories(source, AT, AT + 10)


async def test_a_database_that_is_away_says_so(unused_tcp_port: int):
    source = source_of(f"postgresql://cel@127.0.0.1:{unused_tcp_port}/cel", None, "UTC")

    with pytest.raises(CelUnreadable, match="cannot be read"):
        await stories(source, AT, AT + 10)


async def test_nothing_but_reading_is_done(postgres_url: str):
    await fill(postgres_url, real_lines(), "timestamptz")
    url = make_url(postgres_url).set(drivername="postgresql")
    connection = await asyncpg.connect(url.render_as_string(hide_password=False))
    try:
        await connection.execute(
            "CREATE ROLE reader LOGIN PASSWORD 'r'; GRANT SELECT ON cel TO reader"
        )
        written = url.set(username="reader", password=None, query={"table": "cel"})
        found = await stories(source_of(written.render_as_string(), "r", "UTC"), AT, AT + 10)
        assert found.rows
    finally:
        await connection.execute("DROP OWNED BY reader; DROP ROLE reader")
        await connection.close()

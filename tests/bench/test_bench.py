"""Each bench runs at a tiny size and prints what its contract says. Nothing is timed here."""

import asyncio
import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click import ClickException

from callcenter.bench import crowd, history, listing, office, report, stream
from callcenter.bench.report import Report, over_rounds, percentile
from callcenter.db import Database
from tests import recordings
from tests.fixtures.postgres import PostgresServer

INGEST = {
    "events_per_s",
    "ratio_to_panoramisk_noop",
    "ratio_to_naive",
    "ratio_to_raw_sink",
    "ami_layer_ratio_to_panoramisk",
    "noise_dropped_ratio_to_panoramisk",
    "loop_lag_ms_max",
    "rss_growth_mib",
}
RESYNC = {"ms", "ratio_to_panoramisk", "ami_layer_ratio_to_panoramisk", "loop_lag_ms_max"}
FLOOD = {"rss_growth_mib", "loop_lag_ms_p99", "loop_lag_ms_max", "burst_stall_ms", "lost"}
SOAK = {"rss_mib_per_100k_calls", "rss_growth_mib", "left_behind", "lost"}
POP = {"p50_ms", "p99_ms", "floor_p50_ms", "floor_p99_ms"}


def printed(*arguments: str) -> Any:
    """Return the one JSON object that `callcenter bench` prints."""
    done = subprocess.run(
        [sys.executable, "-m", "callcenter", "bench", *arguments, "--json"],
        capture_output=True, text=True, timeout=280, check=False,
        # What is measured is the product, and in debug mode that is mostly asyncio.
        env=os.environ | {"PYTHONASYNCIODEBUG": ""},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_ingest_prints_its_figures_and_stores_every_call_as_it_was():
    told = printed("ingest", "--calls", "8", "--rounds", "1", "--agents", "6")

    assert told["bench"] == "ingest"
    assert told["figures"].keys() >= INGEST
    assert all(figure > 0 for name, figure in told["figures"].items() if "ratio" in name)
    assert told["machine"].keys() >= {"cpu", "cores", "python"}
    assert told["wrong"] == []
    # Peers that are not installed are named, and cost nothing but their own figures.
    for peer, figure in (("cacofonisk", "ratio_to_cacofonisk"),):
        assert (peer in told["missing"]) == (figure not in told["figures"])


def test_pop_prints_its_figures_and_every_card_comes_to_the_right_page():
    told = printed(
        "pop", "--seconds", "3", "--events-per-s", "60", "--rounds", "1", "--agents", "6",
        "--customers", "40", "--interactions", "90",
    )  # fmt: skip

    assert told["bench"] == "pop"
    assert told["figures"].keys() >= POP
    assert told["sizes"]["pops"] > 0
    assert told["wrong"] == []


def test_lookup_prints_its_figures_and_knows_everybody():
    told = printed("lookup", "--numbers", "400", "--lookups", "50", "--rounds", "1")

    assert told["bench"] == "lookup"
    assert told["figures"].keys() >= {"exact_p99_us", "whole_p99_us", "exact_p50_ratio_to_a_tenth"}
    assert told["wrong"] == []


def test_store_prints_its_figures_and_stores_every_call():
    told = printed("store", "--calls", "150", "--rounds", "1")

    assert told["bench"] == "store"
    assert told["figures"].keys() >= {"calls_per_s", "ratio_to_bare_driver", "loop_lag_ms_max"}
    assert told["wrong"] == []


def test_crm_prints_its_figures_and_finds_what_is_there():
    told = printed(
        "crm",
        "--contacts",
        "300",
        "--leads",
        "400",
        "--imports",
        "60",
        "--asks",
        "3",
        "--rounds",
        "1",
    )

    assert told["bench"] == "crm"
    assert told["figures"].keys() >= {
        "list_ms",
        "list_own_name_p95_ms",
        "list_newcomer_p50_ms",
        "board_ms",
        "lead_board_team_p50_ms",
        "lead_list_own_p50_ms",
        "calendar_ms",
        "distribution_ms",
        "gift_p50_ms",
        "search_p95_ms",
        "card_ms",
        "duplicates_p95_ms",
        "import_rows_per_s",
        "import_rss_growth_mib",
        "import_loop_lag_ms_max",
    }
    assert told["wrong"] == []


def test_import_prints_its_figures_and_takes_all_back():
    told = printed("import", "--rows", "450", "--contacts", "300")

    assert told["bench"] == "import"
    assert told["figures"].keys() >= {
        "import_rows_per_s", "undo_rows_per_s", "import_lookup_ms_p99", "import_write_ms_p99",
    }  # fmt: skip
    assert told["wrong"] == []


def test_web_prints_its_figures_and_everything_is_answered():
    told = printed("web", "--contacts", "60", "--asks", "10", "--rounds", "1")

    assert told["bench"] == "web"
    assert told["figures"].keys() >= {
        "hello_cpu_us", "lookup_ratio_to_hello", "contacts_ratio_to_hello",
        "list_page_ratio_to_bare_jinja", "card_page_ratio_to_bare_jinja",
    }  # fmt: skip
    assert told["wrong"] == []


def test_a_crowd_on_postgresql_is_the_one_on_sqlite(postgres: PostgresServer, tmp_path: Path):
    def people(url: str) -> Any:
        async def read() -> Any:
            async with Database(url) as database:
                return [
                    tuple(row)
                    for row in await database.fetch(
                        "SELECT c.name, c.fold, p.norm FROM contact AS c JOIN contact_point AS p "
                        "ON p.contact_id = c.id ORDER BY c.id"
                    )
                ]

        return asyncio.run(read())

    async def nothing(_url: str) -> None:
        """The crowd brings its own tables."""

    async def filled() -> Any:
        async with postgres.database(nothing) as url:
            await asyncio.to_thread(crowd.fill, url, 30)
            return await asyncio.to_thread(people, url)

    file = f"sqlite:///{tmp_path}/crowd.db"
    crowd.fill(file, 30)

    assert people(file) == asyncio.run(filled())


def test_resync_prints_its_figures_and_knows_every_call_that_is_up():
    told = printed("resync", "--channels", "40", "--rounds", "1", "--agents", "6")

    assert told["bench"] == "resync"
    assert told["figures"].keys() >= RESYNC
    assert told["wrong"] == []


def test_flood_prints_its_figures_and_loses_no_call_while_the_database_is_locked():
    told = printed(
        "flood",
        "--seconds",
        "3",
        "--pause",
        "1",
        "--burst",
        "300",
        "--bursts",
        "1",
        "--agents",
        "6",
    )

    assert told["bench"] == "flood"
    assert told["figures"].keys() >= FLOOD
    assert told["sizes"]["calls"] > 0
    assert (told["figures"]["lost"], told["wrong"]) == (0, [])


def test_soak_prints_its_figures_and_nothing_of_a_call_is_left():
    told = printed("soak", "--calls", "12", "--rounds", "2", "--agents", "6")

    assert told["bench"] == "soak"
    assert told["figures"].keys() >= SOAK
    assert (told["figures"]["left_behind"], told["figures"]["lost"], told["wrong"]) == (0, 0, [])


def test_the_lists_of_a_pbx_have_the_fields_of_a_recorded_one():
    made = listing.lists(1, 4, stream.agents(1))
    recorded = recordings.files("reconnect_mid_call")[-1].read_bytes().split(b"\r\n\r\n")

    for action, items in made.items.items():
        name = items[0].partition("\r\n")[0]
        real = next(block for block in recorded if block.startswith(f"Event: {name}\r\n".encode()))
        mine = f"Event: {items[0].format('ActionID: 1' + chr(13) + chr(10))}"
        theirs = {key for key in keys_of(real.decode()) if key not in ("Privilege", "Chanvariable")}
        assert theirs - keys_of(mine) == set(), action
    assert len(made.outcomes) == 2


def keys_of(block: str) -> set[str]:
    return {line.partition(":")[0] for line in block.strip().split("\r\n")}


async def test_a_kept_folder_is_used_again_and_other_customers_are_refused(tmp_path: Path):
    people = stream.agents(3)
    file = tmp_path / "callcenter.db"
    tokens = [await office.furnish(tmp_path, people, port) for port in (5038, 5039)]
    steps: list[int] = []
    for _ in ("made", "used again"):
        history.fill(file, 5, 9, people, lambda done, _of: steps.append(done))

    assert tokens[0].keys() == tokens[1].keys() == {2001, 2002, 2003}
    assert steps == sorted(set(steps))
    with closing(sqlite3.connect(file)) as database:
        assert database.execute("SELECT count(*) FROM call").fetchall() == [(9,)]
        assert database.execute("SELECT port FROM pbx").fetchall() == [(5039,)]
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []
    with pytest.raises(ClickException, match="holds 5 customers with 9 calls already"):
        history.fill(file, 6, 9, people)


@pytest.mark.parametrize(
    ("percent", "value"),
    [(50, 3), (99, 5), (100, 5), (1, 1), (20, 1), (21, 2)],
)
def test_a_percentile_is_one_of_the_values(percent: float, value: int):
    assert percentile([5, 1, 4, 2, 3], percent) == value


def test_the_table_says_which_peers_are_left_out_and_what_is_wrong():
    console = report.Console(record=True, width=100)
    Report(
        bench="ingest", figures={"ratio": over_rounds([1.234, 3.0, 2.0])}, sizes={"calls": 5},
        missing={"cacofonisk": "cacofonisk"}, wrong=["call 17.1 was not stored"],
    ).show(console)  # fmt: skip

    shown = console.export_text()
    for words in ("2.0", "1.23", "calls 5", "cacofonisk is left out", "callcenter[bench]", "17.1"):
        assert words in shown

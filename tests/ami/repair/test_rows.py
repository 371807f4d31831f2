"""What a line or a row of CEL says, and when."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from callcenter.ami.repair.rows import CelRow, from_columns, parse_lines, read_time

BAKU = ZoneInfo("Asia/Baku")
BERLIN = ZoneInfo("Europe/Berlin")

LINE = (
    '"BRIDGE_ENTER","1795335437.465658","Zoë ""Z"" Müller","0501000001","","","","1001","from-agents",'
    '"PJSIP/1001-00000001","AppDial","(Outgoing Line)","3","","1795335437.1","1795335437.0",'
    '"PJSIP/trunk-00000000","","","{""bridge_id"":""cfee"",""bridge_technology"":""simple_bridge""}"\n'
)


def test_a_line_is_read_by_the_order_of_its_columns():
    assert list(parse_lines([LINE], UTC)) == [
        CelRow(
            1795335437.465658, "BRIDGE_ENTER", "PJSIP/1001-00000001", "1795335437.1",
            "1795335437.0", "1001", "0501000001", 'Zoë "Z" Müller', "AppDial", "(Outgoing Line)",
            "PJSIP/trunk-00000000", {"bridge_id": "cfee", "bridge_technology": "simple_bridge"},
        )
    ]  # fmt: skip


@pytest.mark.parametrize(
    "line",
    [
        "",
        "\n",
        LINE[:200],  # torn
        '"CHAN_START","never"' + ',""' * 18,
        '"","1795335437.4"' + ',""' * 18,
        '"CHAN_START","1795335437.4"' + ',""' * 18,  # of no channel
        "\x00\xff,,,",
        '"CHAN_START","1e400"' + ',"x"' * 18,
    ],
)
def test_a_line_that_says_nothing_is_left_out(line: str):
    assert [row.at for row in parse_lines([line, LINE], UTC)] == [1795335437.465658]


def test_what_is_extra_may_be_no_json():
    (row,) = parse_lines([LINE[: LINE.index('"{')] + '"hello"'], UTC)
    assert row.extra == {}


@pytest.mark.parametrize(
    ("value", "zone", "at"),
    [
        ("1795335437.465658", BAKU, 1795335437.465658),  # without a dateformat
        (1795335437, BAKU, 1795335437.0),
        ("2026-11-22 12:17:17", BAKU, 1795335437.0),  # dateformat = %F %T
        ("2026-11-22 12:17:17.465658", BAKU, 1795335437.465658),  # a column without a zone
        ("2026-11-22T08:17:17+00:00", BAKU, 1795335437.0),
        (datetime(2026, 11, 22, 8, 17, 17, tzinfo=UTC), BAKU, 1795335437.0),
        (datetime(2026, 11, 22, 12, 17, 17), BAKU, 1795335437.0),  # noqa: DTZ001
        ("2026-10-25 02:30:00", BERLIN, 1792888200.0),  # comes twice; the first
        ("22.11.2026", BAKU, None),
        ("nan", BAKU, None),
        (None, BAKU, None),
    ],
)
def test_a_time_is_epoch_seconds_or_a_date_of_the_pbx(value, zone, at):
    assert read_time(value, zone) == at


def test_a_table_may_number_the_kinds_of_events():
    columns = {"eventtype": 7, "eventtime": 1795335437, "uniqueid": "1.2", "channame": "SIP/1-0"}
    row = from_columns(columns, UTC)
    assert row is not None
    assert (row.kind, row.linkedid, row.exten) == ("BRIDGE_ENTER", "1.2", "")

"""`callcenter replay`, as support uses it: files in, lines out."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from callcenter.replay import replay
from tests import recordings
from tests.taped import tape

SAID = ["--agents", "PJSIP/1*,PJSIP/2*", "--trunks", "PJSIP/trunk", "--region", "AZ"]


def run(*arguments: str | int | Path) -> Result:
    return CliRunner().invoke(replay, [str(argument) for argument in arguments])


def lines(result: Result) -> list[dict[str, object]]:
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_a_recording_comes_out_as_one_line_an_interaction():
    told = lines(run(*recordings.files("in_number_formats"), "--json", *SAID))

    assert recordings.strictly_wrong("in_number_formats", told) == []


def test_successive_connections_are_one_story():
    told = lines(run(*recordings.files("asterisk_restart"), "--json", *SAID))

    assert recordings.strictly_wrong("asterisk_restart", told) == []


@pytest.mark.parametrize("name", ["resync_mid_call", "asterisk_restart"])
def test_what_the_service_keeps_is_read_as_it_lies(name: str, tmp_path: Path):
    tape(tmp_path, name)
    kept = sorted(tmp_path.glob("1/*/*.ami.gz"))
    assert len(kept) > 2

    # Whose phones are whose stands in the stream itself.
    told = lines(run(*kept, "--json"))

    assert recordings.strictly_wrong(name, told) == []


def test_a_lost_line_is_made_good_by_the_lists_asked_for_after_it():
    told = lines(run(*recordings.files("reconnect_mid_call"), "--json", *SAID))
    goes_on, ended, began = told
    truth = recordings.truth("reconnect_mid_call")["interactions"]

    assert recordings.strictly_wrong("reconnect_mid_call", told) == []
    assert (goes_on["hangup_by"], ended["hangup_by"], began["hangup_by"]) == (
        "customer", None, "customer"
    )  # fmt: skip
    for got, real in zip(told, truth, strict=True):
        assert (got["customer_number"], got["did"]) == (real["customer_number"], real["did"])
        assert (got["last_agent"], got["disposition"]) == (real["last_agent"], "answered")
    # Of talk only so much is told as was heard, or was still going on at the new connection.
    assert 0 <= ended["talk_s"] < truth[1]["talk_s"]
    assert 6.0 < began["talk_s"] < truth[2]["talk_s"]
    assert abs(began["t_start"] - truth[2]["t_start"]) < 1


def test_phones_named_by_an_extension_need_no_patterns():
    plain = run(*recordings.files("queue_ringall_local"), "--json")

    assert plain.stdout == run(*recordings.files("queue_ringall_local"), "--json", *SAID).stdout


def test_internal_calls_print_nothing():
    assert run(*recordings.files("internal_answered"), "--json", *SAID).stdout == ""


@pytest.mark.parametrize("options", [["--split", "1"], ["--split", "977"], ["--shuffle", "3"]])
def test_pieces_and_order_change_no_record(options):
    told = lines(run(*recordings.files("att_to_agent"), "--json", *SAID, *options))

    assert recordings.strictly_wrong("att_to_agent", told) == []


def test_a_call_that_goes_on_at_the_end_is_marked_incomplete(tmp_path):
    whole = recordings.files("in_direct_answered")[0].read_bytes()
    cut = tmp_path / "cut.ami"
    cut.write_bytes(whole[: whole.index(b"Event: HangupRequest")])

    (told,) = lines(run(cut, "--json", *SAID))

    assert told["incomplete"] is True
    assert told["agents_talked"] == ["1001"]
    assert "answered …" in run(cut, *SAID).stdout


def test_without_any_clock_there_are_no_durations(tmp_path):
    bare = tmp_path / "bare.ami"
    bare.write_bytes(recordings.files("in_direct_answered")[0].read_bytes())

    (told,) = lines(run(bare, "--json", *SAID))

    assert (told["wait_s"], told["talk_s"], told["disposition"]) == (None, None, "answered")


def test_dropping_the_beginning_drops_the_calls_it_belongs_to():
    result = run(*recordings.files("queue_two_waiting"), "--json", "--cut", "80", *SAID)

    assert [told["customer_number"] for told in lines(result)] == ["0501110002"]


def test_a_connection_lost_anywhere_and_made_good_changes_no_record():
    files = recordings.files("queue_answered")
    blocks = files[0].read_bytes().count(b"\r\n\r\n")
    for place in range(0, blocks + 2, 9):
        told = lines(run(*files, "--json", "--resync-at", place, *SAID))

        assert recordings.strictly_wrong("queue_answered", told) == [], f"after {place}"


def test_people_get_a_table():
    result = run(*recordings.files("in_direct_answered"), *SAID)

    assert result.exit_code == 0
    assert "0501234567" in result.stdout
    assert "answered" in result.stdout


def test_what_could_not_be_understood_is_counted_on_standard_error(tmp_path):
    torn = tmp_path / "torn.ami"
    torn.write_bytes(
        b"no colon here\r\n\r\n" + recordings.files("in_direct_busy")[0].read_bytes() + b"Event: Ne"
    )

    result = run(torn, "--json", *SAID)

    assert [told["disposition"] for told in lines(result)] == ["busy"]
    assert "1 could not be understood" in result.stderr
    assert "9 bytes" in result.stderr


def test_letters_that_are_none_still_make_lines_that_can_be_read(tmp_path):
    odd = tmp_path / "odd.ami"
    whole = recordings.files("in_direct_answered")[0].read_bytes()
    odd.write_bytes(whole.replace("Əli".encode(), b"\xff\xfe"))

    (told,) = lines(run(odd, "--json", *SAID))

    assert told["customer_number"] == "0501234567"


_KEYS = [
    "Uniqueid", "Linkedid", "Channel", "ChannelState", "DestUniqueid", "DestChannel", "DestLinkedid",
    "BridgeUniqueid", "BridgeType", "Cause", "Queue", "DialStatus", "Timestamp", "Response",
    "CallerIDNum", "Exten", "Position", "ChanVariable", "OrigTransfererUniqueid", "ParkeeUniqueid",
]  # fmt: skip
_garbled = st.binary(max_size=40) | st.sampled_from([
    b"", b"<unknown>", b"1795318242.0", b"PJSIP/trunk-00000000", b"Local/1@x-1;1", b"nan", b"1e999",
    b"-1", "٣".encode(), b"\xff", b"CRM_REF=x", b"inf",
])  # fmt: skip
_block = st.tuples(
    st.sampled_from([
        "Newchannel", "Newstate", "DialBegin", "DialEnd", "BridgeEnter", "BridgeLeave", "Hangup",
        "QueueCallerJoin", "QueueCallerLeave", "OriginateResponse", "AttendedTransfer",
        "UnParkedCall", "LocalBridge", "QueueMemberStatus",
    ]),
    st.lists(st.tuples(st.sampled_from(_KEYS), _garbled), max_size=8),
).map(
    lambda block: b"\r\n".join(
        [b"Event: " + block[0].encode(), *(key.encode() + b": " + value for key, value in block[1])]
    )
    + b"\r\n\r\n"
)  # fmt: skip


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(stream=st.lists(_block | st.binary(max_size=60), max_size=30).map(b"".join))
def test_any_input_ends_well(tmp_path: Path, stream: bytes):
    file = tmp_path / "any.ami"
    file.write_bytes(recordings.files("in_direct_answered")[0].read_bytes()[:9000] + stream)

    for told in lines(run(file, "--json", *SAID)):
        assert told["direction"] in ("inbound", "outbound")

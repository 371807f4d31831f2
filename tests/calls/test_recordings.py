"""Which recordings a call has, when they were silent, and where their files are."""

from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.calls.call import Call
from callcenter.calls.models import PbxRow
from callcenter.calls.open_calls import OpenCalls
from callcenter.calls.recordings import existing, place_of, relative
from callcenter.errors import RecordingMissing
from tests import recordings
from tests.calls.office import told

ROOT = "/var/spool/asterisk/monitor"


def calls_of(name: str) -> list[Call]:
    calls = OpenCalls()
    for event in told(name):
        calls.apply(event)
    with_customer = ("inbound", "outbound")
    return [c for c in calls if c.folded_into is None and c.direction in with_customer]


#: Where the script looked for files by a name that finds more, or fewer, than one call's.
MISCOUNTED = ("in_same_number_twice", "blind_to_external", "blind_to_queue")


#: Whose truth tells of files at all.
COUNTED = [
    name
    for name in recordings.TOLD
    if name not in MISCOUNTED
    and all("recording" in one for one in recordings.truth(name)["interactions"])
]


@pytest.mark.parametrize("name", COUNTED)
def test_a_call_has_as_many_recordings_as_there_were_files(name: str) -> None:
    expected = [
        len(want["recording"].get("files", []))
        for want in recordings.truth(name)["interactions"]
        if want["recording"]
    ]

    found = [len(call.recordings) for call in calls_of(name) if call.answer_at is not None]

    assert found == [count for count in expected if count]


def test_a_call_that_is_handed_to_an_outside_number_has_a_recording_of_each_part() -> None:
    [call] = calls_of("blind_to_external")
    [first, second] = call.recordings

    assert first.began_at < second.began_at


def test_the_pbx_tells_which_file_it_is() -> None:
    [call] = calls_of("queue_answered_sysname")
    [want] = recordings.truth("queue_answered_sysname")["interactions"]

    assert [Path(one.file or "").name for one in call.recordings] == want["recording"]["files"]


def test_a_muted_span_is_known_and_ends_before_the_recording_does() -> None:
    [call] = calls_of("record_on_demand")
    [recording] = call.recordings
    [(muted, heard_again)] = recording.muted.closed

    assert recording.ended_at is not None
    assert recording.began_at < muted < heard_again < recording.ended_at
    # The script muted it two seconds after the start, for two seconds.
    assert muted - recording.began_at == pytest.approx(2, abs=0.2)
    assert heard_again - muted == pytest.approx(2, abs=0.2)


def test_the_recordings_of_a_call_end_with_it() -> None:
    for name in recordings.TOLD:
        for call in calls_of(name):
            if not call.live:
                assert all(one.ended_at is not None for one in call.recordings), name


# ---------------------------------------------------------------- files


@pytest.mark.parametrize(
    ("file", "inside"),
    [
        (f"{ROOT}/2026/11/22/in-1.wav", "2026/11/22/in-1.wav"),
        ("in-1.wav", "in-1.wav"),
        ("2026/in-1.wav", "2026/in-1.wav"),
        (f"{ROOT}//in-1.wav", "in-1.wav"),
    ],
)
def test_a_path_on_the_pbx_is_found_below_its_folder(file: str, inside: str) -> None:
    assert relative(file, ROOT) == PurePosixPath(inside)


@pytest.mark.parametrize(
    "file",
    ["", "/etc/passwd", f"{ROOT}/../../etc/passwd", "../x.wav", ROOT, f"{ROOT}/", "a\0b.wav"],
)
def test_what_lies_elsewhere_is_nobodys_recording(file: str) -> None:
    assert relative(file, ROOT) is None
    with pytest.raises(RecordingMissing):
        place_of(PbxRow(recordings_at="/mnt/r", recordings_root=ROOT), file)


@given(st.text(alphabet="./\\ab\0", max_size=20))
def test_no_path_ever_leads_out_of_the_folder(file: str) -> None:
    for path in (file, f"{ROOT}/{file}"):
        if (inside := relative(path, ROOT)) is not None:
            assert not inside.is_absolute()
            assert ".." not in inside.parts


def test_nothing_outside_is_handed_out_through_a_link(tmp_path: Path) -> None:
    folder, secret = tmp_path / "monitor", tmp_path / "secret.wav"
    folder.mkdir()
    secret.write_bytes(b"RIFF")
    (folder / "in-1.wav").symlink_to(secret)
    (folder / "in-2.wav").write_bytes(b"RIFF")
    pbx = PbxRow(recordings_at=str(folder), recordings_root=ROOT)

    assert existing(place_of(pbx, f"{ROOT}/in-1.wav")) is None
    assert existing(place_of(pbx, f"{ROOT}/in-2.wav")) == folder / "in-2.wav"


def test_a_recording_that_was_turned_into_mp3_is_found(tmp_path: Path) -> None:
    (tmp_path / "in-1.mp3").write_bytes(b"ID3")
    pbx = PbxRow(recordings_at=str(tmp_path), recordings_root=ROOT)

    assert existing(place_of(pbx, f"{ROOT}/in-1.wav")) == tmp_path / "in-1.mp3"


def test_an_address_is_asked_for_the_file_by_its_quoted_path() -> None:
    pbx = PbxRow(recordings_at="https://pbx.example/rec/", recordings_root=ROOT)

    place = place_of(pbx, f"{ROOT}/2026/in?1#ə.wav")

    assert place.address == "https://pbx.example/rec/2026/in%3F1%23%C9%99.wav"

"""Each flow that can be recorded is recorded, and only those are."""

from tests import recordings
from tests.e2e.flows import FLOWS

OWN = recordings.FOLDER / "own"
RECORDED = {name.removeprefix("own/") for name in recordings.NAMES if name.startswith("own/")}


def test_every_flow_has_a_recording_and_every_recording_a_flow() -> None:
    assert FLOWS.keys() == RECORDED


def test_a_recording_says_what_its_flow_says() -> None:
    for name, flow in FLOWS.items():
        truth = recordings.truth(f"own/{name}")
        assert (truth["name"], truth["title"], truth["family"]) == (name, flow.title, flow.family)


def test_the_list_of_recordings_is_whole() -> None:
    listed = (OWN / "README.md").read_text("utf-8")
    for name, flow in FLOWS.items():
        assert f"| {name} | {flow.title} |" in listed

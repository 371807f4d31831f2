"""Writes `tests/transcripts/own/README.md`: what our own recordings are, and what plays in each."""

import json
from pathlib import Path
from typing import Any

_HEAD = """\
# Our own recordings

Flows that the recordings beside this folder lack, played by scripts on a real Asterisk 22; names that end in `_pjsip16` and
`_sip16` on Asterisk 16, with either of its SIP drivers. The form is that of all recordings (see `../README.md`). What differs:

- The AMI user is the product's own (`asterisk-config/manager.conf`: no dialplan events, each event with its `Timestamp`).
  What a script asks of Asterisk it asks as another user: there are no responses in the stream.
- The PBX is `asterisk-config` with a few numbers and queues more (`tests/e2e/flows/additions`). `PJSIP/trunk2` is a second
  carrier, `PJSIP/reception` a phone that is nobody's.
- `queue_wait_s` is left out: no phone sees when a caller enters a queue.

`make record` plays all of them anew, `make record FLOWS="NAME NAME"` some; it says where a replay differs from the truth, and
writes this list. How to add one: `docs/how-to/record-a-flow.md`.

| recording | what happens | interactions | KB |
|---|---|--:|--:|
"""


def write(folder: Path) -> None:
    """Write the list of the recordings in `folder`."""
    truths = [json.loads(path.read_text("utf-8")) for path in sorted(folder.glob("*.truth.json"))]
    text = _HEAD + "".join(_row(folder, truth) for truth in truths)
    (folder / "README.md").write_text(text, "utf-8")


def _row(folder: Path, truth: dict[str, Any]) -> str:
    size = (folder / f"{truth['name']}.ami").stat().st_size // 1024
    count = truth["interactions_expected"]
    return f"| {truth['name']} | {truth['title']} | {count} | {size} |\n"

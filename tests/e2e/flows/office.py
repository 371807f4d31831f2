"""The office of the flows: `asterisk-config`, and what only a flow needs.

An overlay of files for the rig: the additions of `additions/` are put after the files of the
same name, so that a flow plays on the configuration users get.
"""

from pathlib import Path

from tests.e2e.rig.asterisk import REPOSITORY
from tests.e2e.rig.chan_sip import on_chan_sip, write_overlay

ADDITIONS = Path(__file__).with_name("additions")
CONFIG = REPOSITORY / "asterisk-config"


def write(folder: Path, technology: str) -> Path:
    """Write the overlay into `folder`, and return it."""
    if technology == "SIP":
        write_overlay(folder)
    else:
        folder.mkdir()
    for addition in sorted(ADDITIONS.glob("*.conf")):
        file = folder / addition.name
        base = file if file.exists() else CONFIG / addition.name
        standing = base.read_text("utf-8") if base.exists() else ""
        added = addition.read_text("utf-8")
        if technology == "SIP":
            if addition.name == "pjsip.conf":
                continue
            added = on_chan_sip(added)
        file.write_text(f"{standing}\n{added}", "utf-8")
    return folder

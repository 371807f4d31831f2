"""The same office on `chan_sip`, the driver that PBXs before Asterisk 21 may still use."""

import re
from pathlib import Path

from tests.e2e.rig.asterisk import REPOSITORY

CONFIG = REPOSITORY / "asterisk-config"

GENERAL = """\
[general]
udpbindaddr = 127.0.0.1:@SIP_PORT@
disallow = all
allow = alaw,ulaw
directmedia = no
dtmfmode = info
; Device states and queues count calls only where it is said how many there may be.
callcounter = yes

[trunk]
type = peer
host = 127.0.0.2
port = @TRUNK_PORT@
context = from-trunk
insecure = port,invite
trustrpid = yes
"""

PHONE = """
[{extension}]
type = friend
host = dynamic
context = from-agents
secret = @SECRET@
callerid = "Agent {extension}" <{extension}>
qualify = yes
callgroup = 1
pickupgroup = 1
"""


def write_overlay(folder: Path) -> Path:
    """Write what differs from `asterisk-config` into `folder`, and return it."""
    folder.mkdir()
    for name in ("extensions.conf", "queues.conf"):
        text = (CONFIG / name).read_text(encoding="utf-8")
        (folder / name).write_text(on_chan_sip(text), encoding="utf-8")
    modules = (CONFIG / "modules.conf").read_text(encoding="utf-8")
    others = [line for line in modules.splitlines() if "pjsip" not in line]
    (folder / "modules.conf").write_text("\n".join([*others, "load = chan_sip.so", ""]))
    phones = (PHONE.format(extension=extension) for extension in range(1001, 1007))
    (folder / "sip.conf").write_text(GENERAL + "".join(phones))
    return folder


def on_chan_sip(text: str) -> str:
    """Return configuration that names endpoints of chan_pjsip with those of chan_sip."""
    text = re.sub(r"PJSIP/([^@/\s,]+)@trunk", r"SIP/trunk/\1", text)
    return text.replace("PJSIP/", "SIP/")

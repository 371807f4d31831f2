"""A floor of sixty phones more than the example office has: what is added to `asterisk-config`.

Agents 1101 to 1160 have the direct numbers 0124041101 to 0124041160. Each of the last twelve is the
only member of a queue of his own (0124047149 for queue-1149), so that a test knows whom a waiting
caller will get.
"""

from pathlib import Path

from tests.e2e.rig.asterisk import OVERLAY, REPOSITORY

#: As whom every phone of the floor registers: SIPp, which plays them all, has one name.
LOGIN = "floor"

AGENTS = tuple(str(extension) for extension in range(1101, 1161))
ALONE_IN_A_QUEUE = AGENTS[48:]

CONFIG = REPOSITORY / "asterisk-config"

PHONE = """
[{extension}](agent)
auth = floor
aors = {extension}
callerid = "Agent {extension}" <{extension}>
[{extension}](agent-aor)
"""

DIALPLAN = """
[did](+)
exten => _01240411XX,1,Gosub(record,s,1({direct}))
 same => n,Dial(PJSIP/{direct},60,tTkK)
 same => n,Goto(not-answered,${{DIALSTATUS}},1)
exten => _01240471XX,1,Goto(queue,queue-{direct},1)

[from-queue](+)
exten => _11XX,1,Dial(PJSIP/${{EXTEN}},60,tTkK)
 same => n,Hangup()

[internal](+)
exten => _11XX,1,Dial(PJSIP/${{EXTEN}},60,tTkK)
 same => n,Goto(not-answered,${{DIALSTATUS}},1)

[click2call](+)
exten => _11XX,1,Goto(internal,${{EXTEN}},1)
"""

QUEUE = """
[queue-{extension}](common)
timeout = 60
strategy = linear
member => {member},0,Agent {extension},PJSIP/{extension}
"""


def direct_number(extension: str) -> str:
    return f"012404{extension}"


def queue_number(extension: str) -> str:
    return f"0124047{extension[1:]}"


def write_floor(folder: Path) -> Path:
    """Write what is laid over `asterisk-config` into `folder`, and return it."""
    site = folder / "site"
    site.mkdir(parents=True)
    phones = (OVERLAY / "site" / "phones.conf").read_text(encoding="utf-8")
    phones += f"[floor](agent-auth)\nusername = {LOGIN}\npassword = @SECRET@\n"
    phones += "".join(PHONE.format(extension=extension) for extension in AGENTS)
    (site / "phones.conf").write_text(phones, encoding="utf-8")
    _append(folder, "extensions.conf", DIALPLAN.format(direct="1${EXTEN:-3}"))
    _append(folder, "queues.conf", "".join(_queue(each) for each in ALONE_IN_A_QUEUE))
    return folder


def _queue(extension: str) -> str:
    """Return a queue; its member is the phone, or a Local channel that stays, or one that goes."""
    members = (f"PJSIP/{extension}", f"Local/{extension}@from-queue/n")
    return QUEUE.format(extension=extension, member=members[int(extension) % len(members)])


def _append(folder: Path, name: str, text: str) -> None:
    (folder / name).write_text((CONFIG / name).read_text(encoding="utf-8") + text, encoding="utf-8")

"""Looks at a PBX with the eyes of its AMI user and says what is missing, and what that costs.

`look` asks the PBX whatever the user may ask; `judge` is pure and turns what was seen into
findings. What could not be seen is a finding too, with the way to make it visible.
"""

from callcenter.ami.connection import Account, Timing
from callcenter.ami.doctor.findings import Finding
from callcenter.ami.doctor.judge import judge, unreachable
from callcenter.ami.doctor.look import look
from callcenter.ami.session import LinkFailed
from callcenter.ami.tracker import Endpoints

__all__ = ["Finding", "examine"]


async def examine(
    account: Account,
    endpoints: Endpoints,
    dial_context: str,
    *,
    listen_s: float = 3.0,
    timing: Timing | None = None,
) -> list[Finding]:
    """Return everything there is to say about a PBX; it may be only that it does not answer.

    `listen_s` is how long to listen for events: what they carry can only be seen in them.
    """
    try:
        sight = await look(account, dial_context, listen_s, timing or Timing())
    except LinkFailed as failed:
        return [unreachable(account, failed)]
    return judge(account, sight, endpoints, dial_context)

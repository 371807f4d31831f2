"""The port: what the house asks of any PBX.

`ami.asterisk` does it on Asterisk. Nothing here waits for the effect: what
really happened comes back as events. Each verb is sent at most once.

Every verb may raise PbxUnreachable (not sent), PbxRefused (sent, answered no)
or OutcomeUnknown (sent, no answer: it may have happened).
"""

from typing import Protocol

import msgspec


class Dial(msgspec.Struct, frozen=True, kw_only=True):
    """Ring `endpoint` first; once it answers, dial `number` from it."""

    #: Our own id for the agent's channel; comes back as the call's first Uniqueid.
    channel_id: str
    endpoint: str
    number: str
    context: str
    caller_name: str = ""
    crm_ref: str = ""
    ring_s: int = 30


class Pbx(Protocol):
    @property
    def up(self) -> bool:
        """Whether the link is logged in and events flow."""
        ...

    async def dial(self, request: Dial) -> None: ...

    async def hangup(self, leg: str, *, cause: int = 16) -> None:
        """Hang the channel of `leg` up; CallNotLive if it is gone already."""
        ...

    async def pause(
        self, interface: str, *, paused: bool, reason: str = "", queue: str | None = None
    ) -> None:
        """Pause or unpause a queue member, in all its queues unless one is named."""
        ...

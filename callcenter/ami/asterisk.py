"""The port `callcenter.pbx` done on Asterisk.

Each verb is one action, sent at most once; what really happens comes back as events.
A leg is a Uniqueid, which Asterisk takes wherever it takes a channel's name.
"""

import re
from typing import Final

from callcenter.ami.connection import Link
from callcenter.errors import CallNotLive, NotAPhoneNumber, PbxRefused, UnsendableValue
from callcenter.pbx import Dial

_DIALABLE: Final = re.compile(r"[\w.*#+-]{1,80}", re.ASCII)

#: Longest wait for the answer to a verb; people are looking at a button meanwhile.
_DEADLINE_S: Final = 5.0


class Asterisk:
    """One Asterisk behind one link."""

    def __init__(self, link: Link) -> None:
        self._link = link

    @property
    def up(self) -> bool:
        return self._link.up

    async def dial(self, request: Dial) -> None:
        if not _DIALABLE.fullmatch(request.number):
            raise NotAPhoneNumber(raw=request.number)
        fields = {
            "Action": "Originate",
            "Channel": request.endpoint,
            "ChannelId": request.channel_id,
            "Context": request.context,
            "Exten": request.number,
            "Priority": "1",
            "CallerID": _caller_id(request.caller_name, request.number),
            "Timeout": str(request.ring_s * 1000),
            "Async": "true",
        }
        if request.endpoint.startswith("Local/"):
            # A Local channel has two halves, and Asterisk wants an id for each.
            fields["OtherChannelId"] = f"{request.channel_id}-2"
        if request.crm_ref:
            # Two underscores: every channel made from this one inherits the reference.
            fields["Variable"] = f"__CRM_REF={_plain('crm_ref', request.crm_ref)}"
        await self._link.request(fields, _DEADLINE_S)

    async def hangup(self, leg: str, *, cause: int = 16) -> None:
        # "/.../" would be a pattern, and hang up every channel that matches it.
        if leg.startswith("/"):
            raise UnsendableValue(field="Channel")
        try:
            await self._link.request(
                {"Action": "Hangup", "Channel": leg, "Cause": str(cause)}, _DEADLINE_S
            )
        except PbxRefused as refused:
            if refused.values["reason"] == "No such channel":
                raise CallNotLive from None
            raise

    async def pause(
        self, interface: str, *, paused: bool, reason: str = "", queue: str | None = None
    ) -> None:
        fields = {
            "Action": "QueuePause",
            "Interface": interface,
            "Paused": "true" if paused else "false",
        }
        if reason:
            fields["Reason"] = reason
        if queue is not None:
            fields["Queue"] = queue
        await self._link.request(fields, _DEADLINE_S)


def _caller_id(name: str, number: str) -> str:
    """Return what the agent's phone shows while it rings: whom it will call."""
    shown = re.sub(r'["<>\\]', "", name).strip()
    return f'"{shown}" <{number}>' if shown else f"<{number}>"


def _plain(field: str, value: str) -> str:
    """Return `value`, unless a comma in it would begin another channel variable."""
    if "," in value:
        raise UnsendableValue(field=field)
    return value

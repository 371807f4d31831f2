"""What people dial at a phone to sit down there or to get up: the dialplan says so by UserEvent."""

from typing import Final

from callcenter.ami.messages import Message
from callcenter.ami.tracker.endpoints import endpoint_of
from callcenter.ami.tracker.world import World
from callcenter.events import DeskDialled

_SIT: Final = "CallcenterSit"
_LEAVE: Final = "CallcenterLeave"


def user_event(world: World, message: Message, at: float) -> None:
    """The dialplan's own events; those of other purposes are not ours."""
    name, channel = message.get("userevent"), message.get("channel")
    code = message.get("code") if name == _SIT else ""
    if channel and (name == _LEAVE or code):
        world.out.append(
            DeskDialled(pbx=world.pbx, at=at, endpoint=endpoint_of(channel), code=code or None)
        )

"""What a rule may do, as its row keeps it."""

from collections.abc import Sequence
from typing import Any, Literal

import msgspec

#: Whom an action means: who owns the row, the head of his team, or a person by id.
Whom = str
OWNER, HEAD = "owner", "head"
#: How one of several is chosen: in turn, or who has least to do.
How = Literal["turn", "load"]


class Assign(msgspec.Struct, frozen=True, kw_only=True, tag="assign"):
    """Give the row to one person, or to whoever of a team is next."""

    user_id: int | None = None
    team_id: int | None = None
    how: How = "turn"
    #: Only to somebody who is at work now.
    only_present: bool = True
    #: Who has not begun by then loses it to the next; None: it stays.
    take_within_min: int | None = None
    #: Ring the person at once, then the customer.
    ring: bool = False


class AddTask(msgspec.Struct, frozen=True, kw_only=True, tag="task"):
    subject: str
    within_min: int = 60
    whom: Whom = OWNER


class Notify(msgspec.Struct, frozen=True, kw_only=True, tag="notify"):
    whom: Whom = OWNER


class SetField(msgspec.Struct, frozen=True, kw_only=True, tag="set"):
    field: str
    #: As a form says it, in the language in which it was written down.
    value: str = ""
    language: str = "en"


class Move(msgspec.Struct, frozen=True, kw_only=True, tag="move"):
    stage_id: int


class Mark(msgspec.Struct, frozen=True, kw_only=True, tag="tag"):
    """Put a tag on the row, or take it off."""

    name: str
    remove: bool = False


class Involve(msgspec.Struct, frozen=True, kw_only=True, tag="involve"):
    """Add somebody who works on the row too, or take him out."""

    user_id: int
    remove: bool = False


class MakeLead(msgspec.Struct, frozen=True, kw_only=True, tag="lead"):
    """Make a lead of an interaction that belongs to none."""


class SendLetter(msgspec.Struct, frozen=True, kw_only=True, tag="letter"):
    """Write to the customer, by a template and from a mailbox."""

    template_id: int
    account_id: int


class SendSms(msgspec.Struct, frozen=True, kw_only=True, tag="sms"):
    """Send the customer a message; `text` is a template."""

    text: str


class CallBack(msgspec.Struct, frozen=True, kw_only=True, tag="call"):
    """Plan a call to the customer, and place it at its time if whoever is to make it is free."""

    subject: str = ""
    after_min: int = 0
    whom: Whom = OWNER
    ring: bool = False


class CallHook(msgspec.Struct, frozen=True, kw_only=True, tag="hook"):
    """Tell another system by HTTP."""

    url: str
    #: Where the secret lies that signs what is told; "" if nothing does.
    secret: str = ""


Action = (
    Assign | AddTask | Notify | SetField | Move | Mark | Involve | MakeLead | SendLetter | SendSms
    | CallBack | CallHook
)  # fmt: skip


def read(actions: Sequence[Any]) -> list[Action]:
    """Return the actions a row keeps."""
    return msgspec.convert(list(actions), list[Action])


def written(actions: Sequence[Action]) -> list[Any]:
    """Return them as a row keeps them."""
    return [msgspec.to_builtins(action) for action in actions]


def kind_of(action: Action) -> str:
    return str(action.__struct_config__.tag)

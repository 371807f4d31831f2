"""What people are told of, and how each kind reaches them unless they choose otherwise.

A new kind is one line here: the list, the choices, the banner, letters and messages walk this.
`says` is a sentence of its own; `{who}` in it is who caused it. What the row is called follows it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


def _(message: str) -> str:
    return message


#: The ways to a person: at the foot of open pages, as a notice of the desktop, by letter, by SMS.
CHANNELS: Final = ("page", "desktop", "email", "sms")
_PAGE: Final = ("page",)
_DESKTOP: Final = ("page", "desktop")
_LETTER: Final = ("page", "desktop", "email")


@dataclass(frozen=True, slots=True)
class Kind:
    """`urgent` ones break into quiet hours. `address` is where it leads, if not to a row's page."""

    label: str
    says: str
    icon: str
    channels: tuple[str, ...] = _PAGE
    urgent: bool = False
    address: str = ""
    #: Whether people choose how it reaches them.
    chosen: bool = True


KINDS: Final[Mapping[str, Kind]] = {
    "named": Kind(_("A colleague names me"), _("{who} has named you"), "at-sign", _DESKTOP),
    "given": Kind(
        _("I am made responsible"), _("{who} has made you responsible"), "user-round-check",
        _DESKTOP,
    ),
    "done": Kind(
        _("What I gave to somebody is done, or called off"), _("{who} has finished what you gave"),
        "circle-check", _DESKTOP,
    ),
    "reminder": Kind(_("Reminders"), _("Reminder"), "alarm-clock", _DESKTOP),
    "overdue": Kind(
        _("What is overdue, each morning"), _("Overdue"), "calendar-x",
        address="/interactions/expected?when=overdue",
    ),
    "assigned_lead": Kind(
        _("A lead is given to me"), _("A new lead is yours"), "user-round-plus", _LETTER
    ),
    "late_lead": Kind(
        _("A lead of mine waits too long"), _("The answer to a lead is overdue"), "timer-off",
        _LETTER,
    ),
    "escalated": Kind(
        _("A lead is escalated to me"), _("Nobody has taken this lead"), "siren", _LETTER,
        urgent=True,
    ),
    "mail": Kind(_("A letter has come"), _("{who} has written"), "mail"),
    "mail_failed": Kind(
        _("A letter of mine did not arrive"), _("This letter did not arrive"), "mail-x", _DESKTOP
    ),
    "invitation": Kind(_("Invitations"), _("{who} invites you"), "calendar-plus", _DESKTOP),
    "answer": Kind(
        _("Somebody answers my invitation"), _("An invitation was answered"), "calendar-check",
        _DESKTOP,
    ),
    "import_done": Kind(
        _("My import is done"), _("The import is done"), "file-check", address="/imports/{id}"
    ),
    "rule": Kind(_("A rule tells me"), _("A rule says"), "workflow", _DESKTOP),
    "approval": Kind(
        _("Somebody asks for my approval"), _("{who} asks for your approval"), "stamp", _LETTER
    ),
    "decided": Kind(
        _("My request for approval is decided"), _("{who} has decided on your request"), "gavel",
        _DESKTOP,
    ),
    "trial": Kind(
        _("A trial"), _("So a notice reaches you"), "bell-ring", CHANNELS, urgent=True,
        address="/notices/choices", chosen=False,
    ),
}  # fmt: skip


def address_of(kind: str, plural: str | None, row_id: int) -> str:
    """Return where a notice leads."""
    if own := KINDS[kind].address:
        return own.format(id=row_id)
    return f"/{plural}/{row_id}" if plural else "/notices"

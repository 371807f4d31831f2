"""What of a record nobody saw happen, in the words of the office."""

from collections.abc import Iterable
from typing import Final


def _(message: str) -> str:
    return message


#: By the kind of event that was concluded; the order is that of a call.
FACTS: Final = {
    "CallBegan": _("when it began and who called"),
    "CallDescribed": _("what is known of the number or the menu"),
    "QueueJoined": _("when the customer came into the queue"),
    "LegRang": _("whose phone rang, and since when"),
    "LegAnswered": _("when the phone was picked up"),
    "QueueLeft": _("when and how the customer left the queue"),
    "TalkBegan": _("since when they talked"),
    "HoldBegan": _("since when the customer was on hold"),
    "HoldEnded": _("until when the customer was on hold"),
    "CallTransferred": _("the handing over"),
    "TalkEnded": _("until when they talked, and so the talk time"),
    "LegEnded": _("when a party left the call"),
    "CallEnded": _("when and how the call ended"),
}


def facts(inferred: Iterable[str]) -> list[str]:
    """Return what was concluded, as phrases to be translated."""
    kinds = set(inferred)
    return [phrase for kind, phrase in FACTS.items() if kind in kinds]

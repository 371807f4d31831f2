"""What the installation does by itself: every kind of job, in a sentence, and how often it comes."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final, NamedTuple


def _(message: str) -> str:
    return message


class Work(NamedTuple):
    """`says` is what an administrator reads of it; what comes again has a period."""

    says: str
    every: timedelta | None = None


WORK: Final[Mapping[str, Work]] = {
    "assignment-ring": Work(_("Rings whom something was given to")),
    "assignment-sweep": Work(_("Looks whether somebody is there by now")),
    "assignment-term": Work(_("Passes on what nobody has begun")),
    "forget-jobs": Work(_("Forgets jobs that were done long ago"), timedelta(days=1)),
    "form-confirmation": Work(_("Tells who sent a web form that it has arrived")),
    "form-lead": Work(_("Makes a lead of what was sent by a web form")),
    "guests": Work(_("Tells guests that a meeting is called off")),
    "invitation": Work(_("Sends an invitation, or that something has changed")),
    "lead-answers": Work(_("Notes which leads were answered"), timedelta(minutes=1)),
    "lead-overdue": Work(_("Tells who has to know that a lead waits too long")),
    "letter": Work(_("Sends a letter to a customer")),
    "letter-copy": Work(_("Keeps a copy of a letter that was sent in its mailbox")),
    "notice-letter": Work(_("Sends notices to somebody by e-mail")),
    "notice-sms": Work(_("Sends notices to somebody by SMS")),
    "overdue": Work(_("Tells people in the morning what is overdue"), timedelta(minutes=10)),
    "repeat": Work(_("Plans the next one of what repeats")),
    "rule-call": Work(_("Places a call that a rule planned")),
    "sms": Work(_("Sends an SMS")),
    "web-hook": Work(_("Tells another system what a rule says")),
}

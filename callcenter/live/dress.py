"""Adds to live messages what a page cannot word by itself, in the reader's language and time zone.

Rooms say facts, and a page has the words for them (`web/templates`, `web/js/facts.js`). But a
browser knows no Azerbaijani dates, and a sentence that depends on what happened is the server's.
"""

from datetime import UTC, datetime

import msgspec

from callcenter.errors import OutcomeUnknown, PbxUnreachable
from callcenter.live.protocol import (
    Dialled,
    Message,
    OpenLead,
    Pop,
    PopRaised,
    PopWithdrawn,
    SeatNews,
    Snapshot,
)
from callcenter.server.formats import read_at
from callcenter.server.i18n import translate_to
from callcenter.server.identity import Identity
from callcenter.server.templates import HOME_ZONE, formats


def _(message: str) -> str:
    return message


#: Why a pop went away, in words.
REASONS = {
    "answered-by": _("{by} answered."),
    "caller-gone": _("The caller hung up."),
    "no-answer": _("Not answered."),
    "declined": _("Declined."),
    "ended": _("The call has ended."),
    "elsewhere": _("The call went on elsewhere."),
}
#: Why a call that was asked for was not placed, by the code of its problem.
REFUSALS = {
    "phone-not-registered": _(
        "Your phone is not connected to the PBX, so the call was not placed. Switch it on or choose "
        "another phone."
    ),
    "agent-no-answer": _("Your phone was not answered, so the customer was not called."),
    "agent-busy": _("Your phone is busy, so the customer was not called."),
    "agent-hung-up": _("You hung up before the customer was called."),
    "no-such-call": _(
        "The PBX knows of no such call: it was never placed, or it is over. You may call again."
    ),
    "pbx-unreachable": PbxUnreachable.sentence,
    "outcome-unknown": OutcomeUnknown.sentence,
}
#: What happened to the person's place, by who did it: the person, or somebody else.
SEATS = {
    ("sat", False): _("You sit at {seat} now."),
    ("sat", True): _("{by} has put you at {seat}."),
    ("left", False): _("You have left {seat}."),
    ("left", True): _("{by} has freed your place at {seat}."),
    ("taken", False): _("Somebody else sits at {seat} now. Calls there ring you no more."),
    ("taken", True): _("{by} sits at {seat} now. Calls there ring you no more."),
}
_NOT_PLACED = _("The PBX did not place the call. Try again, or ask an administrator.")
_SOMEBODY = _("A colleague")


def dress(message: Message, who: Identity) -> Message:
    """Return `message` with what only the server can say. `who` has a language and a time zone."""
    match message:
        case PopRaised():
            return msgspec.structs.replace(message, pop=dated(message.pop, who))
        case PopWithdrawn():
            return msgspec.structs.replace(message, text=reason(message, who))
        case SeatNews():
            return msgspec.structs.replace(message, text=seat_news(message, who))
        case Dialled(problem=str()):
            return msgspec.structs.replace(message, text=refusal(message, who))
        case Snapshot():
            return msgspec.structs.replace(
                message, pops=tuple(dated(pop, who) for pop in message.pops)
            )
        case _:
            return message


def dated(pop: Pop, who: Identity) -> Pop:
    """Return `pop` with its moments and the stages of its leads in the reader's words."""
    if pop.leads:
        pop = msgspec.structs.replace(pop, leads=tuple(_staged(lead, who) for lead in pop.leads))
    if not pop.recent:
        return pop
    words = formats(str(who.locale))
    with read_at(who.time_zone or HOME_ZONE, datetime.now(UTC)):
        recent = tuple(
            msgspec.structs.replace(
                line, when=words["ago"](line.at), moment=words["datetime"](line.at)
            )
            for line in pop.recent
        )
    return msgspec.structs.replace(pop, recent=recent)


def _staged(lead: OpenLead, who: Identity) -> OpenLead:
    stages = lead.stages
    words = stages.get(str(who.locale)) or stages.get("en") or next(iter(stages.values()), "")
    return msgspec.structs.replace(lead, stage=words, stages={})


def reason(message: PopWithdrawn, who: Identity) -> str:
    language = str(who.locale)
    by = message.by or translate_to(language, _SOMEBODY)
    return translate_to(language, REASONS.get(message.reason, ""), by=by)


def seat_news(message: SeatNews, who: Identity) -> str:
    words = SEATS[message.what, message.by is not None]
    return translate_to(str(who.locale), words, seat=message.seat, by=message.by)


def refusal(message: Dialled, who: Identity) -> str:
    return translate_to(str(who.locale), REFUSALS.get(message.problem or "", _NOT_PLACED))

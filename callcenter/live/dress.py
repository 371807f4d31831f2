"""Adds the HTML to live messages, in the reader's own language and time zone.

Rooms say facts; what is shown is rendered here, once a message and person, by the
same templates that a page uses. A withdrawn pop gets its reason as a sentence.
"""

from typing import Any

import msgspec

from callcenter.errors import OutcomeUnknown, PbxUnreachable
from callcenter.live.protocol import (
    Calls,
    CallView,
    Dialled,
    Message,
    Pop,
    PopRaised,
    PopWithdrawn,
    Snapshot,
    State,
    StateView,
)
from callcenter.server.i18n import translate_to
from callcenter.server.identity import Identity
from callcenter.server.pages import render_text


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
_NOT_PLACED = _("The PBX did not place the call. Try again, or ask an administrator.")
_SOMEBODY = _("A colleague")


def dress(message: Message, who: Identity) -> Message:
    """Return `message` with what is to be shown. `who` has a language and a time zone."""
    match message:
        case PopRaised():
            return msgspec.structs.replace(message, html=pop(message.pop, who))
        case Calls():
            return msgspec.structs.replace(message, html=bar(message.calls, who))
        case State():
            return msgspec.structs.replace(message, html=state(message.state, who))
        case PopWithdrawn():
            return msgspec.structs.replace(message, text=reason(message, who))
        case Dialled(problem=str()):
            return msgspec.structs.replace(message, text=refusal(message, who))
        case Snapshot():
            return msgspec.structs.replace(
                message,
                pops_html=tuple(pop(each, who) for each in message.pops),
                calls_html=bar(message.calls, who),
                state_html=state(message.state, who),
            )
        case _:
            return message


def pop(pop: Pop, who: Identity) -> str:
    return _render("screenpop/pop.html", who, pop=pop)


def bar(calls: tuple[CallView, ...], who: Identity) -> str:
    return _render("calls/bar.html", who, calls=calls)


def state(state: StateView, who: Identity) -> str:
    return _render("agents/state.html", who, state=state)


def reason(message: PopWithdrawn, who: Identity) -> str:
    language = str(who.locale)
    by = message.by or translate_to(language, _SOMEBODY)
    return translate_to(language, REASONS.get(message.reason, ""), by=by)


def refusal(message: Dialled, who: Identity) -> str:
    return translate_to(str(who.locale), REFUSALS.get(message.problem or "", _NOT_PLACED))


def _render(template: str, who: Identity, **context: Any) -> str:
    names = {"identity": who, "theme": who.theme, "time_zone": who.time_zone}
    return render_text(template, str(who.locale), **names, **context)

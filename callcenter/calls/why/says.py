"""The sentences of a ladder. Names stand in them uninflected, so that any language can place them."""

from typing import Final

import msgspec

from callcenter.calls.why.columns import Column


def _(message: str) -> str:
    return message


class Say(msgspec.Struct, frozen=True):
    """A sentence and whom it names: columns, or numbers and words as they are."""

    text: str
    names: dict[str, Column | str] = {}


CALLS: Final = _("The customer calls.")
CALLS_NUMBER: Final = _("The customer calls %(number)s.")
CALL_BEGINS: Final = _("A call begins: %(who)s.")
DIALS: Final = _("%(who)s dials %(number)s.")
CLICKS: Final = _("%(who)s clicks to call %(number)s.")
PRESSES: Final = _("The customer presses %(keys)s in the menu.")
LEAVES_MESSAGE: Final = _("The customer has left a voice message.")
SYSTEM_ANSWERS: Final = _("The phone system answers the customer.")
MENU_ANSWERS: Final = _("The menu answers the customer.")
VOICEMAIL_ANSWERS: Final = _("The voicemail answers the customer.")

WAITS: Final = _("The customer waits in the queue %(queue)s.")
WAITS_PLACE: Final = _("The customer waits in the queue %(queue)s, place %(place)s.")
QUEUE_ABANDONED: Final = _("The customer gives up waiting in the queue %(queue)s.")
QUEUE_TIMEOUT: Final = _("Nobody has picked up in time: the queue %(queue)s sends the customer on.")
QUEUE_KEY: Final = _("The customer leaves the queue %(queue)s by pressing a key.")
QUEUE_EMPTY: Final = _("Nobody is there to answer in the queue %(queue)s: the customer is sent on.")
QUEUE_FULL: Final = _("The queue %(queue)s is full: the customer is sent on.")
QUEUE_TAKEN: Final = _("The customer is taken out of the queue %(queue)s.")
QUEUE_UNKNOWN: Final = _("The customer no longer waits in the queue %(queue)s; why was not seen.")

RINGS: Final = _("The phone rings: %(who)s.")
CUSTOMER_RINGS: Final = _("The phone of the customer rings.")
RING: Final = _("The phones ring: %(who)s.")
ASKS: Final = _("%(who)s calls a colleague: %(whom)s.")
DIALS_OUT: Final = _("%(who)s calls the number %(whom)s.")
LIFTS: Final = _("%(who)s lifts the phone.")
PICKS_UP: Final = _("%(who)s picks up.")
CUSTOMER_PICKS_UP: Final = _("The customer picks up.")
OTHERS_STOP: Final = _("The other phones stop ringing: %(who)s.")
TAKES_RINGING: Final = _("%(who)s takes the call that rings on another phone: %(whom)s.")
TAKES: Final = _("%(who)s takes the call that rings on another phone.")
TAKES_PARKED: Final = _("%(who)s takes the customer out of parking.")
JOINS: Final = _("%(who)s joins the conversation.")

HEAR: Final = _("%(who)s hear each other.")
TALK_ASIDE: Final = _("%(who)s talk with each other; the customer is on hold.")
TALK_ALONE: Final = _("%(who)s talk with each other.")
NO_LONGER_ASIDE: Final = _("%(who)s no longer talk with each other.")
NO_LONGER: Final = _("%(who)s no longer hear each other.")
HOLDS: Final = _("%(who)s puts the customer on hold.")
TAKES_BACK: Final = _("%(who)s takes the customer back from hold.")

HANDS_OVER: Final = _("%(who)s hands the customer over to %(to)s.")
HANDS_OVER_BLIND: Final = _("%(who)s hands the customer over to %(to)s, without asking first.")
HANDS_OVER_NOBODY: Final = _("%(who)s hands the customer over.")
MOVED: Final = _("The customer is moved to %(to)s.")
MOVED_SOMEWHERE: Final = _("The customer is moved on.")
PARKS: Final = _("%(who)s parks the customer.")

NO_ANSWER: Final = _("%(who)s does not pick up; the phone stops ringing.")
STOPS_RINGING: Final = _("The phone stops ringing: %(who)s.")
BUSY: Final = _("The phone is busy: %(who)s.")
DECLINES: Final = _("%(who)s rejects the call.")
FORWARDS: Final = _("The phone forwards the call to another: %(who)s.")
UNREACHABLE: Final = _("The phone cannot be reached, so it does not ring: %(who)s.")
LEAVES: Final = _("%(who)s leaves the call; the call goes on.")
LOST: Final = _("From here on nothing was seen of this part: %(who)s.")

ENDS_CUSTOMER: Final = _("The customer hangs up.")
ENDS_WAITING: Final = _("The customer hangs up while waiting in the queue %(queue)s.")
ENDS_RINGING: Final = _("The customer hangs up before anybody has answered.")
ENDS_PARTY: Final = _("%(who)s hangs up.")
ENDS_GIVES_UP: Final = _("%(who)s gives up before the customer has answered.")
ENDS_SYSTEM: Final = _("The phone system ends the call with the customer.")
ENDS_BUSY: Final = _("The line of the customer is busy.")
ENDS_NO_ANSWER: Final = _("The customer does not answer.")
ENDS_FAILED: Final = _("The call to the customer cannot be put through.")
ENDS_UNKNOWN: Final = _("The call with the customer is over; who hung up was not seen.")

PHONE: Final = _("Phone %(number)s")

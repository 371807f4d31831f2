"""A message of the PBX for a person who does not know Asterisk: what it means, what counts in it."""

from typing import Final

from callcenter.events import CallEnded, LegAnswered, LegEvent, LegRang
from callcenter.pbx import Evidence


def _(message: str) -> str:
    return message


#: What each message is taken to mean.
MEANS: Final = {
    "Newchannel": _("A phone or line came into the call."),
    "Newstate": _("A phone changed its state: it rings, or it was picked up."),
    "HangupRequest": _("Somebody asked to end their part."),
    "Hangup": _("A phone or line is out of the call."),
    "Hold": _("The hold key was pressed on this phone."),
    "Unhold": _("The hold key was released on this phone."),
    "MusicOnHoldStart": _("This party hears music while waiting."),
    "DTMFEnd": _("A key was pressed."),
    "MessageWaiting": _("A message is in the mailbox."),
    "DialBegin": _("One phone or line began to ring another."),
    "DialEnd": _("The ringing is over, with this outcome."),
    "OriginateResponse": _("What became of a call that was asked for by a click."),
    "BridgeEnter": _("A party was connected: those in the same place hear each other."),
    "BridgeLeave": _("A party was taken out of where it was connected."),
    "LocalBridge": _("Two halves of one inner line of the phone system belong together."),
    "BlindTransfer": _("A customer was handed over without asking first."),
    "AttendedTransfer": _("A customer was handed over after asking."),
    "Pickup": _("A ringing call was taken on another phone."),
    "ParkedCall": _("A customer was parked."),
    "UnParkedCall": _("A parked customer was taken back."),
    "ChanSpyStart": _("Somebody began to listen in; a listener takes no part in the call."),
    "QueueCallerJoin": _("A caller came into a queue."),
    "QueueCallerAbandon": _("A caller left a queue unanswered."),
    "QueueCallerLeave": _("A caller left a queue."),
}
#: Of one kind of message, by what it made known.
_MADE_KNOWN: Final = {
    ("Newstate", LegAnswered): _("The phone was picked up."),
    ("Newstate", LegRang): _("The phone began to ring."),
    ("Hangup", CallEnded): _("With this phone or line out of it, the call is over."),
    ("DialBegin", LegRang): _("The phone was called, and began to ring."),
}
LISTED: Final = _("The list of what goes on, asked for after the line had come back.")
LOGGED: Final = _("The phone system's own log of calls, read after the line had come back.")
TIMED: Final = _("No message: it followed from nothing more being heard.")
OTHER: Final = _("A message about this call.")

#: What counts first, of whatever a message has.
_FIRST: Final = (
    "Event", "Channel", "DestChannel", "CallerIDNum", "CallerIDName", "ConnectedLineNum",
    "ConnectedLineName", "Exten", "Queue", "Position", "DialStatus", "ChannelStateDesc", "Digit",
    "BridgeUniqueid", "BridgeType", "Cause", "Cause-txt", "Result", "Uniqueid", "Linkedid",
    "DestUniqueid",
)  # fmt: skip
_RANK: Final = {key.lower(): place for place, key in enumerate(_FIRST)}


def meaning(evidence: Evidence) -> str:
    """Return what the message means, as a sentence to be translated."""
    if evidence.source == "snapshot":
        return LISTED
    if evidence.source == "cel":
        return LOGGED
    if evidence.source == "time":
        return TIMED
    for event in evidence.events:
        if (known := _MADE_KNOWN.get((evidence.name, type(event)))) is not None:
            return known
    return MEANS.get(evidence.name, OTHER)


def legs_of(evidence: Evidence) -> list[str]:
    """Return whose legs it speaks of: of what it made known, else of what it names."""
    told = [event.leg for event in evidence.events if isinstance(event, LegEvent)]
    return list(dict.fromkeys(told)) or list(dict.fromkeys(evidence.channels))


def fields(evidence: Evidence) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Return (key, value) of what counts, and of all the rest as it stood."""
    pairs = [(key, value.strip()) for key, _, value in map(_parted, evidence.text.splitlines())]
    first = [pair for pair in pairs if pair[0].lower() in _RANK and pair[1]]
    first.sort(key=lambda pair: _RANK[pair[0].lower()])
    return first, [pair for pair in pairs if pair not in first]


def _parted(line: str) -> tuple[str, str, str]:
    return line.partition(":")

"""Takes out of a recorded stream who it was, and leaves what happened.

Numbers, names, addresses, accounts, what was keyed and file names are replaced by made-up ones, the
same everywhere, of the same shape: a number keeps its country and network code and its length, an
endpoint stays an agent's or a trunk's. Headers that are not known here are left out, and so are
variables: what nobody thought of cannot give anybody away. Extensions of up to five digits stay.

The made-up ones are drawn, not computed, so nothing leads back. Pure.
"""

import random
import re
from collections.abc import Iterable
from typing import Final

from callcenter import phone
from callcenter.ami.tracker import Endpoints, endpoint_of
from callcenter.ami.tracker.endpoints import OUTSIDE

#: Longer runs of digits may be somebody's number.
_SHORT_DIGITS: Final = 5
#: So many digits at the end of a number say whose it is; what is before, which network.
_OWN_DIGITS: Final = 6
_TRIES: Final = 200

#: Headers, or their ends (DestChannelState), whose values say nothing of anybody.
_PLAIN: Final = (
    "event", "response", "eventlist", "privilege", "listitems", "items", "channelstate",
    "channelstatedesc", "bridgeuniqueid", "bridgeid", "bridgetype", "bridgetechnology",
    "bridgevideosourcemode", "bridgenumchannels", "priority", "cause", "techcause",
    "dialstatus", "count", "position", "holdtime", "wait", "duration", "durationms", "timestamp",
    "direction", "result", "isexternal", "desttype", "state", "status", "paused", "penalty",
    "localoptimization", "parkingduration", "parkingtimeout", "corestartupdate",
    "corestartuptime", "new", "old", "waiting", "application",
)  # fmt: skip
_NAMES: Final = ("calleridname", "connectedlinename", "membername")
_WORDS: Final = (
    "calleridnum", "connectedlinenum", "exten", "dnid", "forward", "dialstring", "queue",
    "interface", "location", "device", "mailbox", "parkinglot", "parkingspace", "extension",
)  # fmt: skip
_UIDS: Final = ("uniqueid", "linkedid")
#: Variables a dialplan tells, by what their values are.
_VARIABLES: Final = {
    "DID": "words", "QUEUENAME": "words", "QUEUESTATUS": "plain", "VMSTATUS": "plain",
    "CRM_REF": "reference", "MIXMONITOR_FILENAME": "file",
}  # fmt: skip
#: Of these only the first argument is told: whom they dial, which queue it is.
_APPLICATIONS: Final = re.compile(r"\(Outgoing Line\)|[^,|]*")

_NOTHING: Final = frozenset({"", "<unknown>", "(null)"})
#: Words of Asterisk's own; those of a site are replaced.
_KNOWN: Final = frozenset({
    "pjsip", "sip", "sips", "iax2", "local", "dahdi", "zap", "misdn", "khomp", "motif", "tel",
    "queue", "custom", "async", "asyncgoto", "confbridge", "default", "from", "internal", "s", "n",
    "h", "i", "t", "o", "a", "fax", "start", "failed", "cbann", "cbrec", "announcer", "recorder",
    "surrogate", "message", "bridge", "transport", "udp", "tcp", "tls", "wss",
})  # fmt: skip

_STAMP: Final = re.compile(r"(?:(?P<system>.*)-)?(?P<stamp>\d+\.\d+)")
_CUT: Final = re.compile(r"([^/@,&:;=()\s^!<>\"'\[\]|]+)")
_IPV6: Final = re.compile(r"(?<![\w:])(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{0,4}(?![\w:])")
_IPV4: Final = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}")
_NUMBER: Final = re.compile(r"(?P<before>[+*#]*)(?P<digits>\d+)(?P<after>[*#]*)")
#: A number as people write it: "+994 50 123 45 67", "(012) 404 55 66".
_SPACED: Final = re.compile(r"(?<!\w)(\+?)\(?(\d+(?:[\s()]+\d+)+)(?!\w)")
_DIGITS: Final = re.compile(r"\d+")
_FULL_KEY: Final = re.compile(r"(\w+)\((.*)\)")


class Anonymiser:
    """Replaces in the blocks of one recording; `blocks` are all of it."""

    def __init__(
        self,
        blocks: Iterable[bytes],
        endpoints: Endpoints,
        region: str,
        chance: random.Random,
    ) -> None:
        self._endpoints = endpoints
        self._regions = (region,)
        self._chance = chance
        self._made: dict[str, dict[str, str]] = {}
        #: Ends of numbers that stand in the recording: none may come out as another's.
        self._taken: set[str] = set()
        for block in blocks:
            self._meet(block.decode("utf-8", "replace"))

    def _meet(self, text: str) -> None:
        """Learn which numbers there are, and what each word is, before any is replaced."""
        self._taken.update(run[-_OWN_DIGITS:] for run in _DIGITS.findall(text))
        for line in text.split("\r\n"):
            key, _, value = line.partition(": ")
            if key.lower().endswith("channel") and value:
                self._meet_endpoint(endpoint_of(value))
            elif key.lower() == "queue" and value:
                self._made_up("queue", value)

    def _meet_endpoint(self, endpoint: str) -> None:
        technology, _, name = endpoint.partition("/")
        if technology != "Local" and not name.isdecimal():
            for word in _CUT.findall(name):
                self._word(word, self._endpoints.kind(endpoint))

    # ------------------------------------------------------------ blocks

    def block(self, block: bytes) -> bytes:
        """Return the block with everybody in it replaced."""
        lines = (self._line(line) for line in block.decode("utf-8", "replace").split("\r\n"))
        return "\r\n".join(line for line in lines if line is not None).encode()

    def _line(self, line: str) -> str | None:
        key, colon, value = line.partition(":")
        value = value.removeprefix(" ")
        bare, channel = key.lower(), _FULL_KEY.fullmatch(key)
        if channel is not None:
            # A variable's header names the channel it is of where a message has several.
            key, bare = f"{channel[1]}({self._channel(channel[2])})", channel[1].lower()
        made = self._value(bare, value) if colon else None
        return None if made is None else f"{key}: {made}"

    def _value(self, key: str, value: str) -> str | None:
        """Return what to write for `value`; None for nothing at all."""
        if value in _NOTHING and not key.endswith(("variable", "message")):
            return value
        if key.endswith(_UIDS) and not key.endswith("bridgeuniqueid"):
            return self._uid(value)
        if key.endswith(("channel", "channel1", "channel2")):
            return self._channel(value)
        if key.endswith(_NAMES):
            return self._name(value)
        if key.endswith("variable"):
            return self._variable(value)
        if key.endswith(_WORDS):
            return self._text(value)
        return self._other(key, value)

    def _other(self, key: str, value: str) -> str | None:
        if key == "digit":
            return str(self._chance.randrange(10)) if value.isdecimal() else value
        if key in ("applicationdata", "data"):
            first = _APPLICATIONS.match(value)
            is_dialled = value == "(Outgoing Line)"
            return value if is_dialled or first is None else self._text(first[0])
        if key.endswith("accountcode"):
            return self._made_up("account", value)
        if key == "actionid":
            return self._made_up("action", value)
        if key == "reason":
            return value if value.isdecimal() else None
        return value if key.endswith(_PLAIN) else None

    # ------------------------------------------------------------ values

    def _uid(self, value: str) -> str:
        found = _STAMP.fullmatch(value)
        if found is None:
            bare, half, which = value.partition(";")
            # An id that Asterisk did not make says who asked for the call.
            return self._made_up("asked-", bare) + half + which
        system = found["system"]
        return value if not system else f"{self._made_up('pbx', system)}-{found['stamp']}"

    def _channel(self, value: str) -> str:
        name, dash, which = value.rpartition("-")
        return f"{self._text(name)}-{which}" if dash else self._text(value)

    def endpoint(self, endpoint: str) -> str:
        """Return what an endpoint is called now."""
        if endpoint.startswith(OUTSIDE):
            return OUTSIDE + self._text(endpoint.removeprefix(OUTSIDE))
        return self._text(endpoint)

    def _name(self, value: str) -> str:
        if phone.is_withheld(value):
            return value
        if _NUMBER.fullmatch(value):
            return self._text(value)
        # A name with letters beyond ASCII stays one: they are what goes wrong.
        return self._made_up("Name " if value.isascii() else "Nəme ", value)

    def _variable(self, value: str) -> str | None:
        name, equals, content = value.partition("=")
        kind = _VARIABLES.get(name)
        if kind is None:
            return None
        if content in _NOTHING or kind == "plain":
            return value
        if kind == "file":
            ending = re.search(r"\.\w{2,4}$", content)
            content = self._made_up("file", content) + (ending[0] if ending else "")
        else:
            content = self._text(content) if kind == "words" else self._made_up("ref", content)
        return f"{name}{equals}{content}"

    # ------------------------------------------------------------ words and numbers

    def _text(self, value: str) -> str:
        """Replace in a value made of words, numbers and signs, such as "PJSIP/1001@from-pstn"."""
        if phone.is_withheld(value):
            return value
        bare = _IPV6.sub(lambda found: self._made_up("address", found[0]), value)
        bare = _SPACED.sub(_joined, bare)
        return _CUT.sub(lambda found: self._word(found[0]), bare)

    def _word(self, word: str, kind: str = "word") -> str:
        if (number := _NUMBER.fullmatch(word)) is not None:
            return number["before"] + self._number(number["digits"], word) + number["after"]
        if _IPV4.fullmatch(word):
            return self._made_up("192.0.2.", word)
        if word.lower() in _KNOWN or word in self._made.get("address", {}).values():
            return word
        for known in ("queue", "agent", "trunk", "internal"):
            if word in self._made.get(known, ()):
                return self._made[known][word]
        return self._made_up(kind, word)

    def _number(self, digits: str, written: str) -> str:
        if len(digits) <= _SHORT_DIGITS:
            return digits
        own = digits[-_OWN_DIGITS:]
        made = self._made.setdefault("number", {})
        if own not in made:
            made[own] = self._drawn(digits, written)
        return digits[:-_OWN_DIGITS] + made[own]

    def _drawn(self, digits: str, written: str) -> str:
        """Draw other digits with which the number reads as it did."""
        before = digits[:-_OWN_DIGITS]
        was = phone.read(written, self._regions)
        drawn = ""
        for _ in range(_TRIES):
            drawn = f"{self._chance.randrange(10**_OWN_DIGITS):0{_OWN_DIGITS}}"
            reads = phone.read(written.replace(digits, before + drawn), self._regions)
            alike = (reads.kind, reads.country, len(reads.norm))
            if drawn not in self._taken and alike == (was.kind, was.country, len(was.norm)):
                break
        self._taken.add(drawn)
        return drawn

    def _made_up(self, kind: str, value: str) -> str:
        made = self._made.setdefault(kind, {})
        return made.setdefault(value, f"{kind}{len(made) + 1}")


def _joined(found: re.Match[str]) -> str:
    """Return a number that is written in groups without them, or each would pass for an extension."""
    digits = "".join(_DIGITS.findall(found[2]))
    return found[0] if len(digits) <= _SHORT_DIGITS else found[1] + digits

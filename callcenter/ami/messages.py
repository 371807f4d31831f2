"""AMI blocks become messages.

A block is an event if its first key is `Event`, a response if it is `Response`:
`OriginateResponse` is an event that also *has* a key Response. Keys are compared
without case (`UniqueID` in CEL is `Uniqueid` elsewhere), so they are lower-cased
here, once. For a repeated key the first wins, except variables, which are kept
as lists. Asterisk's ways to say "no value" become the empty string.

Pure: no I/O, no clock. `ami.protocol` cuts the stream into blocks.
"""

from typing import Final

#: What Asterisk writes for "no value", besides nothing.
_NOTHING: Final = frozenset({"<unknown>", "(null)"})

#: Spellings seen so far, so that lower-casing costs one dict look-up.
_keys: dict[str, str] = {}
_KEYS_MAX: Final = 10_000


class Message:
    """One block. `name` is the event's name, or "" for a response."""

    __slots__ = ("at", "fields", "name", "variables")

    def __init__(
        self,
        name: str,
        fields: dict[str, str],
        variables: dict[str, dict[str, str]] | None,
        at: float | None,
    ) -> None:
        self.name = name
        self.fields = fields
        #: {"chanvariable": {"DID": "0124041000"}, "destchanvariable": {...}}
        self.variables = variables
        #: Seconds since the epoch by Asterisk's clock, None without `timestampevents`.
        self.at = at

    def __repr__(self) -> str:
        return f"<Message {self.name or 'response'} {self.fields}>"

    def get(self, key: str) -> str:
        """Return the value of the lower-case `key`, "" if absent or one of Asterisk's nothings."""
        value = self.fields.get(key, "")
        return "" if value in _NOTHING else value

    def variable(self, name: str, of: str = "chanvariable") -> str:
        """Return a channel variable listed in `channelvars`, "" if it is not set."""
        if self.variables is None:
            return ""
        value = self.variables.get(of, {}).get(name, "")
        return "" if value in _NOTHING else value

    @property
    def is_response(self) -> bool:
        return not self.name


def parse(block: bytes) -> Message:
    """Return the message of one whole block (without or with its closing blank line).

    Never raises: a line without a colon is left out, bytes that are not UTF-8 are kept as
    surrogates, so nothing the PBX sends can cost more than its own line.
    """
    fields: dict[str, str] = {}
    variables: dict[str, dict[str, str]] | None = None
    for line in block.decode("utf-8", "surrogateescape").split("\r\n"):
        key, colon, value = line.partition(":")
        if not colon:
            continue
        lowered = _keys.get(key) or _lowered(key)
        if value[:1] == " ":
            value = value[1:]
        if lowered.endswith("variable") or lowered.startswith("chanvariable("):
            variables = {} if variables is None else variables
            _add_variable(variables, lowered, value)
        elif lowered not in fields:
            fields[lowered] = value
    return Message(_name_of(fields), fields, variables, _time_of(fields))


def _lowered(key: str) -> str:
    lowered = key.lower()
    if len(_keys) < _KEYS_MAX:
        _keys[key] = lowered
    return lowered


def _add_variable(variables: dict[str, dict[str, str]], key: str, value: str) -> None:
    # OriginateResponse alone writes the channel into the key: ChanVariable(PJSIP/1001-0000000a).
    kind = key.partition("(")[0]
    name, _, text = value.partition("=")
    variables.setdefault(kind, {}).setdefault(name, text)


def _name_of(fields: dict[str, str]) -> str:
    for key in fields:
        return fields["event"] if key == "event" else ""
    return ""


def _time_of(fields: dict[str, str]) -> float | None:
    stamp = fields.get("timestamp")
    if not stamp:
        return None
    try:
        return float(stamp)
    except ValueError:
        return None

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

_KEYS_MAX: Final = 10_000


class _Keys(dict[str, str]):
    """Every spelling seen so far, so that lower-casing costs one look-up in C."""

    def __missing__(self, key: str) -> str:
        lowered = key.lower()
        if len(self) < _KEYS_MAX:
            self[key] = lowered
        return lowered


_lowered: Final = _Keys()


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
    text = block.decode("utf-8", "surrogateescape")
    lines = text.split("\r\n")
    variables: list[str] = []
    # Only a line that holds this word can repeat a key for good; it is rarer than the others.
    if "ariable" in text:
        variables = [line for line in lines if "ariable" in line]
        lines = [line for line in lines if "ariable" not in line]
    fields = _plain_fields(lines)
    found = _add_variables(variables, fields) if variables else None
    stamp = fields.get("timestamp")
    return Message(_name_of(fields), fields, found, _seconds(stamp) if stamp else None)


def _plain_fields(lines: list[str]) -> dict[str, str]:
    try:
        fields = {_lowered[key]: value for key, value in [line.split(": ", 1) for line in lines]}
    except ValueError:
        return _odd_fields(lines)
    return fields if len(fields) == len(lines) else _odd_fields(lines)


def _odd_fields(lines: list[str]) -> dict[str, str]:
    """Return the fields of `lines` of which some repeat a key or are no `Key: value`."""
    fields: dict[str, str] = {}
    for line in lines:
        key, colon, value = line.partition(":")
        if not colon:
            continue
        key = _lowered[key]
        value = value.removeprefix(" ")
        if key not in fields:
            fields[key] = value
        elif key == "output":
            # The answer to Command: one header for each line of text.
            fields[key] += "\n" + value
    return fields


def _add_variables(lines: list[str], fields: dict[str, str]) -> dict[str, dict[str, str]] | None:
    """Sort `lines` into channel variables, which are returned, and `fields`."""
    variables: dict[str, dict[str, str]] = {}
    for line in lines:
        key, colon, value = line.partition(":")
        if not colon:
            continue
        # OriginateResponse alone writes the channel into the key: ChanVariable(PJSIP/1001-0000000a).
        kind = _lowered[key].partition("(")[0]
        value = value.removeprefix(" ")
        if kind.endswith("variable"):
            name, _, text = value.partition("=")
            variables.setdefault(kind, {}).setdefault(name, text)
        else:
            fields.setdefault(kind, value)
    return variables or None


def _name_of(fields: dict[str, str]) -> str:
    return fields["event"] if next(iter(fields), "") == "event" else ""


def _seconds(stamp: str) -> float | None:
    try:
        return float(stamp)
    except ValueError:
        return None

"""AMI blocks become messages.

A block is an event if its first key is `Event`, a response if it is `Response`:
`OriginateResponse` is an event that also *has* a key Response. Keys are compared
without case (`UniqueID` in CEL is `Uniqueid` elsewhere), so they are lower-cased
here, once. For a repeated key the first wins, except variables, which are kept
as lists. Asterisk's ways to say "no value" become the empty string.

Pure: no I/O, no clock. `ami.protocol` cuts the stream into blocks.
"""

from math import isfinite
from typing import Final

import msgspec

from callcenter.ami.shapes import Shape, is_variable, shape_of, variable_kind

#: What Asterisk writes for "no value", besides nothing.
_NOTHING: Final = frozenset({"<unknown>", "(null)"})


class Message(msgspec.Struct, gc=False, eq=False):
    """One block. `name` is the event's name, or "" for a response.

    A struct, and no dictionary until one is asked for: a block was cut into keys and values to
    be read at all, and of the thirty of an event a handful is ever looked at.
    """

    name: str
    _fields: dict[str, str] | None
    _variables: dict[str, dict[str, str]] | None
    #: Seconds since the epoch by Asterisk's clock, None without `timestampevents`.
    at: float | None
    _shape: Shape | None = None
    #: As written, where the shape has its keys.
    _values: list[str] = []

    @property
    def fields(self) -> dict[str, str]:
        """Return all values by their lower-case keys, variables left out."""
        if self._fields is None and self._shape is not None:
            values = self._values
            self._fields = {key: values[place] for key, place in self._shape.places.items()}
        return self._fields or {}

    @property
    def variables(self) -> dict[str, dict[str, str]] | None:
        """Return {"chanvariable": {"DID": "0124041000"}, "destchanvariable": {...}} or None."""
        if self._variables is None and self._shape is not None and self._shape.variables:
            self._variables = {
                kind: dict([value.partition("=")[::2] for value in self._values[where]])
                for kind, where in self._shape.variables
            }
        return self._variables

    def has_variables(self, kind: str) -> bool:
        """Return whether there are any of a kind, such as "chanvariable", without reading them."""
        if self._variables is None and self._shape is not None:
            return any(kind == one for one, _ in self._shape.variables)
        return kind in (self._variables or ())

    def with_fields(self, fields: dict[str, str]) -> "Message":
        """Return the same with other fields."""
        return Message(self.name, fields, self._variables, self.at, self._shape, self._values)

    def __repr__(self) -> str:
        return f"<Message {self.name or 'response'} {self.fields}>"

    def get(self, key: str) -> str:
        """Return the value of the lower-case `key`, "" if absent or one of Asterisk's nothings."""
        value = self.raw(key)
        return "" if value in _NOTHING else value

    def raw(self, key: str) -> str:
        """Return the value of the lower-case `key` as it was written, "" if absent."""
        if self._fields is not None:
            return self._fields.get(key, "")
        place = self._shape.places.get(key) if self._shape is not None else None
        return "" if place is None else self._values[place]

    def variable(self, name: str, of: str = "chanvariable") -> str:
        """Return a channel variable listed in `channelvars`, "" if it is not set."""
        variables = self.variables
        if variables is None:
            return ""
        value = variables.get(of, {}).get(name, "")
        return "" if value in _NOTHING else value

    @property
    def is_response(self) -> bool:
        return not self.name


def parse(block: bytes) -> Message:
    """Return the message of one whole block (without or with its closing blank line).

    Never raises: a line without a colon is left out, bytes that are not UTF-8 (a name in
    some carrier's own alphabet) become U+FFFD, which every database and browser takes, so nothing
    the PBX sends can cost more than its own line.
    """
    text = block.decode("utf-8", "replace")
    parts = text.replace("\r\n", ": ").split(": ")
    shape = shape_of(text, parts)
    if shape is None:
        return _parse_lines(text)
    values = parts[1::2]
    at = None if shape.stamp is None else _seconds(values[shape.stamp])
    return Message(parts[1] if shape.is_event else "", None, None, at, shape, values)


def _parse_lines(text: str) -> Message:
    """Read a block of which a value looks like a key, or a line like neither."""
    fields: dict[str, str] = {}
    variables: dict[str, dict[str, str]] = {}
    for line in text.split("\r\n"):
        key, colon, value = line.partition(":")
        key = key.lower()
        value = value.removeprefix(" ")
        if not colon or not key:
            continue
        if is_variable(key):
            name, _, content = value.partition("=")
            variables.setdefault(variable_kind(key), {})[name] = content
        elif key not in fields:
            fields[key] = value
        elif key == "output":
            # The answer to Command: one header for each line of text.
            fields[key] += "\n" + value
    name = fields["event"] if next(iter(fields), "") == "event" else ""
    return Message(name, fields, variables or None, _seconds(fields.get("timestamp", "")))


def _seconds(stamp: str) -> float | None:
    try:
        at = float(stamp)
    except ValueError:
        return None
    return at if isfinite(at) else None

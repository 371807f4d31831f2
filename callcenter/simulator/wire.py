"""AMI as it stands on the wire: blocks of `Key: value` lines, ended by an empty line.

Asterisk escapes nothing and keeps empty values, so neither does this file. A client
may cut its actions anywhere; `read_action` gives back whole ones.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass

GREETING = b"Asterisk Call Manager/11.0.0\r\n"
LINE_LIMIT_BYTES = 1024
HEADER_LIMIT = 128


Field = tuple[str, str]


class MalformedAction(Exception):
    """The client sent something that Asterisk refuses to read, in Asterisk's words."""


@dataclass(frozen=True, slots=True)
class Action:
    """One action of a client. Keys are compared without case, the first of equals wins."""

    fields: tuple[Field, ...]

    def get(self, key: str) -> str:
        """Return the value of `key`, or an empty text: AMI does not tell the two apart."""
        return next((value for name, value in self.fields if name.lower() == key.lower()), "")

    def all(self, key: str) -> list[str]:
        return [value for name, value in self.fields if name.lower() == key.lower()]


def encode(fields: Iterable[Field]) -> bytes:
    lines = [f"{key}: {value}\r\n" for key, value in fields]
    return "".join([*lines, "\r\n"]).encode()


async def read_action(reader: asyncio.StreamReader) -> Action | None:
    """Return the next action, or None when the client has gone.

    Raises MalformedAction for a line or an action that is longer than Asterisk allows.
    """
    fields: list[Field] = []
    while True:
        line = await _read_line(reader)
        if line is None:
            return None
        if not line:
            return Action(tuple(fields))
        if len(fields) == HEADER_LIMIT:
            raise MalformedAction("Too many lines in message or allocation failure")
        key, colon, value = line.partition(":")
        if colon:
            fields.append((key.strip(), value.strip()))


async def _read_line(reader: asyncio.StreamReader) -> str | None:
    try:
        line = await reader.readuntil(b"\n")
    except asyncio.LimitOverrunError as too_long:
        raise MalformedAction("Failed to parse message: line too long") from too_long
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    if len(line) > LINE_LIMIT_BYTES:
        raise MalformedAction("Failed to parse message: line too long")
    return line.rstrip(b"\r\n").decode(errors="replace")

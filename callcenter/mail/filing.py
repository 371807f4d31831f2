"""Puts a copy of each letter sent into the mailbox, where other programs show sent letters.

It is looked for by its Message-ID first. So a restart in between, or a server that keeps copies by
itself, does not lead to a second one.
"""

import re
from collections.abc import Iterable
from typing import Any, Final

from callcenter.mail.imap import LETTER_S, Mailbox, Place, folder_name, quoted

#: Made where a mailbox has no such folder yet.
NEW: Final = "Sent"
#: How it is called where the server does not say which one it is; the last part of its name.
NAMES: Final = ("sent", "sent items", "sent messages", "sent mail", "sent-mail")
#: Flags, the mark between the parts of a name or NIL, the name, quoted or not.
_LINE: Final = re.compile(rb'\(([^)]*)\) (?:"(\\?.)"|NIL) (?:"((?:\\.|[^"\\])*)"|(\S+))$')


class Filing(Mailbox):
    """A mailbox, to put something into."""

    async def sent_folder(self) -> str:
        """Return the folder of what was sent, as it is written in a command; make one if there is none."""
        answer = await self._asked(self._client.list('""', '"*"'))
        found = sent_among(bytes(line) for line in answer.lines)
        if found is None:
            found = quoted(folder_name(NEW))
            await self._asked(self._client.create(found))
        return found

    async def keep(self, message_id: str, raw: bytes) -> bool:
        """Put a letter there, marked as read; return False if it is there already."""
        folder = await self.sent_folder()
        await self._asked(self._client.select(folder))
        wanted = ("HEADER", "Message-ID", quoted(message_id))
        answer: Any = await self._asked(
            self._client.protocol.search(*wanted, charset=None, by_uid=True)
        )
        if any(word.isdigit() for line in answer.lines[:-1] for word in bytes(line).split()):
            return False
        adding = self._client.protocol.append(raw, folder, "\\Seen")
        await self._asked(adding, LETTER_S)
        return True


def sent_among(lines: Iterable[bytes]) -> str | None:
    """Return the folder that a LIST calls \\Sent, else one that is named so."""
    named = None
    for line in lines:
        if (found := _LINE.match(line.removeprefix(b"LIST "))) is None:
            continue
        flags, mark, in_quotes, plain = found.groups()
        name = (in_quotes if in_quotes is not None else plain).decode("ascii", "replace")
        if b"\\noselect" in flags.lower():
            continue
        written = f'"{name}"' if in_quotes is not None else quoted(name)
        if b"\\sent" in flags.lower().split():
            return written
        last = name.rsplit(mark.decode(), 1)[-1] if mark else name
        if last.lower() in NAMES and named is None:
            named = written
    return named


async def keep(place: Place, message_id: str, raw: bytes) -> bool:
    """Put a letter among what was sent; return False if it is there. Raises MailboxError."""
    mailbox = Filing(place)
    try:
        await mailbox.open()
        return await mailbox.keep(message_id, raw)
    finally:
        await mailbox.close()

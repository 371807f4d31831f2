"""Says the latest of what changes many times within a moment.

A phone that begins to ring changes the call bar and the person's state more than once,
and each picture of them takes as long to make as the card itself, which must come first.
So pictures that a newer one replaces wait some milliseconds for it; nobody sees the pause.
"""

import asyncio
from collections.abc import Callable, Hashable

from callcenter.live.protocol import Message, PopRaised

Say = Callable[[int, Message], None]


class Gathering:
    """Stands before `say` for messages of which only the last about a thing counts."""

    def __init__(self, say: Say, wait_s: float) -> None:
        self._say = say
        self._wait_s = wait_s
        self._waiting: dict[tuple[int, Hashable], Message] = {}

    def say(self, user_id: int, message: Message) -> None:
        """Tell one person soon; a message about the same until then takes its place."""
        key = (user_id, _about(message))
        if key not in self._waiting:
            asyncio.get_running_loop().call_later(self._wait_s, self._tell, key)
        self._waiting[key] = message

    def drop(self, user_id: int, about: Hashable) -> None:
        """Leave unsaid what waits."""
        self._waiting.pop((user_id, about), None)

    def _tell(self, key: tuple[int, Hashable]) -> None:
        if (message := self._waiting.pop(key, None)) is not None:
            self._say(key[0], message)


def _about(message: Message) -> Hashable:
    return message.pop.id if isinstance(message, PopRaised) else type(message)

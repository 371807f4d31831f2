"""Says the latest of what changes many times within a moment.

A phone that begins to ring changes the call bar and the person's state more than once. What
a newer picture would replace is not drawn at all: it is asked for some milliseconds after
the first change, as it stands by then. Nobody sees the pause.
"""

import asyncio
from collections.abc import Callable, Hashable

from callcenter.live.protocol import Message

Say = Callable[[int, Message], None]
#: Returns what there is to say by now; None if that is nothing.
Ask = Callable[[], Message | None]


class Gathering:
    """Stands before `say` for things of which only the last that is said counts."""

    def __init__(self, say: Say, wait_s: float) -> None:
        self._say = say
        self._wait_s = wait_s
        self._waiting: dict[tuple[int, Hashable], Ask] = {}

    def say(self, user_id: int, about: Hashable, ask: Ask) -> None:
        """Tell one person soon what `ask` returns by then; once, however often it is wished."""
        key = (user_id, about)
        if key not in self._waiting:
            asyncio.get_running_loop().call_later(self._wait_s, self._tell, key)
        self._waiting[key] = ask

    def drop(self, user_id: int, about: Hashable) -> None:
        """Leave unsaid what waits."""
        self._waiting.pop((user_id, about), None)

    def _tell(self, key: tuple[int, Hashable]) -> None:
        ask = self._waiting.pop(key, None)
        message = ask() if ask is not None else None
        if message is not None:
            self._say(key[0], message)

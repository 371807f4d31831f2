"""Who has a page open.

Somebody is here as long as one of their tabs is connected. That they left is said
only after a pause: a reload, a lift or a restarted router is not leaving.
"""

import asyncio
from collections import Counter
from collections.abc import Callable

Announce = Callable[[int, bool], None]


class Presence:
    def __init__(self, announce: Announce, leave_after_s: float = 10.0) -> None:
        """`announce(user_id, here)` is called once for each coming and each leaving."""
        self._announce = announce
        self._leave_after_s = leave_after_s
        self._tabs: Counter[int] = Counter()
        self._leaving: dict[int, asyncio.TimerHandle] = {}

    def here(self) -> set[int]:
        return {*self._tabs, *self._leaving}

    def came(self, user_id: int) -> None:
        self._tabs[user_id] += 1
        if pause := self._leaving.pop(user_id, None):
            pause.cancel()
        elif self._tabs[user_id] == 1:
            self._announce(user_id, True)

    def left(self, user_id: int) -> None:
        self._tabs[user_id] -= 1
        if self._tabs[user_id] > 0:
            return
        del self._tabs[user_id]
        loop = asyncio.get_running_loop()
        self._leaving[user_id] = loop.call_later(self._leave_after_s, self._say_left, user_id)

    def close(self) -> None:
        """Say no more: the service stops, which is not leaving."""
        for pause in self._leaving.values():
            pause.cancel()
        self._leaving.clear()

    def _say_left(self, user_id: int) -> None:
        del self._leaving[user_id]
        self._announce(user_id, False)

"""How many queue calls were done with while nobody listened, by each queue's own count.

A queue counts the calls it has completed and those that gave up or ran out of time, and an event comes
with each. So what its count has grown by, less the events that came, was missed. That tells how
many calls a gap hides when nothing tells which. Pure.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from callcenter.ami.messages import Message

#: The events that come when a queue counts a call.
COUNTED: Final = frozenset({"AgentComplete", "QueueCallerAbandon"})


class QueueCounts:
    """Starts with what was `known` when the service stopped, if it was."""

    def __init__(self, known: Mapping[str, int] | None = None) -> None:
        #: By queue: its count when no event had been seen yet.
        self._before: dict[str, int] | None = dict(known) if known is not None else None
        self._seen: dict[str, int] = {}

    def saw(self, message: Message) -> None:
        """Hear one of the `COUNTED`."""
        queue = message.get("queue")
        self._seen[queue] = self._seen.get(queue, 0) + 1

    def now(self) -> dict[str, int]:
        """Return what each queue must count now, as far as is known."""
        before = self._before or {}
        return {queue: count + self._seen.get(queue, 0) for queue, count in before.items()}

    def missed(
        self, listed: Iterable[Message], on_the_way: Iterable[Message], *, restarted: bool
    ) -> dict[str, int]:
        """Compare with what the PBX `listed` (QueueParams); return how many were missed, by queue.

        Events that are `on_the_way` may be counted already: they are, in case of doubt, so that
        never more is missed than must be. A count that has shrunk was begun anew.
        """
        counts = {one.get("queue"): _count(one) for one in listed if one.name == "QueueParams"}
        coming: dict[str, int] = {}
        for message in on_the_way:
            coming[message.get("queue")] = coming.get(message.get("queue"), 0) + 1
        expected = {} if restarted or self._before is None else self.now()
        missed = {
            queue: counts[queue] - count - coming.get(queue, 0)
            for queue, count in expected.items()
            if queue in counts
        }
        self._before, self._seen = counts, {}
        return {queue: number for queue, number in missed.items() if number > 0}


def _count(params: Message) -> int:
    return sum(
        int(params.get(key)) for key in ("completed", "abandoned") if params.get(key).isdecimal()
    )

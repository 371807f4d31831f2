"""A stream of interleaved calls, the same for the same seed, and what must come of it.

Calls overlap as they do in an office: at each step one of those in progress takes its
next event. Within a call the order is Asterisk's; an agent is in one call at a time.
"""

import random
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from typing import Final, NamedTuple

from callcenter.bench import stories
from callcenter.bench.stories import Agent, Plot, Story
from callcenter.bench.wire import Event

#: Calls in progress at a time.
AT_ONCE: Final = 60
#: So many channels have Uniqueids of one second.
CHANNELS_PER_S: Final = 100
#: Phones that ring at a time in a queue that rings all.
_RINGALL: Final = 3
#: By the PBX's clock a round of a flood begins so long after the one before.
_ROUND_S: Final = 600
#: Of a hundred calls; the first word is the story's function.
_MIX: Final = {
    "queue_answered": 60,
    "queue_abandoned": 10,
    "queue_ringall": 8,
    "direct_answered": 12,
    "outbound_answered": 10,
}


class Outcome(NamedTuple):
    """How a call must stand in the database: the columns of its row, its legs and visits."""

    direction: str
    result: str
    legs: int
    visits: int


_OUTCOMES: Final = {
    "queue_answered": Outcome("inbound", "answered", 2, 1),
    "queue_abandoned": Outcome("inbound", "abandoned", 2, 1),
    "queue_ringall": Outcome("inbound", "answered", 1 + _RINGALL, 1),
    "direct_answered": Outcome("inbound", "answered", 2, 0),
    "outbound_answered": Outcome("outbound", "answered", 2, 0),
}


class Step(NamedTuple):
    """One event, and the call it belongs to."""

    event: Event
    plot: Plot


class Mixer:
    """Makes calls for ever, from the people given."""

    def __init__(
        self, seed: int, agents: Iterable[Agent], numbers: Iterable[str], first_second: int
    ) -> None:
        """`numbers` are the callers', taken in turn; Uniqueids begin at `first_second`."""
        self._dice = random.Random(seed)
        self._free = deque(agents)
        self._numbers = iter(numbers)
        self._second = first_second
        self._channels = 0
        self._open: list[tuple[Plot, Story]] = []
        self._left: dict[str, list[int]] = {}
        #: By first Uniqueid, what must come of each call begun so far.
        self.outcomes: dict[str, Outcome] = {}

    def steps(self, calls: int, is_over: Callable[[], bool] = lambda: False) -> Iterator[Step]:
        """Yield the events of that many calls, to the last hangup of the last of them.

        No other call begins once `is_over()`.
        """
        to_begin = calls
        while to_begin or self._open:
            if to_begin and is_over():
                to_begin = 0
                continue
            if to_begin and len(self._open) < AT_ONCE and len(self._free) >= _RINGALL:
                self._begin()
                to_begin -= 1
            index = self._dice.randrange(len(self._open))
            plot, story = self._open[index]
            event = next(story, None)
            if event is None:
                self._open[index] = self._open[-1]
                self._open.pop()
                self._free.extend(plot.agents)
            else:
                yield Step(event, plot)

    def _begin(self) -> None:
        [name] = self._dice.choices(list(_MIX), list(_MIX.values()))
        phones = _RINGALL if name == "queue_ringall" else 1
        agents = tuple(self._free.popleft() for _ in range(phones))
        plot = Plot(self._uid(), next(self._numbers), agents, self._uid)
        self._open.append((plot, getattr(stories, name)(plot)))
        self.outcomes[plot.uid] = _OUTCOMES[name]

    def _uid(self) -> str:
        self._channels += 1
        return f"{self._second + self._channels // CHANNELS_PER_S}.{self._channels}"


def agents(count: int) -> list[Agent]:
    return [Agent(str(2001 + index), f"Aygün Əliyeva {index + 1}") for index in range(count)]


def number(index: int) -> str:
    """Return the number of customer `index`, as a trunk of the country shows it."""
    return f"050{2_000_000 + index}"


def e164(index: int) -> str:
    return f"+99450{2_000_000 + index}"


class Flood(NamedTuple):
    """A whole stream, ready to be poured: blocks as they go over the line."""

    blocks: list[bytes]
    outcomes: dict[str, Outcome]

    @property
    def names(self) -> dict[bytes, int]:
        """Return how often each event comes."""
        return dict(Counter(block[7 : block.index(b"\r\n")] for block in self.blocks))


def callers(seed: int, customers: int) -> Iterator[str]:
    """Give numbers for ever; every fifth is nobody's: it lies beyond the last customer's."""
    dice = random.Random(seed)
    while True:
        yield number(dice.randrange(customers * 5 // 4))


def flood(people: int, customers: int, first_second: int, seed: int, calls: int) -> Flood:
    """Return the stream of that many calls.

    By the PBX's clock it begins at `first_second` for seed 0, and for each seed ten minutes
    after the one before, so that no Uniqueid comes twice.
    """
    begins_at = first_second + seed * _ROUND_S
    mixer = Mixer(seed, agents(people), callers(seed, customers), begins_at)
    steps = mixer.steps(calls)
    # A thousand events a second, sixteen calls: a centre of some thousands of seats.
    blocks = [step.event.stamped(begins_at + n / 1000) for n, step in enumerate(steps)]
    return Flood(blocks, mixer.outcomes)

"""A process that stands for the PBX at an office's pace: one event after the other.

It writes down when it sent the word that an agent's phone rings.
"""

import time
from multiprocessing.connection import Connection
from typing import Final, NamedTuple, Self

from callcenter.bench import stream
from callcenter.bench.process import Process, heard
from callcenter.bench.sender import Line

_COUNTRY: Final = "+994"


class Ring(NamedTuple):
    """An agent's phone began to ring, and whose number it shows."""

    user_id: int
    e164: str


class Pace(NamedTuple):
    """What is sent in a round."""

    seed: int
    calls: int
    events_per_s: int
    #: Uniqueids begin here, later than those of any round before.
    first_second: int


class PacedSender(Process):
    """The process, seen from the one that measures."""

    def __init__(self, agents: int, customers: int, contenders: list[str]) -> None:
        super().__init__("pace", _serve, agents, customers, contenders)
        #: Where each contender connects, once the process has started.
        self.ports: dict[str, int] = {}

    def __enter__(self) -> Self:
        super().__enter__()
        self.ports = self.hear()
        return self

    def play(self, contender: str, pace: Pace) -> dict[Ring, float]:
        """Send a round; return when each ring was written."""
        rings: dict[Ring, float] = self.ask((contender, pace))
        return rings


def _serve(pipe: Connection, agents: int, customers: int, contenders: list[str]) -> None:
    lines = {name: Line() for name in contenders}
    pipe.send({name: line.port for name, line in lines.items()})
    while (command := heard(pipe)) is not None:
        contender, pace = command
        pipe.send(_play(lines[contender], agents, customers, pace))


def _play(line: Line, agents: int, customers: int, pace: Pace) -> dict[Ring, float]:
    numbers = stream.callers(pace.seed, customers)
    mixer = stream.Mixer(pace.seed, stream.agents(agents), numbers, pace.first_second)
    rings: dict[Ring, float] = {}
    began_at = time.monotonic()
    for place, (event, plot) in enumerate(mixer.steps(pace.calls)):
        time.sleep(max(0.0, began_at + place / pace.events_per_s - time.monotonic()))
        block = event.stamped(time.time())
        if event.name == "DialBegin" and (ring := _ring(event.body, plot.number)) is not None:
            rings.setdefault(ring, time.monotonic())
        line.write([block])
    return rings


def _ring(body: str, number: str) -> Ring | None:
    """Return who is rung, if it is an agent and not the customer."""
    called = body.partition("DestCallerIDNum: ")[2].partition("\r\n")[0]
    if called == number:
        return None
    return Ring(int(called), _COUNTRY + number.removeprefix("0"))

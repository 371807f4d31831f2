"""A process that stands for the PBX: it answers the login and pours streams on command.

Each contender has a port of its own and keeps its connection over all rounds. The
process that measures says when to pour, and learns the moment of the first byte:
`time.monotonic()` is one clock for all processes of a machine.
"""

import socket
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Final, NamedTuple, Self

from callcenter.bench.process import Process, heard
from callcenter.bench.stream import Flood, Outcome

_GREETING: Final = b"Asterisk Call Manager/11.0.0\r\n"
#: Written at once: as much as a real PBX's socket takes, always whole blocks.
_WRITE_BLOCKS: Final = 128

#: Makes the flood of a round with so many calls; called in the process.
Make = Callable[[int, int], Flood]


class Task(NamedTuple):
    """What a contender has to do in a round."""

    events: int
    size_bytes: int
    #: How often each event comes.
    names: dict[bytes, int]
    #: What must come of each call, by its first Uniqueid.
    outcomes: dict[str, Outcome]


class Sender(Process):
    """The process, seen from the one that measures."""

    def __init__(self, make: Make, contenders: list[str]) -> None:
        super().__init__("sender", _serve, make, contenders)
        #: Where each contender connects, once the process has started.
        self.ports: dict[str, int] = {}

    def __enter__(self) -> Self:
        super().__enter__()
        self.ports = self.hear()
        return self

    def prepare(self, round_: int, calls: int) -> Task:
        """Make the flood that is poured next, outside of what is measured."""
        task: Task = self.ask((round_, calls))
        return task

    def pour(self, contender: str) -> float:
        """Begin to send the flood; return when the first byte goes out."""
        began_at: float = self.ask(contender)
        return began_at


def _serve(pipe: Connection, make: Make, contenders: list[str]) -> None:
    lines = {name: Line() for name in contenders}
    pipe.send({name: line.port for name, line in lines.items()})
    writes: list[bytes] = []
    while (command := heard(pipe)) is not None:
        if isinstance(command, str):
            pipe.send(time.monotonic())
            lines[command].write(writes)
        else:
            flood = make(*command)
            writes = _pieces(flood.blocks)
            pipe.send(Task(len(flood.blocks), sum(map(len, writes)), flood.names, flood.outcomes))


def _pieces(blocks: list[bytes]) -> list[bytes]:
    return [
        b"".join(blocks[at : at + _WRITE_BLOCKS]) for at in range(0, len(blocks), _WRITE_BLOCKS)
    ]


class Line:
    """One listening port and the connection made to it; answers actions in a thread."""

    def __init__(self, answer: "Callable[[str], bytes] | None" = None) -> None:
        """`answer` says what an action is answered by; without it, that nothing is going on."""
        self._answer_to = answer or answer_to
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._socket: socket.socket | None = None
        self._writing = threading.Lock()
        threading.Thread(target=self._accept, daemon=True).start()

    def write(self, pieces: list[bytes]) -> None:
        """Send whole blocks; answers come between the pieces, never inside one."""
        if self._socket is None:
            raise ConnectionError("the contender has not connected")
        for piece in pieces:
            with self._writing:
                self._socket.sendall(piece)

    def drop(self) -> None:
        """Hang up; the contender may connect again."""
        if self._socket is not None:
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        while True:
            self._socket, _ = self._listener.accept()
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with suppress(ConnectionError):
                self._answer(self._socket)

    def _answer(self, connection: socket.socket) -> None:
        connection.sendall(_GREETING)
        waiting = b""
        while data := connection.recv(65536):
            *actions, waiting = (waiting + data).split(b"\r\n\r\n")
            for action in actions:
                with self._writing:
                    connection.sendall(self._answer_to(action.decode()))


#: Actions that a list answers; here each is empty.
_LISTS: Final = frozenset(
    {"BridgeList", "CoreShowChannels", "DeviceStateList", "QueueStatus", "Status"}
)
_FACTS: Final = {
    "Challenge": "Challenge: 168375923\r\n",
    "CoreSettings": "AMIversion: 11.0.0\r\nAsteriskVersion: 22.10.1\r\n",
    "CoreStatus": "CoreStartupDate: 2026-11-22\r\nCoreStartupTime: 07:34:24\r\n",
    "Ping": "Ping: Pong\r\nTimestamp: 1795318464.0\r\n",
}


def answer_to(action: str, items: Sequence[str] = ()) -> bytes:
    """Return the response to an action: yes, and a list has these items.

    An item is its event's name and lines, between which the ActionID belongs.
    """
    name, action_id = asked(action)
    marked = f"ActionID: {action_id}\r\n" if action_id else ""
    text = f"Response: Success\r\n{marked}{_FACTS.get(name, '')}Message: Accepted\r\n"
    if name in _LISTS:
        listed = "".join([f"Event: {item.format(marked)}\r\n" for item in items])
        text += f"EventList: start\r\n\r\n{listed}Event: {name}Complete\r\n{marked}"
        text += f"EventList: Complete\r\nListItems: {len(items)}\r\n"
    return f"{text}\r\n".encode()


def asked(action: str) -> tuple[str, str]:
    """Return the name of an action, and its ActionID or ""."""
    fields = dict(line.split(": ", 1) for line in action.split("\r\n") if ": " in line)
    return fields.get("Action", ""), fields.get("ActionID", "")

"""The simulator as a TCP server, with the faults that a client must survive."""

import asyncio
from types import TracebackType
from typing import Self

from callcenter.simulator.actions import ACTIONS
from callcenter.simulator.pbx import Pbx
from callcenter.simulator.session import Session
from callcenter.simulator.settings import SimulatorSettings
from callcenter.simulator.wire import LINE_LIMIT_BYTES


class Simulator:
    """A pretend PBX and its AMI port; use it with `async with`.

    `pbx` has the verbs of scripts. `host` and `port` say where to connect; the port is a free
    one unless the settings name it, and stays the same when listening stops and starts again.
    """

    def __init__(self, settings: SimulatorSettings | None = None) -> None:
        self.settings = settings or SimulatorSettings()
        self.pbx = Pbx(self.settings)
        self.pbx.listeners.append(self._tell_everybody)
        self.host = self.settings.host
        self.port = self.settings.port
        self.is_silent = False
        self.rejects_logins = False
        self._server: asyncio.Server | None = None
        self._sessions: dict[Session, asyncio.Task[None]] = {}

    async def __aenter__(self) -> Self:
        await self.listen()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.pbx.stop_timers()
        self.drop_connections()
        await self.stop_listening()
        await asyncio.gather(*self._sessions.values(), return_exceptions=True)

    @property
    def connections(self) -> int:
        return len(self._sessions)

    async def listen(self) -> None:
        """Take connections."""
        self._server = await asyncio.start_server(
            self._serve, self.host, self.port, limit=LINE_LIMIT_BYTES
        )
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop_listening(self) -> None:
        """Refuse new connections; those that stand go on."""
        if self._server is not None:
            self._server.close()
            self._server = None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        session = Session(self, ACTIONS, reader, writer)
        task = asyncio.current_task()
        if task is not None:
            self._sessions[session] = task
        try:
            await session.serve()
        finally:
            del self._sessions[session]

    def _tell_everybody(self, event_class: str, data: bytes) -> None:
        for session in tuple(self._sessions):
            session.event(event_class, data)

    # Faults.

    def drop_connections(self) -> None:
        """Cut every connection off, as a crash of the PBX does."""
        for session in tuple(self._sessions):
            session.drop()

    def go_silent(self) -> None:
        """Leave every connection half open: take bytes and connections, send nothing."""
        self.is_silent = True

    def speak_again(self) -> None:
        """End the silence. What happened meanwhile is lost, as events of AMI are."""
        self.is_silent = False

    def send_raw(self, data: bytes) -> None:
        """Send bytes to every client, whatever they mean."""
        for session in tuple(self._sessions):
            session.write(data)

    def reject_logins(self) -> None:
        """Answer "Authentication failed" to every login from now on."""
        self.rejects_logins = True

    def accept_logins(self) -> None:
        self.rejects_logins = False

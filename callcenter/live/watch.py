"""`callcenter watch`: prints what one person's pages are told, as it happens.

A client of its own, on another library than the server's: what it understands, others
can. It comes back by itself when the line is lost, as a page does, and goes on where
it was.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime

import click
import msgspec
import websockets
from yarl import URL

from callcenter.live.protocol import (
    CLOSE_NOT_SIGNED_IN,
    CLOSE_SESSION_ENDED,
    Board,
    Calls,
    CallView,
    Day,
    Dialled,
    Hello,
    Link,
    Message,
    Pong,
    Pop,
    PopRaised,
    PopWithdrawn,
    Result,
    Snapshot,
    State,
    StateView,
    Subscribe,
)

FIRST_RETRY_S = 0.5
LAST_RETRY_S = 15.0

Told = (
    Snapshot
    | PopRaised
    | PopWithdrawn
    | Calls
    | State
    | Day
    | Dialled
    | Link
    | Board
    | Result
    | Pong
)
_told: msgspec.json.Decoder[Told] = msgspec.json.Decoder(Told)


@click.command()
@click.option("--url", default="http://127.0.0.1:8080", show_default=True, help="The service.")
@click.option(
    "--token",
    envvar="CALLCENTER_TOKEN",
    required=True,
    help="An API token with the scope live:read; better given as CALLCENTER_TOKEN.",
)
@click.option("--board", is_flag=True, help="Watch the live board too.")
@click.option("--json", "as_json", is_flag=True, help="Print each message as it came.")
def watch(url: str, token: str, board: bool, as_json: bool) -> None:
    """Print what a person's pages are told, as it happens, until Ctrl+C."""
    with suppress(KeyboardInterrupt):
        asyncio.run(_print(URL(url), token, board=board, as_json=as_json))


async def _print(url: URL, token: str, *, board: bool, as_json: bool) -> None:
    async for raw in listen(url, token, board=board):
        line = raw if as_json else describe(_told.decode(raw))
        if line:
            click.echo(line)


async def listen(url: URL, token: str, *, board: bool = False) -> AsyncIterator[str]:
    """Give each message as it came, across lost lines, for ever.

    Raises ClickException if the token is not, or no longer, let in.
    """
    seq: int | None = None
    retry_s = FIRST_RETRY_S
    address = str((url / "live").with_scheme("wss" if url.scheme == "https" else "ws"))
    while True:
        try:
            async with websockets.connect(
                address, additional_headers={"Authorization": f"Bearer {token}"}
            ) as socket:
                await _say(socket, Hello(id=1, seq=seq))
                if board:
                    await _say(socket, Subscribe(id=2, topic="board"))
                async for raw in socket:
                    retry_s = FIRST_RETRY_S
                    text = raw if isinstance(raw, str) else raw.decode()
                    seq = msgspec.json.decode(text).get("seq", seq)
                    yield text
        except (OSError, websockets.WebSocketException) as error:
            _stop_if_refused(error)
            click.echo(f"No line ({error}); trying again in {retry_s:g} s.", err=True)
        await asyncio.sleep(retry_s)
        retry_s = min(2 * retry_s, LAST_RETRY_S)


async def _say(socket: websockets.ClientConnection, request: Hello | Subscribe) -> None:
    await socket.send(msgspec.json.encode(request), text=True)


def _stop_if_refused(error: Exception) -> None:
    if not isinstance(error, websockets.ConnectionClosed) or error.rcvd is None:
        return
    if error.rcvd.code == CLOSE_NOT_SIGNED_IN:
        raise click.ClickException(
            "The token is not let in. Make one with the scope live:read: callcenter user token."
        )
    if error.rcvd.code == CLOSE_SESSION_ENDED:
        raise click.ClickException("The token has been withdrawn.")


def describe(message: Message) -> str:
    """Return a message as a line for a person, or "" if it says nothing to one."""
    match message:
        case Snapshot(now=now, state=state, pops=pops, calls=calls):
            parts = [_state(state), *map(_pop, pops), *map(_call, calls)]
            return f"{_clock(now)}  now       {'; '.join(parts)}"
        case PopRaised(pop=pop):
            return f"{_clock(pop.ringing_since)}  pop       {_pop(pop)}"
        case PopWithdrawn(reason=reason, by=by):
            return f"          gone      {reason}{f' {by}' if by else ''}"
        case Calls(calls=calls):
            return f"          calls     {'; '.join(map(_call, calls)) or 'none'}"
        case State(state=state):
            return f"{_clock(state.since)}  state     {_state(state)}"
        case Dialled(intent_id=intent_id, status=status, problem=problem):
            return f"          dial      {intent_id}: {status}{f' ({problem})' if problem else ''}"
        case Link(link=link):
            return f"{_clock(link.since)}  link      {link.name} is {'up' if link.up else 'down'}"
        case Board(parts=parts, version=version):
            return f"          board     version {version}: {', '.join(sorted(parts))}"
        case _:
            return ""


def _pop(pop: Pop) -> str:
    who = pop.candidates[0].name if pop.match == "one" else pop.caller_name
    number = "withheld" if pop.withheld else pop.number or "no number"
    queue = f" through {pop.queue}" if pop.queue else ""
    return f"{pop.phase}: {who or pop.match} <{number}>{queue}"


def _call(call: CallView) -> str:
    return f"{call.phase} {call.title or call.number or call.direction or 'a call'}"


def _state(state: StateView) -> str:
    until = f" until {_clock(state.until)}" if state.until else ""
    return f"{state.state}{f' ({state.reason})' if state.reason else ''}{until}"


def _clock(at: float | None) -> str:
    return " " * 8 if at is None else datetime.fromtimestamp(at, UTC).strftime("%H:%M:%S")

"""One AMI connection: who is logged in, which events go to it, and how answers are written."""

import asyncio
import hashlib
import itertools
import random
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from callcenter.simulator.settings import AmiUser
from callcenter.simulator.wire import (
    GREETING,
    Action,
    Field,
    MalformedAction,
    encode,
    read_action,
)

if TYPE_CHECKING:
    from callcenter.simulator.pbx import Pbx
    from callcenter.simulator.server import Simulator

Handler = Callable[["Session", Action], Awaitable[None] | None]

WITHOUT_LOGIN = {"login", "logoff", "challenge"}


@dataclass(frozen=True, slots=True)
class ActionKind:
    """One action: who may use it (any one of `classes`; nothing: everybody) and what it does."""

    handler: Handler
    classes: frozenset[str]
    synopsis: str


class Session:
    """Reads the actions of one client and writes to it, never more than the client takes."""

    def __init__(
        self,
        sim: "Simulator",
        actions: Mapping[str, "ActionKind"],
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        self.sim = sim
        self._actions = actions
        self.user: AmiUser | None = None
        self.mask: frozenset[str] | None = None
        self.challenge = ""
        self._reader = reader
        self._transport = writer.transport
        self._sync_actions: set[asyncio.Task[None]] = set()

    @property
    def pbx(self) -> "Pbx":
        return self.sim.pbx

    async def serve(self) -> None:
        """Greet the client and obey it until it leaves, logs off or is thrown out."""
        self.write(GREETING)
        limit_s = self.sim.settings.login_timeout_s
        timer = asyncio.get_running_loop().call_later(limit_s, self._give_up_on_login)
        try:
            while not self._transport.is_closing():
                await self._serve_one()
        except MalformedAction as refusal:
            self.error(Action(()), str(refusal))
        finally:
            timer.cancel()
            for task in self._sync_actions:
                task.cancel()
            self._transport.close()

    def _give_up_on_login(self) -> None:
        if self.user is None:
            self._transport.abort()

    async def _serve_one(self) -> None:
        action = await read_action(self._reader)
        if action is None:
            self._transport.close()
        elif not self.sim.is_silent:
            self._obey(action)

    def _obey(self, action: Action) -> None:
        name = action.get("Action").lower()
        known = self._actions.get(name)
        if not name:
            self.error(action, "Missing action in request")
        elif self.user is None and name not in WITHOUT_LOGIN:
            self.error(action, "Permission denied")
        elif known is None:
            self.error(
                action,
                f"Invalid/unknown command: {action.get('Action')}. "
                "Use Action: ListCommands to show available commands.",
            )
        elif self.user and known.classes and not known.classes & self.user.write:
            self.error(action, "Permission denied")
        else:
            self._run(known.handler(self, action))

    def _run(self, answer: Awaitable[None] | None) -> None:
        if answer is None:
            return
        task = asyncio.ensure_future(answer)
        self._sync_actions.add(task)
        task.add_done_callback(self._sync_actions.discard)

    # Logging in.

    def new_challenge(self) -> str:
        self.challenge = str(random.randrange(10**8, 10**9))
        return self.challenge

    def log_in(self, action: Action) -> None:
        user = next(
            (one for one in self.sim.settings.users if one.name == action.get("Username")), None
        )
        if user is None or self.sim.rejects_logins or not self._proves(user, action):
            self.error(action, "Authentication failed")
            self._transport.close()
            return
        self.user = user
        if action.get("Events"):
            self.mask = event_mask(action.get("Events"))
        self.ok(action, "Authentication accepted")
        if self.hears("system"):
            self.write(encode(self._fully_booted()))

    def _proves(self, user: AmiUser, action: Action) -> bool:
        if action.get("AuthType").lower() == "md5":
            proof = hashlib.md5(
                (self.challenge + user.secret).encode(), usedforsecurity=False
            ).hexdigest()
            return bool(self.challenge) and action.get("Key").lower() == proof
        return action.get("Secret") == user.secret

    def _fully_booted(self) -> list[Field]:
        uptime = str(int(time.time() - self.pbx.started))
        return [
            ("Event", "FullyBooted"),
            ("Privilege", "system,all"),
            ("Uptime", uptime),
            ("LastReload", uptime),
            ("Status", "Fully Booted"),
        ]

    def log_off(self, action: Action) -> None:
        self.reply(action, "Goodbye", ("Message", "Thanks for all the fish."))
        self._transport.close()

    # Writing.

    def hears(self, event_class: str) -> bool:
        if self.user is None or event_class not in self.user.read:
            return False
        return self.mask is None or event_class in self.mask

    def event(self, event_class: str, data: bytes) -> None:
        if self.hears(event_class):
            self.write(data)

    def ok(self, action: Action, message: str) -> None:
        self.reply(action, "Success", ("Message", message))

    def error(self, action: Action, message: str) -> None:
        self.reply(action, "Error", ("Message", message))

    def reply(self, action: Action, response: str, *fields: Field) -> None:
        self.write(encode([("Response", response), *_action_id(action), *fields]))

    def send_list(
        self,
        action: Action,
        message: str,
        items: Iterable[tuple[str, Sequence[Field]]],
        complete: str,
        *more: Field,
        id_last: bool = False,
    ) -> None:
        """Send a list of events; some of Asterisk's lists carry the ActionID at the end."""
        self.reply(action, "Success", ("EventList", "start"), ("Message", message))
        count = 0
        for name, fields in items:
            head = [("Event", name)]
            order = [head, fields, _action_id(action)] if id_last else [head, _action_id(action)]
            self.write(encode(itertools.chain(*order, () if id_last else fields)))
            count += 1
        self.write(
            encode(
                [
                    ("Event", complete),
                    *_action_id(action),
                    ("EventList", "Complete"),
                    ("ListItems", str(count)),
                    *more,
                ]
            )
        )

    def write(self, data: bytes) -> None:
        """Send `data`; a client that has let too much pile up is cut off, as by `writetimeout`."""
        if self.sim.is_silent or self._transport.is_closing():
            return
        self._transport.write(data)
        if self._transport.get_write_buffer_size() > self.sim.settings.write_limit_bytes:
            self._transport.abort()

    def drop(self) -> None:
        self._transport.abort()


def _action_id(action: Action) -> list[Field]:
    action_id = action.get("ActionID")
    return [("ActionID", action_id)] if action_id else []


def event_mask(text: str) -> frozenset[str] | None:
    """Return the classes that `Events: ...` asks for; None is every class the user may read."""
    if text.lower() in ("on", "yes", "true", "1", "all"):
        return None
    if text.lower() in ("off", "no", "false", "0"):
        return frozenset()
    return frozenset(part.strip().lower() for part in text.split(","))

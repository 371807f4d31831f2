"""Asks one PBX for everything its AMI user may see."""

import asyncio
import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from callcenter.ami.connection import Account, Timing
from callcenter.ami.messages import Message, parse
from callcenter.ami.session import Fields, LinkFailed, Session
from callcenter.ami.stream import Read
from callcenter.errors import OutcomeUnknown, PbxRefused, PbxUnreachable

_DEADLINE_S = 10.0

#: Device states are kept for these and for others that are no phones (queues, conferences).
_TECHNOLOGIES = ("PJSIP/", "SIP/", "IAX2/", "DAHDI/", "SCCP/", "Motif/")


class EveryName(frozenset[bytes]):
    """Contains every name: the doctor listens to all events."""

    def __contains__(self, name: object) -> bool:
        return True


@dataclass(slots=True)
class Sight:
    """What was seen. None means: not to be seen with this user's rights, or not in this time."""

    version: str = ""
    system_name: str | None = None
    #: Actions the user may use.
    actions: frozenset[str] = frozenset()
    read: frozenset[str] | None = None
    #: Classes of events that came.
    heard: set[str] = field(default_factory=set)
    timestamps: bool | None = None
    variables: frozenset[str] | None = None
    write_timeout_ms: int | None = None
    context: bool | None = None
    shared_lastcall: bool | None = None
    members: list[Message] = field(default_factory=list)
    endpoints: set[str] = field(default_factory=set)
    #: A list of endpoints was to be had, not only those that are queue members.
    all_endpoints: bool = False


async def look(account: Account, dial_context: str, listen_s: float, timing: Timing) -> Sight:
    """Raises LinkFailed if the PBX cannot be reached, or refuses us, or leaves us."""
    events: list[Message] = []

    def hear(read: Read) -> None:
        events.extend(map(parse, read.blocks))

    # FullyBooted is an event like the others here.
    session = Session(account, EveryName(), hear, lambda: None)
    try:
        await session.open(timing.connect_s)
        await session.log_in(timing.connect_s)
        sight = await _ask(_Questions(session), account, dial_context)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(listen_s):
                await asyncio.wait({session.closed})
        _listen(sight, events)
    except (PbxUnreachable, OutcomeUnknown):
        why = session.closed.result() if session.closed.done() else "it does not answer"
        raise LinkFailed(why) from None
    finally:
        session.close("the doctor has seen enough")
    return sight


class _Questions:
    """A session that takes a refusal for an answer: None."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def one(self, **fields: str) -> Message | None:
        try:
            return await self._session.request(_fields(fields), _DEADLINE_S)
        except PbxRefused:
            return None

    async def many(self, **fields: str) -> list[Message] | None:
        try:
            return await self._session.request_list(_fields(fields), _DEADLINE_S)
        except PbxRefused:
            return None

    async def config(self, file: str) -> dict[str, dict[str, str]] | None:
        answer = await self.one(Action="GetConfig", Filename=file)
        return None if answer is None else _sections(answer)


def _fields(fields: dict[str, str]) -> Fields:
    return fields


async def _ask(questions: _Questions, account: Account, dial_context: str) -> Sight:
    sight = Sight()
    if (commands := await questions.one(Action="ListCommands")) is not None:
        sight.actions = frozenset(commands.fields)
    if (settings := await questions.one(Action="CoreSettings")) is not None:
        sight.version = settings.get("asteriskversion")
        sight.system_name = settings.get("systemname")
    sight.members = [
        item
        for item in await questions.many(Action="QueueStatus") or []
        if item.name == "QueueMember"
    ]
    sight.context = await _has_context(questions, sight, dial_context)
    await _see_endpoints(questions, sight)
    await _see_manager(questions, sight, account)
    if (queues := await questions.config("queues.conf")) is not None:
        sight.shared_lastcall = _is_true(queues.get("general", {}).get("shared_lastcall", "no"))
    return sight


async def _has_context(questions: _Questions, sight: Sight, dial_context: str) -> bool | None:
    if "showdialplan" not in sight.actions:
        return None
    return await questions.many(Action="ShowDialPlan", Context=dial_context) is not None


async def _see_endpoints(questions: _Questions, sight: Sight) -> None:
    pjsip = await questions.many(Action="PJSIPShowEndpoints")
    sip = await questions.many(Action="SIPpeers")
    states = await questions.many(Action="DeviceStateList")
    sight.all_endpoints = not (pjsip is None and sip is None and states is None)
    sight.endpoints |= {f"PJSIP/{item.get('objectname')}" for item in pjsip or []}
    sight.endpoints |= {f"SIP/{item.get('objectname')}" for item in sip or []}
    devices = [item.get("device") for item in states or []]
    devices += [member.get("stateinterface") for member in sight.members]
    sight.endpoints |= {device for device in devices if device.startswith(_TECHNOLOGIES)}
    channels = await questions.many(Action="CoreShowChannels")
    _see_variables(sight, channels or [])


async def _see_manager(questions: _Questions, sight: Sight, account: Account) -> None:
    config = await questions.config("manager.conf")
    if config is None:
        return
    general, user = config.get("general", {}), config.get(account.user, {})
    if "read" in user:
        sight.read = frozenset(part.strip() for part in user["read"].split(","))
    sight.timestamps = _is_true(general.get("timestampevents", "no"))
    names = general.get("channelvars", "").split(",")
    sight.variables = frozenset(name.strip() for name in names if name.strip())
    timeout = user.get("writetimeout", general.get("writetimeout", "100"))
    sight.write_timeout_ms = int(timeout) if timeout.isdecimal() else None


def _listen(sight: Sight, events: list[Message]) -> None:
    """Learn from what came by itself, where the configuration was not to be seen."""
    if events and sight.timestamps is None:
        # FullyBooted is written by hand in Asterisk and never has a time.
        timed = [event.at is not None for event in events if event.name != "FullyBooted"]
        sight.timestamps = any(timed) if timed else None
    for event in events:
        sight.heard |= set(event.get("privilege").split(",")) - {"all", ""}
    _see_variables(sight, events)


def _see_variables(sight: Sight, messages: list[Message]) -> None:
    """`channelvars` shows in every event of a channel, with empty values too."""
    if sight.variables is None:
        for message in messages:
            if message.variables and "chanvariable" in message.variables:
                sight.variables = frozenset(message.variables["chanvariable"])
                return


def _sections(answer: Message) -> dict[str, dict[str, str]]:
    """Return a configuration file as GetConfig answers it; of sections of one name all lines."""
    names: dict[str, str] = {}
    sections: dict[str, dict[str, str]] = {}
    for key, number, text in _numbered(answer):
        if key == "category":
            names[number] = text
            sections.setdefault(text, {})
        elif key == "line":
            name, _, value = text.partition("=")
            sections.get(names.get(number, ""), {})[name.strip().lower()] = value.strip(" >")
    return sections


def _numbered(answer: Message) -> Iterator[tuple[str, str, str]]:
    for key, text in answer.fields.items():
        kind, _, numbers = key.partition("-")
        yield kind, numbers.partition("-")[0], text


def _is_true(word: str) -> bool:
    return word.lower() in ("yes", "true", "y", "t", "1", "on")

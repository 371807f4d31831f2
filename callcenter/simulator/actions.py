"""The AMI actions that this PBX obeys, worded as Asterisk 22 words its answers.

An action is answered first and done afterwards, so that the answer comes before the events.
Actions that only list something stand in `listings`.
"""

import asyncio
import re
import time

from callcenter.simulator import listings
from callcenter.simulator.channels import Channel, Party
from callcenter.simulator.originate import OriginateRequest
from callcenter.simulator.queues import Member
from callcenter.simulator.session import ActionKind, Handler, Session, event_mask
from callcenter.simulator.wire import Action, Field

UNIQUEID_LIMIT = 149
MODULES = {"app_dial", "app_queue", "app_mixmonitor", "chan_pjsip", "manager", "res_pjsip"}
VERSION = "22.10.1"


def _challenge(session: Session, action: Action) -> None:
    if action.get("AuthType").lower() != "md5":
        session.error(action, "Must specify AuthType")
        return
    session.reply(action, "Success", ("Challenge", session.new_challenge()))


def _events(session: Session, action: Action) -> None:
    mask = action.get("EventMask")
    if not mask:
        session.error(action, "Invalid event mask")
        return
    session.mask = event_mask(mask)
    session.reply(action, "Success", ("Events", "Off" if session.mask == frozenset() else "On"))


def _ping(session: Session, action: Action) -> None:
    session.reply(action, "Success", ("Ping", "Pong"), ("Timestamp", f"{time.time():.6f}"))


def _list_commands(session: Session, action: Action) -> None:
    write = session.user.write if session.user else frozenset()
    allowed = [
        (name, f"{kind.synopsis}  (Priv: {','.join(sorted(kind.classes)) or '<none>'})")
        for name, kind in NAMED.items()
        if not kind.classes or kind.classes & write
    ]
    session.reply(action, "Success", *sorted(allowed))


def _module_check(session: Session, action: Action) -> None:
    if action.get("Module").removesuffix(".so") in MODULES:
        session.reply(action, "Success", ("Version", ""))
    else:
        session.error(action, "Module not loaded")


def _command(session: Session, action: Action) -> None:
    command = action.get("Command").strip()
    answers = {
        "core show version": f"Asterisk {VERSION} built by simulator @ simulator on a simulator",
        "core show channels count": f"{len(session.pbx.channels)} active channels",
    }
    if command in answers:
        output = ("Message", "Command output follows"), ("Output", answers[command])
        session.reply(action, "Success", *output)
        return
    unknown = f"No such command '{command}' (type 'core show help {command}' for other commands)"
    session.reply(action, "Error", ("Message", "Command output follows"), ("Output", unknown))


def _channel_of(session: Session, action: Action) -> Channel | None:
    """Return the channel an action means; Asterisk takes a name, and a Uniqueid as well."""
    wanted = action.get("Channel")
    by_name = session.pbx.channels.get(wanted)
    if by_name is not None or not wanted:
        return by_name
    channels = session.pbx.channels.values()
    return next((one for one in channels if one.uniqueid == wanted), None)


def _getvar(session: Session, action: Action) -> None:
    name = action.get("Variable")
    if not name:
        session.error(action, "No variable specified")
        return
    channel = _channel_of(session, action)
    if action.get("Channel") and channel is None:
        session.error(action, "No such channel")
        return
    value = _value(channel, name) if channel else ""
    session.reply(action, "Success", ("Variable", name), ("Value", value))


def _value(channel: Channel, name: str) -> str:
    functions = {"CALLERID(num)": channel.caller.number, "CALLERID(name)": channel.caller.name}
    return functions.get(name, channel.variables.get(name, ""))


def _setvar(session: Session, action: Action) -> None:
    channel = _channel_of(session, action)
    if not action.get("Variable"):
        session.error(action, "No variable specified")
    elif channel is None:
        session.error(action, "No such channel")
    else:
        session.ok(action, "Variable Set")
        channel.set_variable(action.get("Variable"), action.get("Value"))


def _hangup(session: Session, action: Action) -> None:
    name = action.get("Channel")
    if not name:
        session.error(action, "No channel specified")
        return
    channel = _channel_of(session, action)
    if channel is None:
        session.error(action, "No such channel")
        return
    session.ok(action, "Channel Hungup")
    cause = action.get("Cause")
    session.pbx.hang_up_channel(channel, int(cause) if cause.isdecimal() else 0)


def _redirect(session: Session, action: Action) -> None:
    name = action.get("Channel")
    if not name:
        session.error(action, "Channel not specified")
        return
    channel = _channel_of(session, action)
    if channel is None:
        session.error(action, f"Channel does not exist: {name}")
    elif not session.pbx.knows(action.get("Exten")) or not session.pbx.can_redirect(channel):
        session.error(action, "Redirect failed")
    else:
        session.ok(action, "Redirect successful")
        session.pbx.redirect(channel, action.get("Context"), action.get("Exten"))


async def _originate(session: Session, action: Action) -> None:
    refusal = _originate_refusal(session, action)
    if refusal:
        session.error(action, refusal)
        return
    request = _originate_request(action)
    if request.is_async:
        session.ok(action, "Originate successfully queued")
        session.pbx.originate(
            request, lambda fields: session.pbx.emit("OriginateResponse", "call", fields)
        )
        return
    outcome: asyncio.Future[list[Field]] = asyncio.get_running_loop().create_future()
    session.pbx.originate(request, outcome.set_result)
    if ("Response", "Success") in await outcome:
        session.ok(action, "Originate successfully queued")
    else:
        session.error(action, "Originate failed")


def _originate_refusal(session: Session, action: Action) -> str:
    channel = action.get("Channel")
    if not channel:
        return "Channel not specified"
    if action.get("Priority") and not action.get("Priority").isdecimal():
        return "Invalid priority"
    if action.get("Timeout") and not action.get("Timeout").isdecimal():
        return "Invalid timeout"
    if "/" not in channel:
        return "Invalid channel"
    if max(len(action.get("ChannelId")), len(action.get("OtherChannelId"))) > UNIQUEID_LIMIT:
        return f"Uniqueid length exceeds maximum of {UNIQUEID_LIMIT}"
    if not session.pbx.knows(action.get("Exten")):
        return "Extension does not exist."
    return ""


def _originate_request(action: Action) -> OriginateRequest:
    channel = action.get("Channel")
    return OriginateRequest(
        extension=channel.removeprefix("PJSIP/"),
        channel=channel,
        context=action.get("Context"),
        exten=action.get("Exten"),
        caller=_caller_id(action.get("CallerID")),
        channel_id=action.get("ChannelId"),
        action_id=action.get("ActionID"),
        timeout_s=int(action.get("Timeout") or 30_000) / 1000,
        is_async=action.get("Async").lower() in ("true", "yes", "1", "on", "y", "t"),
        variables=tuple(_variables(action)),
    )


def _caller_id(text: str) -> Party | None:
    """Read `"Name" <number>`, `Name <number>` or a bare number."""
    if not text:
        return None
    written = re.fullmatch(r'\s*"?(?P<name>[^"<]*?)"?\s*<(?P<number>[^>]*)>\s*', text)
    if written is None:
        return Party(text.strip())
    return (
        Party(written["number"], written["name"]) if written["name"] else Party(written["number"])
    )


def _variables(action: Action) -> list[Field]:
    """Read every `Variable: A=1` line; one line may hold several, parted by commas."""
    pairs = [pair for line in action.all("Variable") for pair in line.split(",")]
    return [(name.strip(), value) for name, _, value in (pair.partition("=") for pair in pairs)]


def _queue_pause(session: Session, action: Action) -> None:
    interface, paused = action.get("Interface"), action.get("Paused")
    if not interface or not paused:
        session.error(action, "Need 'Interface' and 'Paused' parameters.")
        return
    members = session.pbx.members_of(interface, action.get("Queue"))
    if not members:
        session.error(action, "Interface not found")
        return
    pauses = _is_true(paused)
    session.ok(action, f"Interface {'paused' if pauses else 'unpaused'} successfully")
    for member in members:
        session.pbx.pause_member(member, pauses, action.get("Reason"))


def _is_true(text: str) -> bool:
    return text.lower() in ("true", "yes", "1", "on", "y", "t")


def _queue_add(session: Session, action: Action) -> None:
    name, interface = action.get("Queue"), action.get("Interface")
    queue = session.pbx.queues.get(name)
    phone = session.pbx.phones.get(interface.removeprefix("PJSIP/"))
    if not name or not interface:
        session.error(action, f"'{'Interface' if name else 'Queue'}' not specified.")
    elif queue is None or phone is None:
        session.error(action, "Unable to add interface to queue: No such queue")
    elif queue.member(interface):
        session.error(action, "Unable to add interface: Already there")
    else:
        session.ok(action, "Added interface to queue")
        penalty = action.get("Penalty")
        member = Member(
            name,
            interface,
            action.get("MemberName") or interface,
            phone,
            membership="dynamic",
            penalty=int(penalty) if penalty.isdecimal() else 0,
            paused=_is_true(action.get("Paused")),
            paused_reason=action.get("Reason"),
            wrapuptime_s=session.pbx.settings.wrapuptime_s,
        )
        session.pbx.add_member(queue, member)


def _queue_remove(session: Session, action: Action) -> None:
    name, interface = action.get("Queue"), action.get("Interface")
    if not name or not interface:
        session.error(action, "Need 'Queue' and 'Interface' parameters.")
        return
    queue = session.pbx.queues.get(name)
    member = queue.member(interface) if queue else None
    if queue is None:
        session.error(action, "Unable to remove interface from queue: No such queue")
    elif member is None:
        session.error(action, "Unable to remove interface: Not there")
    elif member.membership != "dynamic":
        session.error(action, "Member not added dynamically")
    else:
        session.ok(action, "Removed interface from queue")
        session.pbx.remove_member(queue, member)


def _kind(handler: Handler, classes: str, synopsis: str) -> ActionKind:
    return ActionKind(handler, frozenset(filter(None, classes.split(","))), synopsis)


NAMED = {
    "Login": _kind(Session.log_in, "", "Login Manager."),
    "Logoff": _kind(Session.log_off, "", "Logoff Manager."),
    "Challenge": _kind(_challenge, "", "Generate Challenge for MD5 Auth."),
    "Events": _kind(_events, "", "Control Event Flow."),
    "Ping": _kind(_ping, "", "Keepalive command."),
    "ListCommands": _kind(_list_commands, "", "List available manager commands."),
    "ModuleCheck": _kind(_module_check, "system", "Check if module is loaded."),
    "Command": _kind(_command, "command", "Execute Asterisk CLI Command."),
    "Getvar": _kind(_getvar, "call,reporting", "Gets a channel variable or function value."),
    "Setvar": _kind(_setvar, "call", "Sets a channel variable or function value."),
    "Hangup": _kind(_hangup, "system,call", "Hangup channel."),
    "Redirect": _kind(_redirect, "call", "Redirect (transfer) a call."),
    "Originate": _kind(_originate, "originate", "Originate a call."),
    "QueuePause": _kind(_queue_pause, "agent", "Makes a queue member temporarily unavailable."),
    "QueueAdd": _kind(_queue_add, "agent", "Add interface to queue."),
    "QueueRemove": _kind(_queue_remove, "agent", "Remove interface from queue."),
    "CoreSettings": _kind(
        listings.core_settings, "system,reporting", "Show PBX core settings (version etc)."
    ),
    "CoreStatus": _kind(
        listings.core_status, "system,reporting", "Show PBX core status variables."
    ),
    "CoreShowChannels": _kind(
        listings.core_show_channels, "system,reporting", "List currently active channels."
    ),
    "Status": _kind(listings.status, "system,call,reporting", "List channel status."),
    "BridgeList": _kind(listings.bridge_list, "", "Get a list of bridges in the system."),
    "BridgeInfo": _kind(listings.bridge_info, "", "Get information about a bridge."),
    "QueueStatus": _kind(listings.queue_status, "", "Show queue status."),
    "QueueSummary": _kind(listings.queue_summary, "", "Show queue summary."),
    "DeviceStateList": _kind(
        listings.device_state_list, "call,reporting", "List the current known device states."
    ),
    "ExtensionStateList": _kind(
        listings.extension_state_list, "call,reporting", "List the current known extension states."
    ),
    "ExtensionState": _kind(listings.extension_state, "call,reporting", "Check Extension Status."),
    "PJSIPShowEndpoints": _kind(listings.pjsip_endpoints, "system", "Lists PJSIP endpoints."),
    "PJSIPShowContacts": _kind(listings.pjsip_contacts, "system", "Lists PJSIP Contacts."),
    "PresenceStateList": _kind(
        listings.presence_state_list, "call,reporting", "List the current known presence states."
    ),
    "ParkedCalls": _kind(listings.parked_calls, "", "List parked calls."),
    "ConfbridgeListRooms": _kind(
        listings.confbridge_rooms, "reporting", "List active conferences."
    ),
}

ACTIONS = {name.lower(): kind for name, kind in NAMED.items()}

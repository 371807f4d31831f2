"""The AMI actions that show the state of the PBX: what a client asks for after a (re)connect."""

import time
from collections.abc import Iterator

from callcenter.simulator.channels import UNKNOWN, Channel
from callcenter.simulator.devices import ENDPOINT_STATE
from callcenter.simulator.floor import extension_status
from callcenter.simulator.pbx import Pbx
from callcenter.simulator.queues import Queue
from callcenter.simulator.session import Session
from callcenter.simulator.wire import Action, Field

Item = tuple[str, list[Field]]


def core_settings(session: Session, action: Action) -> None:
    session.reply(
        action,
        "Success",
        ("AMIversion", "11.0.0"),
        ("AsteriskVersion", "22.10.1"),
        ("SystemName", session.pbx.settings.system_name),
        ("CoreMaxCalls", "0"),
        ("CoreMaxLoadAvg", "0.000000"),
        ("CoreRunUser", ""),
        ("CoreRunGroup", ""),
        ("CoreMaxFilehandles", "0"),
        ("CoreRealTimeEnabled", "No"),
        ("CoreCDRenabled", "Yes"),
        ("CoreHTTPenabled", "No"),
        ("SoundsSearchCustomDir", "No"),
    )


def core_status(session: Session, action: Action) -> None:
    started = time.gmtime(session.pbx.started)
    day, clock = time.strftime("%Y-%m-%d", started), time.strftime("%H:%M:%S", started)
    session.reply(
        action,
        "Success",
        ("CoreStartupDate", day),
        ("CoreStartupTime", clock),
        ("CoreReloadDate", day),
        ("CoreReloadTime", clock),
        ("CoreCurrentCalls", str(len(session.pbx.channels))),
        ("CoreProcessedCalls", str(session.pbx.channels_made)),
    )


def core_show_channels(session: Session, action: Action) -> None:
    items = [("CoreShowChannel", _shown(session.pbx, one)) for one in session.pbx.channels.values()]
    session.send_list(action, "Channels will follow", items, "CoreShowChannelsComplete")


def _shown(pbx: Pbx, channel: Channel) -> list[Field]:
    age_s = int(time.time() - channel.created)
    hours, minutes, seconds = age_s // 3600, age_s // 60 % 60, age_s % 60
    return [
        *pbx.of(channel),
        ("Application", channel.application),
        ("ApplicationData", channel.application_data),
        ("Duration", f"{hours:02}:{minutes:02}:{seconds:02}"),
        ("BridgeId", channel.bridge.uniqueid if channel.bridge else ""),
    ]


def status(session: Session, action: Action) -> None:
    name = action.get("Channel")
    if name and name not in session.pbx.channels:
        session.error(action, "No such channel")
        return
    channels = [session.pbx.channels[name]] if name else list(session.pbx.channels.values())
    items = [("Status", _status(session.pbx, one) + _variables(one, action)) for one in channels]
    session.send_list(
        action,
        "Channel status will follow",
        items,
        "StatusComplete",
        ("Items", str(len(items))),
        id_last=True,
    )


def _status(pbx: Pbx, channel: Channel) -> list[Field]:
    return [
        ("Privilege", "Call"),
        *pbx.of(channel),
        ("Type", "PJSIP"),
        ("DNID", channel.dialled),
        ("EffectiveConnectedLineNum", channel.connected.number),
        ("EffectiveConnectedLineName", channel.connected.name),
        ("TimeToHangup", "0"),
        ("BridgeID", channel.bridge.uniqueid if channel.bridge else ""),
        ("Application", channel.application),
        ("Data", channel.application_data),
        ("Nativeformats", "(ulaw)"),
        ("Readformat", "ulaw"),
        ("Readtrans", ""),
        ("Writeformat", "ulaw"),
        ("Writetrans", ""),
        ("Callgroup", "0"),
        ("Pickupgroup", "0"),
        ("Seconds", str(int(time.time() - channel.created))),
    ]


def _variables(channel: Channel, action: Action) -> list[Field]:
    if action.get("AllVariables").lower() in ("true", "yes", "1"):
        wanted = list(channel.variables)
    else:
        wanted = [name for name in action.get("Variables").split(",") if name]
    return [("Variable", f"{name}={channel.variables.get(name, '(null)')}") for name in wanted]


def bridge_list(session: Session, action: Action) -> None:
    items = [("BridgeListItem", one.fields()) for one in session.pbx.bridges.values()]
    session.send_list(action, "Bridge listing will follow", items, "BridgeListComplete")


def bridge_info(session: Session, action: Action) -> None:
    bridge = session.pbx.bridges.get(action.get("BridgeUniqueid"))
    if bridge is None:
        session.error(action, "Specified BridgeUniqueid not found")
        return
    items = [("BridgeInfoChannel", list(session.pbx.of(one))) for one in bridge.channels]
    message = "Bridge channel listing will follow"
    session.send_list(action, message, items, "BridgeInfoComplete", *bridge.fields())


def queue_status(session: Session, action: Action) -> None:
    wanted, member = action.get("Queue"), action.get("Member")
    items = [
        item
        for queue in session.pbx.queues.values()
        if wanted in ("", queue.name)
        for item in _queue_items(queue, member)
    ]
    message = "Queue status will follow"
    session.send_list(action, message, items, "QueueStatusComplete", id_last=True)


def _queue_items(queue: Queue, member: str) -> Iterator[Item]:
    yield "QueueParams", queue.parameters()
    for one in queue.members:
        if member in ("", one.interface):
            yield "QueueMember", one.list_fields()
    for position, visit in enumerate(queue.waiting, start=1):
        yield "QueueEntry", _entry(queue, position, visit.caller, visit.waited_s)


def _entry(queue: Queue, position: int, caller: Channel, waited_s: int) -> list[Field]:
    def told(value: str) -> str:
        return "unknown" if value == UNKNOWN else value

    return [
        ("Queue", queue.name),
        ("Position", str(position)),
        ("Channel", caller.name),
        ("Uniqueid", caller.uniqueid),
        ("CallerIDNum", told(caller.caller.number)),
        ("CallerIDName", told(caller.caller.name)),
        ("ConnectedLineNum", told(caller.connected.number)),
        ("ConnectedLineName", told(caller.connected.name)),
        ("Wait", str(waited_s)),
        ("Priority", "0"),
    ]


def queue_summary(session: Session, action: Action) -> None:
    wanted = action.get("Queue")
    items = [
        ("QueueSummary", _summary(queue))
        for queue in session.pbx.queues.values()
        if wanted in ("", queue.name)
    ]
    message = "Queue summary will follow"
    session.send_list(action, message, items, "QueueSummaryComplete", id_last=True)


def _summary(queue: Queue) -> list[Field]:
    longest_s = max((visit.waited_s for visit in queue.waiting), default=0)
    return [
        ("Queue", queue.name),
        ("LoggedIn", str(sum(member.is_logged_in for member in queue.members))),
        ("Available", str(len(queue.free()))),
        ("Callers", str(len(queue.waiting))),
        ("HoldTime", str(queue.hold_s)),
        ("TalkTime", str(queue.talk_s)),
        ("LongestHoldTime", str(longest_s)),
    ]


def device_state_list(session: Session, action: Action) -> None:
    items = [
        ("DeviceStateChange", [("Device", device), ("State", state)])
        for device, state in session.pbx.device_states.items()
    ]
    message = "Device State Changes will follow"
    session.send_list(action, message, items, "DeviceStateListComplete")


def extension_state_list(session: Session, action: Action) -> None:
    phones = session.pbx.phones.values()
    items = [("ExtensionStatus", extension_status(phone)) for phone in phones]
    message = "Extension Statuses will follow"
    session.send_list(action, message, items, "ExtensionStateListComplete")


def extension_state(session: Session, action: Action) -> None:
    if not action.get("Exten"):
        session.error(action, "Extension not specified")
        return
    phone = session.pbx.phones.get(action.get("Exten"))
    unknown = [
        ("Exten", action.get("Exten")),
        ("Context", action.get("Context")),
        ("Hint", ""),
        ("Status", "-1"),
        ("StatusText", "Unknown"),
    ]
    fields = extension_status(phone) if phone else unknown
    session.reply(action, "Success", ("Message", "Extension Status"), *fields)


def pjsip_endpoints(session: Session, action: Action) -> None:
    pbx = session.pbx
    items = [("EndpointList", _endpoint(pbx, one)) for one in [*pbx.phones, pbx.settings.trunk]]
    message = "A listing of Endpoints follows, presented as EndpointList events"
    session.send_list(action, message, items, "EndpointListComplete")


def _endpoint(pbx: Pbx, endpoint: str) -> list[Field]:
    phone = pbx.phones.get(endpoint)
    registered = phone is None or phone.registered
    uri = phone.uri if phone else "sip:127.0.0.2:5060"
    state = pbx.device_states[f"PJSIP/{endpoint}"]
    active = sum(channel.endpoint == endpoint for channel in pbx.channels.values())
    return [
        ("ObjectType", "endpoint"),
        ("ObjectName", endpoint),
        ("Transport", "transport-udp"),
        ("Aor", endpoint),
        ("Auths", ""),
        ("OutboundAuths", ""),
        ("Contacts", f"{endpoint}/{uri}," if registered else ""),
        ("DeviceState", ENDPOINT_STATE[state]),
        ("ActiveChannels", str(active)),
    ]


def pjsip_contacts(session: Session, action: Action) -> None:
    phones = [phone for phone in session.pbx.phones.values() if phone.registered]
    items = [("ContactList", _contact(phone.extension, phone.uri)) for phone in phones]
    message = "A listing of Contacts follows, presented as ContactList events"
    session.send_list(action, message, items, "ContactListComplete")


def _contact(extension: str, uri: str) -> list[Field]:
    return [
        ("ObjectType", "contact"),
        ("ObjectName", f"{extension};@{extension}"),
        ("ViaAddr", uri.split("@")[1].split(":")[0]),
        ("QualifyTimeout", "3.000000"),
        ("Qualify2xxOnly", "false"),
        ("CallId", f"{extension}@simulator"),
        ("RegServer", ""),
        ("PruneOnBoot", "no"),
        ("Path", ""),
        ("Endpoint", extension),
        ("ViaPort", "5060"),
        ("AuthenticateQualify", "no"),
        ("Uri", uri),
        ("QualifyFrequency", "0"),
        ("UserAgent", "simulator"),
        ("ExpirationTime", str(int(time.time()) + 600)),
        ("OutboundProxy", ""),
        ("Status", "NonQualified"),
        ("RoundtripUsec", "N/A"),
    ]


def presence_state_list(session: Session, action: Action) -> None:
    message = "Presence State Changes will follow"
    session.send_list(action, message, [], "PresenceStateListComplete")


def parked_calls(session: Session, action: Action) -> None:
    message = "Parked calls will follow"
    session.send_list(action, message, [], "ParkedCallsComplete", ("Total", "0"))


def confbridge_rooms(session: Session, action: Action) -> None:
    session.error(action, "No active conferences.")

"""What the doctor may say: for each thing that can lack, what it costs and what to do.

Sentences are gettext message ids with `{name}` fields, like those of a `Problem`.
"""

from typing import Final, Literal

import msgspec

#: "note": it costs something, and may be meant so.
State = Literal["good", "note", "missing", "unknown"]


def _(message: str) -> str:
    """Mark `message` for translation; it is translated where it is shown."""
    return message


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing about a PBX. `code` is stable; `cost` and `remedy` are "" if all is well."""

    code: str
    state: State
    sentence: str
    cost: str = ""
    remedy: str = ""
    values: dict[str, str] = msgspec.field(default_factory=dict)

    def text(self, part: str) -> str:
        """Return `part` ("sentence", "cost", "remedy") in English with its fields filled."""
        message: str = getattr(self, part)
        return message.format(**self.values)


READ_COSTS: Final = {
    "system": _(
        "A restart of Asterisk goes unnoticed: calls seem to go on until they are settled."
    ),
    "call": _("No calls are seen at all."),
    "agent": _("No queues: nobody waits, nobody is rung for a queue, no pauses are seen."),
    "user": _("Only the events your own dialplan sends with UserEvent() are not seen."),
    "dtmf": _("Only the digits pressed in an IVR are not seen."),
}

WRITE_COSTS: Final = {
    "originate": _("No click-to-call."),
    "call": _("No hanging up and no transferring from the screen."),
    "agent": _("No pausing from the screen, no logging in to queues."),
    "reporting": _(
        "After a lost connection calls in progress cannot be taken up: they end in a gap."
    ),
}

VARIABLE_COSTS: Final = {
    "CRM_REF": _("A click is matched to its call only by its channel."),
    "DID": _(
        "Once the dialplan has changed the extension, the number that was dialled is unknown."
    ),
    "QUEUESTATUS": _("A caller the queue sent away looks like one who gave up."),
    "VMSTATUS": _("Whether a message was left is unknown."),
    "MIXMONITOR_FILENAME": _("Recordings are not found."),
}

#: An action that only users with the write class may use, by which the class is known.
ACTION_OF: Final = {
    "originate": "Originate",
    "call": "Redirect",
    "agent": "QueuePause",
    "reporting": "CoreShowChannels",
}

#: The same for classes nobody needs.
DANGER_OF: Final = {"system": "Reload", "command": "Command", "config": "UpdateConfig"}

MAY_READ = _("The user may read: {names}.")
MAY_WRITE = _("The user may do what belongs to: {names}.")
READ_LACKS = _("The user may not read the class “{name}”.")
READ_REMEDY = _("Add {name} to `read` of [{user}] in manager.conf.")
WRITE_LACKS = _("The user may not do what belongs to the class “{name}”.")
WRITE_REMEDY = _("Add {name} to `write` of [{user}] in manager.conf.")
WRITE_MORE = _("The user may do more than callcenter needs: {names}.")
WRITE_MORE_COST = _("Whoever has its secret can change the PBX or run programs on it.")
WRITE_MORE_REMEDY = _("Take {names} out of `write` of [{user}] in manager.conf.")
READ_UNSEEN = _("Whether the user may read these classes was not to be seen: {names}.")
READ_UNSEEN_COST = _("Without them calls, queues or digits pressed are not seen.")
UNSEEN_REMEDY = _(
    "Make a call through a queue while the doctor listens (`--listen 60`), or add config to `write` "
    "of [{user}] for as long as the doctor looks."
)
CONFIG_REMEDY = _("Add config to `write` of [{user}] for as long as the doctor looks.")

TIMES = _("Events say when they happened.")
TIMES_LACK = _("Events do not say when they happened.")
TIMES_UNSEEN = _("Whether events say when they happened was not to be seen.")
TIMES_COST = _("Times are those of arrival: a slow network moves ring and talk times.")
TIMES_REMEDY = _("Set timestampevents = yes in [general] of manager.conf.")

VARIABLES = _("Events carry the channel variables that are needed.")
VARIABLE_LACKS = _("Events do not carry the channel variable {name}.")
VARIABLE_REMEDY = _("Add {name} to channelvars in [general] of manager.conf.")
VARIABLES_UNSEEN = _("Which channel variables events carry was not to be seen.")
VARIABLES_COST = _("Without them clicks, numbers, reasons and recordings may be missing.")

PATIENCE = _("Asterisk waits {ms} ms for a slow reader.")
PATIENCE_LACKS = _("Asterisk waits only {ms} ms for a slow reader.")
PATIENCE_UNSEEN = _("How long Asterisk waits for a slow reader was not to be seen.")
PATIENCE_COST = _("In its busiest second it drops the connection, and the record shows a gap.")
PATIENCE_REMEDY = _("Set writetimeout = 1000 in [{user}] of manager.conf.")

CONTEXT = _("Click-to-call has its context “{name}”.")
CONTEXT_LACKS = _("There is no context “{name}” in the dialplan.")
CONTEXT_UNSEEN = _("Whether there is a context “{name}” was not to be seen.")
CONTEXT_COST = _("A click rings the agent's phone and then reaches nobody.")
CONTEXT_UNSEEN_REMEDY = _("Add reporting to `write` of [{user}] in manager.conf.")
CONTEXT_REMEDY = _("Add the context to extensions.conf, or name another for this PBX.")

MEMBERS = _("The state of every queue member is known.")
NO_MEMBERS = _("No queue has a member at the moment.")
MEMBER_BLIND = _("{interface} is in the queue {queue} without a state interface.")
MEMBER_BLIND_COST = _("The queue rings this agent while he talks, and his state is wrong.")
MEMBER_BLIND_REMEDY = _("Give the member a state interface, such as PJSIP/1001.")
MEMBER_HOPS = _("These members are reached by Local channels that are never optimised: {names}.")
MEMBER_HOPS_COST = _(
    "The queue itself takes no notice of transfers; its own log names the wrong agent."
)
MEMBER_HOPS_REMEDY = _("Nothing has to be done for callcenter; phones as members are simpler.")
SHARED = _("Agents of several queues get their wrap-up after a call of each.")
SHARED_LACKS = _(
    "Agents of several queues ({names}) get their wrap-up only in the queue that called."
)
SHARED_UNSEEN = _(
    "Whether agents of several queues ({names}) share their wrap-up was not to be seen."
)
SHARED_COST = _("The other queues ring them during the PBX's own wrap-up.")
SHARED_REMEDY = _("Set shared_lastcall = yes in [general] of queues.conf.")

KINDS = _("{kind}: {names}")
NO_TRUNK = _("No endpoint is a trunk.")
UNSEEN_TRUNK_COST = _("If no endpoint is a trunk, customers look like colleagues.")
NO_TRUNK_COST = _("Customers look like colleagues: no pops, no interactions.")
NO_TRUNK_REMEDY = _("Name the endpoints that lead outside for this PBX: one or more of {names}.")
NO_AGENT = _("No endpoint is an agent's phone.")
NO_AGENT_COST = _("Nobody's screen opens.")
NO_AGENT_REMEDY = _("Give people their phones under Administration → People.")
NO_ENDPOINTS = _("Which other endpoints there are was not to be seen.")
NO_ENDPOINTS_REMEDY = _("Add reporting to `write` of [{user}], and load res_manager_devicestate.")

VERSION = _("Asterisk {version}, reached at {address}.")
SYSTEM_NAME = _("Its system name is “{name}”.")
NO_SYSTEM_NAME = _("It has no system name, which only matters if several PBXs share a database.")
UNREACHABLE = _("{address} cannot be reached: {reason}.")
UNREACHABLE_COST = _("Nothing works until it can be.")
UNREACHABLE_REMEDY = _("Is Asterisk running, does AMI listen there, does a firewall stand between?")
REFUSED = _("The user “{user}” is refused: {reason}.")
REFUSED_REMEDY = _("Compare user and secret with manager.conf, and its permit with our address.")

CALL_LOG = _("Its own log of calls (CEL) can be read, up to {age}.")
CALL_LOG_EMPTY = _("Its own log of calls (CEL) can be read; nothing was written in the last day.")
CALL_LOG_EMPTY_COST = _("If calls were made, CEL is off, and lost ones cannot be added.")
CALL_LOG_EMPTY_REMEDY = _(
    "See that cel.conf says enable = yes and events = ALL, and that cel_custom or cel_pgsql is loaded."
)
CALL_LOG_NO_APPS = _("Its own log of calls (CEL) says nothing of queues.")
CALL_LOG_NO_APPS_COST = _("Calls added from it have no queue and no wait in it.")
CALL_LOG_NO_APPS_REMEDY = _("Add queue to `apps` in cel.conf.")
CALL_LOG_LACKS = _("Its own log of calls (CEL) cannot be read: {reason}.")
NO_CALL_LOG = _("No log of calls (CEL) of this PBX is named.")
CALL_LOG_COST = _(
    "Calls that begin and end while the link is down, or this service, are missing for good; of "
    "others the end is concluded."
)
CALL_LOG_REMEDY = _("See “Repair calls from CEL” in the manual: a file or a table, read only.")

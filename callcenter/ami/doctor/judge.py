"""What was seen on a PBX becomes findings. Pure: no I/O, no clock."""

from collections import defaultdict
from collections.abc import Iterator

from callcenter.ami.connection import Account
from callcenter.ami.doctor import findings as say
from callcenter.ami.doctor.findings import Finding
from callcenter.ami.doctor.look import Sight
from callcenter.ami.messages import Message
from callcenter.ami.session import AuthFailed, LinkFailed
from callcenter.ami.tracker import Endpoints

_PATIENT_MS = 1000


def unreachable(account: Account, failed: LinkFailed) -> Finding:
    refused = isinstance(failed, AuthFailed)
    return Finding(
        code="login" if refused else "reach",
        state="missing",
        sentence=say.REFUSED if refused else say.UNREACHABLE,
        cost=say.UNREACHABLE_COST,
        remedy=say.REFUSED_REMEDY if refused else say.UNREACHABLE_REMEDY,
        values={"address": _address(account), "user": account.user, "reason": str(failed)},
    )


def judge(account: Account, sight: Sight, endpoints: Endpoints, dial_context: str) -> list[Finding]:
    return [
        *_identity(account, sight),
        *_read_classes(account, sight),
        *_write_classes(account, sight),
        *_times(account, sight),
        *_variables(account, sight),
        *_patience(account, sight),
        *_context(account, sight, dial_context),
        *_members(sight),
        *_shared(account, sight),
        *_endpoints(account, sight, endpoints),
    ]


def _address(account: Account) -> str:
    return f"{account.host}:{account.port}"


def _identity(account: Account, sight: Sight) -> Iterator[Finding]:
    yield Finding(
        code="reach",
        state="good",
        sentence=say.VERSION,
        values={"version": sight.version or "?", "address": _address(account)},
    )
    if sight.system_name is not None:
        sentence = say.SYSTEM_NAME if sight.system_name else say.NO_SYSTEM_NAME
        yield Finding(
            code="systemname", state="good", sentence=sentence, values={"name": sight.system_name}
        )


def _read_classes(account: Account, sight: Sight) -> Iterator[Finding]:
    known = sight.heard if sight.read is None else sight.read
    have = [name for name in say.READ_COSTS if name in known or "all" in known]
    if have:
        yield Finding(
            code="read", state="good", sentence=say.MAY_READ, values={"names": ", ".join(have)}
        )
    # FullyBooted comes at once to those who may read `system`; of others silence tells nothing.
    lacking = [name for name in say.READ_COSTS if name not in have]
    unseen = [name for name in lacking if sight.read is None and name != "system"]
    for name in lacking:
        if name not in unseen:
            yield Finding(
                code=f"read-{name}",
                state="missing",
                sentence=say.READ_LACKS,
                cost=say.READ_COSTS[name],
                remedy=say.READ_REMEDY,
                values={"name": name, "user": account.user},
            )
    if unseen:
        yield Finding(
            code="read-classes",
            state="unknown",
            sentence=say.READ_UNSEEN,
            cost=say.READ_UNSEEN_COST,
            remedy=say.UNSEEN_REMEDY,
            values={"names": ", ".join(unseen), "user": account.user},
        )


def _write_classes(account: Account, sight: Sight) -> Iterator[Finding]:
    have = [name for name, action in say.ACTION_OF.items() if action.lower() in sight.actions]
    if have:
        yield Finding(
            code="write", state="good", sentence=say.MAY_WRITE, values={"names": ", ".join(have)}
        )
    for name, cost in say.WRITE_COSTS.items():
        if name not in have:
            yield Finding(
                code=f"write-{name}",
                state="missing",
                sentence=say.WRITE_LACKS,
                cost=cost,
                remedy=say.WRITE_REMEDY,
                values={"name": name, "user": account.user},
            )
    if more := [name for name, action in say.DANGER_OF.items() if action.lower() in sight.actions]:
        yield Finding(
            code="write-more",
            state="note",
            sentence=say.WRITE_MORE,
            cost=say.WRITE_MORE_COST,
            remedy=say.WRITE_MORE_REMEDY,
            values={"names": ", ".join(more), "user": account.user},
        )


def _times(account: Account, sight: Sight) -> Iterator[Finding]:
    yield _of_three(
        "timestampevents",
        sight.timestamps,
        (say.TIMES, say.TIMES_LACK, say.TIMES_UNSEEN),
        say.TIMES_COST,
        say.TIMES_REMEDY if sight.timestamps is False else say.UNSEEN_REMEDY,
        {"user": account.user},
    )


def _variables(account: Account, sight: Sight) -> Iterator[Finding]:
    if sight.variables is None:
        yield Finding(
            code="channelvars",
            state="unknown",
            sentence=say.VARIABLES_UNSEEN,
            cost=say.VARIABLES_COST,
            remedy=say.UNSEEN_REMEDY,
            values={"user": account.user},
        )
        return
    lacking = [name for name in say.VARIABLE_COSTS if name not in sight.variables]
    if not lacking:
        yield Finding(code="channelvars", state="good", sentence=say.VARIABLES)
    for name in lacking:
        yield Finding(
            code=f"channelvars-{name}",
            state="missing",
            sentence=say.VARIABLE_LACKS,
            cost=say.VARIABLE_COSTS[name],
            remedy=say.VARIABLE_REMEDY,
            values={"name": name},
        )


def _patience(account: Account, sight: Sight) -> Iterator[Finding]:
    ms = sight.write_timeout_ms
    yield _of_three(
        "writetimeout",
        None if ms is None else ms >= _PATIENT_MS,
        (say.PATIENCE, say.PATIENCE_LACKS, say.PATIENCE_UNSEEN),
        say.PATIENCE_COST,
        say.CONFIG_REMEDY if ms is None else say.PATIENCE_REMEDY,
        {"ms": str(ms), "user": account.user},
    )


def _context(account: Account, sight: Sight, dial_context: str) -> Iterator[Finding]:
    yield _of_three(
        "context",
        sight.context,
        (say.CONTEXT, say.CONTEXT_LACKS, say.CONTEXT_UNSEEN),
        say.CONTEXT_COST,
        say.CONTEXT_UNSEEN_REMEDY if sight.context is None else say.CONTEXT_REMEDY,
        {"name": dial_context, "user": account.user},
    )


def _members(sight: Sight) -> Iterator[Finding]:
    if not sight.members:
        yield Finding(code="members", state="good", sentence=say.NO_MEMBERS)
        return
    local = [one for one in sight.members if one.get("location").startswith("Local/")]
    blind = [one for one in local if one.get("stateinterface") in ("", one.get("location"))]
    if not blind:
        yield Finding(code="members", state="good", sentence=say.MEMBERS)
    for member in blind:
        yield Finding(
            code="member-state",
            state="missing",
            sentence=say.MEMBER_BLIND,
            cost=say.MEMBER_BLIND_COST,
            remedy=say.MEMBER_BLIND_REMEDY,
            values=_member(member),
        )
    if hops := sorted({name for one in local if (name := one.get("location")).endswith("/n")}):
        yield Finding(
            code="member-local",
            state="note",
            sentence=say.MEMBER_HOPS,
            cost=say.MEMBER_HOPS_COST,
            remedy=say.MEMBER_HOPS_REMEDY,
            values={"names": _some(hops)},
        )


def _member(member: Message) -> dict[str, str]:
    return {"interface": member.get("location"), "queue": member.get("queue")}


def _shared(account: Account, sight: Sight) -> Iterator[Finding]:
    queues: defaultdict[str, set[str]] = defaultdict(set)
    for member in sight.members:
        queues[member.get("location")].add(member.get("queue"))
    several = sorted(interface for interface, names in queues.items() if len(names) > 1)
    if several:
        yield _of_three(
            "shared_lastcall",
            sight.shared_lastcall,
            (say.SHARED, say.SHARED_LACKS, say.SHARED_UNSEEN),
            say.SHARED_COST,
            say.CONFIG_REMEDY if sight.shared_lastcall is None else say.SHARED_REMEDY,
            {"names": _some(several), "user": account.user},
        )


def _endpoints(account: Account, sight: Sight, endpoints: Endpoints) -> Iterator[Finding]:
    kinds: defaultdict[str, list[str]] = defaultdict(list)
    for endpoint in sorted(sight.endpoints):
        kinds[endpoints.kind(endpoint)].append(endpoint)
    for kind, names in sorted(kinds.items()):
        yield Finding(
            code=f"endpoints-{kind}",
            state="good",
            sentence=say.KINDS,
            values={"kind": kind, "names": ", ".join(names)},
        )
    if not (sight.endpoints and sight.all_endpoints):
        yield Finding(
            code="endpoints",
            state="unknown",
            sentence=say.NO_ENDPOINTS,
            cost=say.UNSEEN_TRUNK_COST,
            remedy=say.NO_ENDPOINTS_REMEDY,
            values={"user": account.user},
        )
        return
    if not kinds["trunk"]:
        yield Finding(
            code="trunks",
            state="missing",
            sentence=say.NO_TRUNK,
            cost=say.NO_TRUNK_COST,
            remedy=say.NO_TRUNK_REMEDY,
            values={"names": _some(kinds["internal"] or kinds["agent"])},
        )
    if not kinds["agent"]:
        yield Finding(
            code="agents",
            state="missing",
            sentence=say.NO_AGENT,
            cost=say.NO_AGENT_COST,
            remedy=say.NO_AGENT_REMEDY,
        )


def _of_three(
    code: str,
    good: bool | None,
    sentences: tuple[str, str, str],
    cost: str,
    remedy: str,
    values: dict[str, str],
) -> Finding:
    """Return the finding for what is good (True), lacks (False) or was not to be seen (None)."""
    yes, no, unseen = sentences
    if good:
        return Finding(code=code, state="good", sentence=yes, values=values)
    return Finding(
        code=code,
        state="unknown" if good is None else "missing",
        sentence=unseen if good is None else no,
        cost=cost,
        remedy=remedy,
        values=values,
    )


def _some(names: list[str]) -> str:
    """Return a few of `names`, and how many more there are."""
    more = len(names) - 5
    return ", ".join(names[:5]) + (f" … +{more}" if more > 0 else "")

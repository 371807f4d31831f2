"""The floor as it is now: calls in progress, who waits, what every agent does.

Pure: what is known of calls, agents and today's visits goes in, one picture comes
out. `feed` tells its changes to the pages that show it.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Literal

import msgspec

from callcenter.calls.call import Call, Leg
from callcenter.stats.formulas import QueueFigures, Visits, queue_figures
from callcenter.stats.unheard import Unheard

Phase = Literal["waiting", "ringing", "talking", "hold", "menu"]

#: States in the order a supervisor looks for them.
STATES = (
    "ready", "ringing", "talking", "hold", "wrap-up", "paused", "not-responding", "off",
)  # fmt: skip


class AgentNow(msgspec.Struct, frozen=True, kw_only=True):
    """One agent. `with_` is the customer they talk with, by name or number."""

    user_id: int
    name: str
    team_id: int | None = None
    state: str = "off"
    reason: str | None = None
    since: float = 0.0
    until: float | None = None
    with_: str | None = msgspec.field(default=None, name="with")


class Customer(msgspec.Struct, frozen=True, kw_only=True):
    """Who calls, as far as it is known for sure."""

    contact_id: int
    name: str


class CallNow(msgspec.Struct, frozen=True, kw_only=True):
    """One call in progress. `since` is when its present phase began."""

    call_id: int
    direction: str | None
    phase: Phase
    customer: str | None
    contact_id: int | None
    number: str | None
    withheld: bool
    queue: str | None
    agents: tuple[str, ...]
    agent_ids: tuple[int, ...]
    began_at: float
    since: float


class QueueNow(msgspec.Struct, frozen=True, kw_only=True):
    """One queue: who waits now, and its figures of today."""

    queue: str
    figures: QueueFigures
    #: When the one who has waited longest joined, None if nobody waits.
    waiting_since: float | None


class Floor(msgspec.Struct, frozen=True, kw_only=True):
    now: float
    calls: tuple[CallNow, ...]
    waiting: tuple[CallNow, ...]
    queues: tuple[QueueNow, ...]
    agents: tuple[AgentNow, ...]
    #: {state: how many agents}
    states: dict[str, int]
    total: QueueFigures
    waiting_since: float | None
    #: When the PBX was not heard today: figures of today are not whole.
    gaps: tuple[Unheard, ...] = ()

    @property
    def spans(self) -> list[tuple[float, float | None]]:
        """Both ends of what was missed today and not made good."""
        return [(gap.from_at, gap.to_at) for gap in self.gaps if gap.state != "done"]

    @property
    def now_missing(self) -> list[tuple[float, float | None]]:
        """Since when a PBX is not heard: what goes on now is not known."""
        return [(gap.from_at, gap.to_at) for gap in self.gaps if gap.to_at is None]


class Sources(msgspec.Struct, frozen=True, kw_only=True):
    """Where the picture comes from; functions handed over by `app`."""

    calls: Callable[[], Iterable[tuple[int, Call]]]
    agents: Callable[[], Iterable[AgentNow]]
    #: (pbx, endpoint) -> (user id, name) of who sits there.
    person_at: Callable[[int, str], tuple[int, str] | None]
    customer_of: Callable[[Call], Customer | None]
    #: (pbx, number as the carrier wrote it) -> its one form.
    number_of: Callable[[int, str], str]
    #: {queue: today's visits}
    queues: Callable[[], Mapping[str, Visits]]
    #: When the PBXs were not heard today.
    gaps: Callable[[], tuple[Unheard, ...]] = tuple


def picture(
    sources: Sources,
    now: float,
    *,
    teams: Collection[int] | None = None,
    cover: Callable[[CallNow], CallNow] = lambda call: call,
) -> Floor:
    """Return the floor, or the part of these teams of it: its agents and the calls they are in.

    `cover` takes out of a call what the reader may not know of its customer.
    """
    agents = [agent for agent in sources.agents() if teams is None or agent.team_id in teams]
    ids = {agent.user_id for agent in agents}
    calls = sorted(
        (cover(_call(sources, call_id, call)) for call_id, call in sources.calls() if _shown(call)),
        key=lambda call: call.began_at,
    )
    if teams is not None:
        calls = [call for call in calls if not call.agent_ids or ids & set(call.agent_ids)]
    talking = {
        user_id: call.customer or call.number
        for call in calls
        if call.phase in ("talking", "hold")
        for user_id in call.agent_ids
    }
    queues = sources.queues()
    total = sum(queues.values(), Visits())
    return Floor(
        now=now,
        calls=tuple(call for call in calls if call.phase != "waiting"),
        waiting=tuple(call for call in calls if call.phase == "waiting"),
        queues=tuple(_queue(name, queues[name], now) for name in sorted(queues)),
        agents=tuple(_sorted(_with(agent, talking) for agent in agents)),
        states=_states(agents),
        total=queue_figures(total, now),
        waiting_since=total.waiting_since,
        gaps=sources.gaps(),
    )


def _shown(call: Call) -> bool:
    return call.live and call.folded_into is None and call.direction != "internal"


def _call(sources: Sources, call_id: int, call: Call) -> CallNow:
    legs = [leg for leg in call.parties() if leg.party == "agent" and leg.end_at is None]
    people = [
        person for leg in legs if (person := sources.person_at(call.pbx, leg.endpoint)) is not None
    ]
    customer, raw = sources.customer_of(call), call.customer_number
    phase, since = _phase(call, legs)
    open_visit = next((visit for visit in reversed(call.visits) if visit.left_at is None), None)
    last_visit = call.visits[-1] if call.visits else None
    return CallNow(
        call_id=call_id, direction=call.direction, phase=phase,
        customer=customer.name if customer else call.customer_name,
        contact_id=customer.contact_id if customer else None,
        number=sources.number_of(call.pbx, raw) if raw and not call.withheld else None,
        withheld=call.withheld,
        queue=visit.queue if (visit := open_visit or last_visit) else None,
        agents=tuple(name for _, name in people),
        agent_ids=tuple(user_id for user_id, _ in people), began_at=call.ring_at, since=since,
    )  # fmt: skip


def _phase(call: Call, legs: list[Leg]) -> tuple[Phase, float]:
    talking = [leg for leg in call.legs.values() if leg.talk.since is not None]
    if talking:
        held = [leg.hold.since for leg in talking if leg.hold.since is not None]
        if len(held) == len(talking):
            return "hold", max(held)
        return "talking", min(leg.talk.since or call.ring_at for leg in talking)
    for visit in call.visits:
        # Somebody's phone may ring meanwhile: the caller waits all the same.
        if visit.left_at is None:
            return "waiting", visit.joined_at
    if call.direction == "outbound" and not call.talkers():
        return "ringing", max((leg.ring_at for leg in legs), default=call.ring_at)
    ringing = [leg.ring_at for leg in legs if leg.answer_at is None and leg.how_in != "dial"]
    if ringing:
        return "ringing", max(ringing)
    if legs:
        # They have picked up: the talk begins at once, or has just ended.
        return "talking", max(leg.answer_at or leg.ring_at for leg in legs)
    return "menu", call.ring_at


def _queue(name: str, visits: Visits, now: float) -> QueueNow:
    return QueueNow(
        queue=name, figures=queue_figures(visits, now), waiting_since=visits.waiting_since
    )


def _with(agent: AgentNow, talking: Mapping[int, str | None]) -> AgentNow:
    if agent.user_id not in talking:
        return agent
    return msgspec.structs.replace(agent, with_=talking[agent.user_id])


def _sorted(agents: Iterable[AgentNow]) -> list[AgentNow]:
    rank = {state: place for place, state in enumerate(STATES)}
    return sorted(agents, key=lambda agent: (rank.get(agent.state, len(rank)), agent.since))


def _states(agents: Iterable[AgentNow]) -> dict[str, int]:
    counts = dict.fromkeys(STATES, 0)
    for agent in agents:
        counts[agent.state] = counts.get(agent.state, 0) + 1
    return counts

"""Who of several gets what comes in. Pure."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Literal, NamedTuple

from callcenter.rules.shapes import How

#: What somebody is at: can be called, is at work but busy, is away.
Presence = Literal["free", "busy", "away"]


class Candidate(NamedTuple):
    user_id: int
    presence: Presence
    #: Open rows of this kind that are his.
    load: int = 0
    #: When something was last given to him.
    given_at: datetime | None = None


def choose(
    people: Sequence[Candidate], how: How, presence: Collection[Presence]
) -> Candidate | None:
    """Return who gets it, None if nobody may; `presence` says who may.

    Who is free comes before who is busy, and both before who is away. In turn: who was given
    something longest ago, or never. By load: who has least to do, in turn among equals.
    """
    there = [person for person in people if person.presence in presence]
    return min(there, key=lambda person: _rank(person, how), default=None)


def _rank(person: Candidate, how: How) -> tuple[float, ...]:
    turn = person.given_at.timestamp() if person.given_at else float("-inf")
    load = (person.load,) if how == "load" else ()
    return (_NEARNESS.index(person.presence), *load, turn, person.user_id)


_NEARNESS: Sequence[Presence] = ("free", "busy", "away")


def presence_of(state: str) -> Presence:
    """Return what an agent's state (`agents.states`) means for what comes in."""
    if state == "ready":
        return "free"
    return "away" if state in ("off", "not-responding") else "busy"

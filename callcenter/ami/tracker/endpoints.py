"""Tells whose phone a channel is: an agent's, a trunk, or anything else on the PBX.

Only configuration knows (device rows and patterns). Names, contexts and caller ids never tell:
an agent's own channel in a click-to-call shows the customer's number.
"""

from collections.abc import Iterable
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Literal

Kind = Literal["agent", "trunk", "internal"]

_CACHED_ENDPOINTS = 4096


def endpoint_of(channel: str) -> str:
    """Return the endpoint of a channel name: "PJSIP/1001" for "PJSIP/1001-0000001a"."""
    endpoint, dash, _ = channel.rpartition("-")
    return endpoint if dash else channel


class Endpoints:
    """Who is who on one PBX.

    Entries are endpoints ("PJSIP/1001") or globs ("PJSIP/1*"). An exact name outranks a glob and
    an agent outranks a trunk, so one device row can be carved out of a wide trunk pattern.
    """

    def __init__(self, agents: Iterable[str], trunks: Iterable[str]) -> None:
        self._agents, self._agent_globs = _parted(agents)
        self._trunks, self._trunk_globs = _parted(trunks)
        self.kind = lru_cache(_CACHED_ENDPOINTS)(self._kind)

    def _kind(self, endpoint: str) -> Kind:
        if endpoint in self._agents:
            return "agent"
        if endpoint in self._trunks:
            return "trunk"
        if any(fnmatchcase(endpoint, glob) for glob in self._agent_globs):
            return "agent"
        if any(fnmatchcase(endpoint, glob) for glob in self._trunk_globs):
            return "trunk"
        return "internal"


def _parted(entries: Iterable[str]) -> tuple[frozenset[str], tuple[str, ...]]:
    cleaned = [entry.strip() for entry in entries if entry.strip()]
    globs = tuple(entry for entry in cleaned if any(sign in entry for sign in "*?["))
    return frozenset(cleaned) - frozenset(globs), globs

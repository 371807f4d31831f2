"""Tells whose phone a channel is: an agent's, a trunk, or anything else on the PBX.

Only configuration knows (device rows and patterns). Names, contexts and caller ids never tell:
an agent's own channel in a click-to-call shows the customer's number.

An agent may also sit at an outside number, which the PBX reaches through a trunk. Its endpoint is
"tel:" and the number in E.164; a channel of a trunk is his if the PBX *dialled* that number. Who
calls in from it may be anybody who shows it, so that counts only where the office says so.
"""

from collections.abc import Iterable
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Final, Literal

from callcenter import phone

Kind = Literal["agent", "trunk", "internal"]

_CACHED_ENDPOINTS = 4096

#: Begins the endpoint of an agent at an outside number: "tel:+994501234567".
OUTSIDE: Final = "tel:"


def endpoint_of(channel: str) -> str:
    """Return the endpoint of a channel name: "PJSIP/1001" for "PJSIP/1001-0000001a"."""
    endpoint, dash, _ = channel.rpartition("-")
    return endpoint if dash else channel


class Endpoints:
    """Who is who on one PBX.

    Entries are endpoints ("PJSIP/1001") or globs ("PJSIP/1*"). An exact name outranks a glob and
    an agent outranks a trunk, so one device row can be carved out of a wide trunk pattern.
    """

    def __init__(
        self,
        agents: Iterable[str],
        trunks: Iterable[str],
        *,
        own_callers: Iterable[str] = (),
        region: str = "",
        prefix: str = "",
    ) -> None:
        """`own_callers` are those of `agents` at outside numbers whose own calls in are theirs.

        `region` is the country of numbers without a code; `prefix` what is dialled before them.
        """
        self._agents, self._agent_globs = _parted(agents)
        self._trunks, self._trunk_globs = _parted(trunks)
        self._outside = frozenset(one for one in self._agents if one.startswith(OUTSIDE))
        self._own_callers = self._outside & frozenset(own_callers)
        self._region = region
        self._prefix = prefix
        self.kind = lru_cache(_CACHED_ENDPOINTS)(self._kind)

    def agent_dialled(self, *numbers: str | None) -> str | None:
        """Return the agent who is at one of the `numbers` dialled through a trunk."""
        if not self._outside:
            return None
        return next((found for one in numbers if one and (found := self._at(one))), None)

    def agent_calling(self, number: str | None) -> str | None:
        """Return the agent who calls in from `number`, where that is taken for him."""
        found = self._at(number) if number and self._own_callers else None
        return found if found in self._own_callers else None

    def _at(self, number: str) -> str | None:
        bare = number.removeprefix(self._prefix) if self._prefix else number
        for written in dict.fromkeys((number, bare)):
            norm = phone.read(written, (self._region,) if self._region else ()).norm
            if (endpoint := OUTSIDE + norm) in self._outside:
                return endpoint
        return None

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

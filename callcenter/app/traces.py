"""What the kept streams say of a call, asked for by pages: read in a thread, few at a time."""

import asyncio
from pathlib import Path
from typing import Final

from callcenter.ami.evidence import Subject, trace_of
from callcenter.pbx import Trace

#: Searching takes a processor for a moment; the calls of everybody else come first.
_AT_A_TIME: Final = 2


class Traces:
    """The streams under `root`."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._room = asyncio.Semaphore(_AT_A_TIME)

    async def evidence_of(
        self, pbx: int, names: frozenset[str], from_at: float, to_at: float
    ) -> Trace:
        """Return what is kept of the call of these names, as `pbx.EvidenceOf` promises."""
        async with self._room:
            return await asyncio.to_thread(
                trace_of, self._root, Subject(pbx, names, from_at, to_at)
            )

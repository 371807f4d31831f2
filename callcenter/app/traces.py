"""What the kept streams say of a call, asked for by pages: read in a thread, few at a time."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Final

from callcenter.ami.evidence import LIMIT_BYTES, Subject, trace_of
from callcenter.calls.traced import Traced
from callcenter.cutting import cut
from callcenter.pbx import Trace

#: Searching takes a processor for a moment; the calls of everybody else come first.
_AT_A_TIME: Final = 2


class Traces:
    """The streams under `root`; `sync` lets be there what came until now."""

    def __init__(self, root: Path, sync: Callable[[], None]) -> None:
        self._root = root
        self._sync = sync
        self._room = asyncio.Semaphore(_AT_A_TIME)

    async def evidence_of(
        self, pbx: int, names: frozenset[str], from_at: float, to_at: float
    ) -> Trace:
        """Return what is kept of the call of these names, as `pbx.EvidenceOf` promises."""
        subject = Subject(pbx, names, from_at, to_at)
        async with self._room:
            return await asyncio.to_thread(self._explain, subject)

    def _explain(self, subject: Subject) -> Trace:
        self._sync()
        return trace_of(self._root, subject, LIMIT_BYTES)

    async def cut_of(self, call: Traced) -> dict[str, bytes] | None:
        """Return the call's anonymised part of the streams, None if nothing of it is kept."""
        async with self._room:
            return await asyncio.to_thread(self._cut, call)

    def _cut(self, call: Traced) -> dict[str, bytes] | None:
        self._sync()
        subject = Subject(call.pbx, call.names, call.from_at, call.to_at)
        made = cut(
            self._root, subject, f"call-{call.id}", call.region,
            anonymise=True, limit_bytes=LIMIT_BYTES,
        )  # fmt: skip
        return None if made is None else made.files

"""Plays recorded messages to a tracker as `ami.ingest` does live ones: connection by connection.

Pure. `ami.recording` reads them; `callcenter replay` and `ami.evidence` look at what comes out.
"""

from callcenter.ami import resync
from callcenter.ami.recording import Recorded
from callcenter.ami.tracker import Endpoints, News, Tracker
from callcenter.events import Event

#: What is taken for an agent's phone, and for an outside line, where nobody says.
AGENTS = "*/[0-9]*"
TRUNKS = "*/[!0-9]*"


class Player:
    """One PBX, heard again. Without `endpoints` those are believed that the recording tells."""

    def __init__(self, pbx: int, endpoints: Endpoints | None = None) -> None:
        self.tracker = Tracker(pbx, endpoints or Endpoints([AGENTS], [TRUNKS]))
        self._is_told_endpoints = endpoints is None
        self._at = 0.0
        self._epoch: int | None = None
        #: Since when events are missing; None while nothing is.
        self._gap_from: float | None = None
        self._started = ""

    def feed(self, one: Recorded) -> list[Event]:
        # A new connection is told by its number or, in a bare stream, by what Asterisk says first.
        if one.epoch != self._epoch or one.message.name == "FullyBooted":
            self._epoch = one.epoch
            if self._at and self._gap_from is None:
                self._gap_from = self._at
        self._at = one.at if one.at is not None else self._at
        if one.endpoints is not None and self._is_told_endpoints:
            self.tracker.endpoints = one.endpoints
        if one.snapshot is None:
            return self.tracker.feed(one.message, self._at)
        return self._resync(one.snapshot, one.news or News())

    def settle(self, at: float) -> list[Event]:
        """Tell what time alone decided by `at`."""
        return self.tracker.settle(at)

    def _resync(self, snapshot: resync.Snapshot, news: News) -> list[Event]:
        restarted = bool(self._started and snapshot.started not in ("", self._started))
        self._started = snapshot.started or self._started
        lost_at = self._at if self._gap_from is None else self._gap_from
        self._gap_from = None
        told = resync.apply(
            snapshot, self.tracker, self._at, news=news, lost_at=lost_at, restarted=restarted
        )
        return [event for event in told if event is not None]

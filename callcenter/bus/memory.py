"""Carries events within one process, in the order they are published."""

from collections.abc import Callable

import structlog

from callcenter.bus import Listener
from callcenter.events import AnyEvent

log = structlog.get_logger()


class MemoryBus:
    """A `Bus` for one process. Not thread-safe: it belongs to the event loop's thread."""

    def __init__(self) -> None:
        self._all: list[Listener] = []
        self._by_kind: dict[type[AnyEvent], list[Listener]] = {}
        #: Who hears of a kind, put together at the first event of it.
        self._hearers: dict[type[AnyEvent], tuple[Listener, ...]] = {}

    def publish(self, event: AnyEvent) -> None:
        kind = type(event)
        hearers = self._hearers.get(kind)
        if hearers is None:
            hearers = self._hearers[kind] = (*self._by_kind.get(kind, ()), *self._all)
        for listener in hearers:
            try:
                listener(event)
            except Exception:
                log.exception("a listener failed", event_kind=type(event).__name__)

    def listen(self, listener: Listener, *kinds: type[AnyEvent]) -> Callable[[], None]:
        lists = [self._by_kind.setdefault(kind, []) for kind in kinds] or [self._all]
        for listeners in lists:
            listeners.append(listener)
        self._hearers.clear()

        def end() -> None:
            for listeners in lists:
                listeners.remove(listener)
            self._hearers.clear()

        return end

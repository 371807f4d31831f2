"""Calls in progress, by the events about them."""

from collections.abc import Iterator

from callcenter.calls.call import Call, begin
from callcenter.events import CallBegan, CallEvent, CallFolded, Event


class OpenCalls:
    """Keeps every call it has heard of until it is told to `forget` it.

    Events of a call that never began here, or is forgotten, change nothing.
    """

    def __init__(self) -> None:
        self._calls: dict[tuple[int, str], Call] = {}

    def __iter__(self) -> Iterator[Call]:
        return iter(self._calls.values())

    def __len__(self) -> int:
        return len(self._calls)

    def get(self, pbx: int, call: str) -> Call | None:
        return self._calls.get((pbx, call))

    def apply(self, event: Event) -> Call | None:
        """Take `event` in; return the call that changed, if one did.

        On `CallFolded` that is the call that lives on; the other has `folded_into` set and is
        kept like any other.
        """
        if not isinstance(event, CallEvent):
            return None
        call = self._calls.get((event.pbx, event.call))
        if isinstance(event, CallBegan):
            if call is None:
                call = self._calls[event.pbx, event.call] = begin(event)
            return call
        if call is None:
            return None
        call.apply(event)
        if isinstance(event, CallFolded):
            other = self._calls.get((event.pbx, event.other))
            if other is not None and other is not call and other.folded_into is None:
                call.fold(other)
        return call

    def add(self, call: Call) -> None:
        """Take up a call that was stored."""
        self._calls[call.pbx, call.id] = call

    def forget(self, call: Call) -> None:
        self._calls.pop((call.pbx, call.id), None)

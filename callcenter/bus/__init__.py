"""How events travel inside the house.

`memory` carries them within one process. Promises, whatever carries them: the
events of one call arrive in order; each listener gets each event at least once;
a listener that fails is logged and costs nobody else anything.
"""

from collections.abc import Callable
from typing import Any, Protocol

from callcenter.events import AnyEvent

Listener = Callable[[Any], None]


class Bus(Protocol):
    def publish(self, event: AnyEvent) -> None:
        """Hand `event` to every listener of its kind before returning."""
        ...

    def listen(self, listener: Listener, *kinds: type[AnyEvent]) -> Callable[[], None]:
        """Call `listener` with each event of `kinds` (all kinds if none is named).

        `listener` is synchronous and quick: what must wait goes on a queue of the
        listener's own. Returns a function that ends it.
        """
        ...

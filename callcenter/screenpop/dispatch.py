"""Puts the right card on exactly the right screen, and takes it away again.

Each change of a call is turned into what has to change on screens (`pop`, `bar`), the
customer is looked up once a pop (`card`), and the hub tells the person. What is up is
kept here, so that a page that reloads or comes back is given the very same.
"""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from functools import partial
from typing import Protocol

import structlog
from prometheus_client import Histogram

from callcenter.calls.board import LiveCall
from callcenter.events import CallEvent, ContactChanged, ContactsBroughtIn, InteractionChanged
from callcenter.live.gathering import Ask
from callcenter.live.protocol import Calls, CallView, Message, Pop, PopRaised, PopWithdrawn
from callcenter.screenpop import bar
from callcenter.screenpop.card import Card, compose
from callcenter.screenpop.pop import Pops, Raise, Showing, Withdraw
from callcenter.server.identity import Identity

log = structlog.get_logger()

#: A phone does not wait for a slow look-up: then the pop comes with the number alone, and who it
#: is follows. After a lost link many phones ask at a time.
LOOKUP_S = 0.5
#: For how long an answer is waited for at all.
PATIENCE_S = 15.0

POP_SECONDS = Histogram(
    "callcenter_pop_seconds",
    "From the ringing, by the PBX's clock, to the browser's word that the pop is painted",
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0),
)


class Asked(Protocol):
    """Who can say who is calling."""

    async def who(self, showing: Showing) -> Card: ...

    async def story(self, showing: Showing, card: Card) -> Card: ...

    def unknown(self, showing: Showing) -> Card: ...

    def shown(self, user_id: int, number: str | None) -> str | None: ...


class Tell(Protocol):
    """What is needed of the hub."""

    def say(self, user_id: int, message: Message) -> None: ...

    def say_soon(self, user_id: int, about: Hashable, ask: Ask) -> None: ...


@dataclass(slots=True, eq=False)
class Screen:
    """A pop that is up: its call's side, its customer's side, and what the person was told."""

    showing: Showing
    card: Card | None = None
    #: The person has been told of it.
    is_up: bool = False
    #: How it was told last to every open page; None if they may show different things.
    told: Pop | None = None
    seen: bool = False
    #: Somebody has to be asked (again) who it is.
    stale: bool = True
    asking: "asyncio.Task[None] | None" = None


class Dispatch:
    def __init__(
        self,
        hub: Tell,
        cards: Asked,
        name_of: bar.NameOf,
        clock: Callable[[], float],
        lookup_s: float = LOOKUP_S,
        patience_s: float = PATIENCE_S,
    ) -> None:
        """`name_of(user_id)` names a colleague."""
        self._hub = hub
        self._cards = cards
        self._name_of = name_of
        self._clock = clock
        self._lookup_s = lookup_s
        self._patience_s = patience_s
        self._pops = Pops()
        self._up: dict[str, Screen] = {}
        self._calls: dict[int, dict[int, LiveCall]] = {}
        #: What every open page of a person shows; nothing if they may show different things.
        self._told_calls: dict[int, tuple[CallView, ...]] = {}

    # ------------------------------------------------------------ what happens

    def changed(self, live: LiveCall, _event: CallEvent) -> None:
        """Hear from the board that `live` stands differently."""
        for step in self._pops.update(live):
            match step:
                case Raise(showing):
                    self._raise(showing)
                case Withdraw():
                    self._withdraw(step)
        for user_id in set(live.users.values()):
            calls = self._calls.setdefault(user_id, {})
            calls[live.id] = live
            if live.over:
                del calls[live.id]
            self._tell_calls(user_id)

    def contact_changed(self, event: ContactChanged) -> None:
        """Ask again where this contact is shown, or nobody is."""
        for screen in tuple(self._up.values()):
            shown = screen.card.candidates if screen.card is not None else ()
            if not shown or event.contact_id in {one.contact_id for one in shown}:
                self._ask(screen)

    def contacts_brought_in(self, _event: ContactsBroughtIn) -> None:
        """Ask again wherever a card is up: any of them may be known now, or known otherwise."""
        for screen in tuple(self._up.values()):
            self._ask(screen)

    def interaction_changed(self, event: InteractionChanged) -> None:
        """Show what somebody wrote or chose wherever that call is up."""
        for screen in tuple(self._up.values()):
            if screen.showing.interaction_id == event.interaction_id:
                self._ask(screen)

    def seen(self, who: Identity, pop_id: str, _ms: float) -> None:
        """Hear that a browser has painted a pop; the first one counts."""
        screen = self._up.get(pop_id)
        if screen is not None and screen.showing.user_id == who.user_id and not screen.seen:
            screen.seen = True
            POP_SECONDS.observe(max(0.0, self._clock() - screen.showing.ringing_since))

    # ------------------------------------------------------------ what is up

    def pops_of(self, user_id: int) -> tuple[Pop, ...]:
        """Return the pops this person has been told of, for a page that begins anew."""
        up = []
        for showing in self._pops.of(user_id):
            screen = self._up[showing.id]
            if screen.is_up and screen.card is not None:
                screen.told = None
                up.append(compose(showing, screen.card, self._name_of))
        return tuple(up)

    def calls_of(self, user_id: int) -> tuple[CallView, ...]:
        """Return this person's calls in progress, oldest first, for a page that begins anew."""
        self._told_calls.pop(user_id, None)
        return self._views(user_id)

    async def close(self) -> None:
        """Give up what is still being asked."""
        asking = [screen.asking for screen in self._up.values() if screen.asking is not None]
        for task in asking:
            task.cancel()
        await asyncio.gather(*asking, return_exceptions=True)

    # ------------------------------------------------------------ pops

    def _raise(self, showing: Showing) -> None:
        screen = self._up.get(showing.id)
        if screen is None:
            screen = self._up[showing.id] = Screen(showing)
        old, screen.showing = screen.showing, showing
        if screen.card is None or _asks_for(old) != _asks_for(showing):
            self._ask(screen)
        else:
            self._show(screen)

    def _withdraw(self, step: Withdraw) -> None:
        screen = self._up.pop(step.showing.id)
        if screen.asking is not None:
            screen.asking.cancel()
        if not screen.is_up:
            return
        by = self._taker(step)
        self._hub.say(
            step.showing.user_id,
            PopWithdrawn(seq=0, id=step.showing.id, reason=step.reason, by=by),
        )

    def _taker(self, step: Withdraw) -> str | None:
        """Return who took the call, by name, else by what may be seen of the number."""
        if step.taker is None or step.taker_id is not None:
            return None if step.taker_id is None else self._name_of(step.taker_id)
        if step.taker.party != "external":
            return step.taker.number
        return self._cards.shown(step.showing.user_id, step.taker.number)

    def _ask(self, screen: Screen) -> None:
        screen.stale = True
        if screen.asking is None:
            name = f"pop {screen.showing.id}"
            screen.asking = asyncio.create_task(self._find_out(screen), name=name)

    async def _find_out(self, screen: Screen) -> None:
        """Show who it is at once, and their story when that has gone out."""
        try:
            while screen.stale:
                screen.stale = False
                is_new = screen.card is None
                card = await self._who(screen)
                if is_new:
                    screen.card = card
                    self._show(screen)
                    # The card goes out now; the look-ups for the story would keep it waiting.
                    await asyncio.sleep(0)
                screen.card = await self._asked(screen, self._cards.story(screen.showing, card))
                self._show(screen)
                self._tell_calls(screen.showing.user_id)
        finally:
            screen.asking = None

    async def _who(self, screen: Screen) -> Card:
        """Return who it is; if that takes long, show the number meanwhile."""
        # A timer and no task for the look-up: most often it is answered without a pause.
        loop = asyncio.get_running_loop()
        meanwhile = loop.call_later(self._lookup_s, self._show_number, screen)
        try:
            return await self._asked(screen, self._cards.who(screen.showing))
        finally:
            meanwhile.cancel()

    def _show_number(self, screen: Screen) -> None:
        # The call may have gone in this very turn of the loop.
        if screen.card is None and screen.showing.id in self._up:
            screen.card = self._cards.unknown(screen.showing)
            self._show(screen)

    async def _asked(self, screen: Screen, answer: Awaitable[Card]) -> Card:
        try:
            async with asyncio.timeout(self._patience_s):
                return await answer
        except Exception:
            log.exception("nobody could say who is calling", pop=screen.showing.id)
            return screen.card or self._cards.unknown(screen.showing)

    def _show(self, screen: Screen) -> None:
        user_id = screen.showing.user_id
        if screen.is_up:
            self._hub.say_soon(user_id, screen.showing.id, partial(self._news_of, screen))
        elif (raised := self._news_of(screen)) is not None:
            screen.is_up = True
            self._hub.say(user_id, raised)

    def _news_of(self, screen: Screen) -> PopRaised | None:
        """Return the pop if it is another than the person was told."""
        if screen.card is None:
            return None
        pop = compose(screen.showing, screen.card, self._name_of)
        if pop == screen.told:
            return None
        screen.told = pop
        return PopRaised(seq=0, pop=pop)

    # ------------------------------------------------------------ the call bar

    def _views(self, user_id: int) -> tuple[CallView, ...]:
        calls = self._calls.get(user_id, {})
        views = {
            live.id: bar.view(
                live,
                user_id,
                self._card(live, user_id),
                self._name_of,
                partial(self._cards.shown, user_id),
            )
            for live in calls.values()
        }
        for call_id, view in views.items():
            if view is None:
                del calls[call_id]
        return tuple(view for view in views.values() if view is not None)

    def _tell_calls(self, user_id: int) -> None:
        self._hub.say_soon(user_id, Calls, partial(self._news_of_calls, user_id))

    def _news_of_calls(self, user_id: int) -> Calls | None:
        """Return the calls if they are others than the person was told."""
        # The card comes first, and with it the name that the bar shows.
        if any(self._is_first_asked(live, user_id) for live in self._calls[user_id].values()):
            return None
        calls = self._views(user_id)
        if calls == self._told_calls.get(user_id):
            return None
        self._told_calls[user_id] = calls
        return Calls(seq=0, calls=calls)

    def _card(self, live: LiveCall, user_id: int) -> Card | None:
        screen = self._screen(live, user_id)
        return screen.card if screen is not None else None

    def _is_first_asked(self, live: LiveCall, user_id: int) -> bool:
        """Return whether nothing is known of the caller yet, but soon will be."""
        screen = self._screen(live, user_id)
        return screen is not None and screen.card is None and screen.asking is not None

    def _screen(self, live: LiveCall, user_id: int) -> Screen | None:
        showing = self._pops.get(live.id, user_id)
        return self._up.get(showing.id) if showing is not None else None


def _asks_for(showing: Showing) -> tuple[str | None, int | None]:
    return showing.number, showing.interaction_id

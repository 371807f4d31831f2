"""Tells people what concerns them, at once and in all their tabs.

Rooms say things to a person; the hub numbers them, keeps a short history, and puts
them into the outbox of each of the person's browsers. It never waits for a browser.
A page that connects is told what it missed, or gets a whole new picture.

`websocket` is how a browser comes in; `outbox` how it is kept from slowing others.
"""

import asyncio
from collections.abc import Callable, Hashable, Iterator
from typing import Protocol

import msgspec
import structlog

from callcenter.live.gathering import Ask, Gathering
from callcenter.live.history import History
from callcenter.live.outbox import Outbox, TooSlow
from callcenter.live.presence import Announce, Presence
from callcenter.live.protocol import (
    CLOSE_RESTART,
    CLOSE_TOO_SLOW,
    Board,
    Calls,
    Day,
    Link,
    Message,
    PopWithdrawn,
    Snapshot,
    State,
)
from callcenter.server.identity import Identity

log = structlog.get_logger()


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What a browser may cost us, in bytes and seconds."""

    #: Held for one browser that does not read, before it is let go.
    held_bytes: int = 256 * 1024
    #: Kept of one person's messages, for pages that lost their line.
    history_messages: int = 256
    history_bytes: int = 128 * 1024
    #: Kept so long after the person's last page is gone.
    history_s: float = 60.0
    #: A page must say hello so soon.
    hello_s: float = 10.0
    #: Between two looks whether the line and the session still stand.
    heartbeat_s: float = 25.0
    session_check_s: float = 60.0
    #: A browser has so long to answer our good-bye.
    close_s: float = 2.0
    #: Leaving is announced so long after the last page is gone.
    leave_after_s: float = 10.0
    #: What is said soon waits so long for something newer.
    soon_s: float = 0.02


class Feed(Protocol):
    """A topic that pages subscribe to, told alike to all who may see the same of it."""

    def variant(self, who: Identity) -> Hashable | None:
        """Return what tells apart who sees what, such as (language, team); None: sees nothing."""
        ...

    def whole(self, who: Identity) -> Board:
        """Return all of it, for a page that just subscribed or fell behind."""
        ...


class Browser:
    """One connected page. `end` is called, once, when it has to go."""

    def __init__(self, who: Identity, outbox: Outbox, end: Callable[[int], None]) -> None:
        self.who = who
        self.outbox = outbox
        self.end = end
        self.topics: dict[str, Hashable] = {}
        #: Set to ask whether the session still stands, now rather than at the next look.
        self.doubt = asyncio.Event()


class Person:
    """What the hub knows of one person: their browsers and what they were told."""

    def __init__(self, who: Identity, history: History) -> None:
        self.who = who
        self.history = history
        self.browsers: set[Browser] = set()
        self.gone_at: float | None = None


Picture = Callable[[Identity, int], Snapshot]
Dress = Callable[[Message, Identity], Message]


class Hub:
    """`picture(who, seq)` makes the snapshot; `dress(message, who)` adds the reader's words."""

    def __init__(
        self,
        picture: Picture,
        *,
        clock: Callable[[], float],
        dress: Dress = lambda message, _who: message,
        feeds: dict[str, Feed] | None = None,
        on_presence: Announce = lambda _user_id, _here: None,
        on_seen: Callable[[Identity, str, float], None] = lambda _who, _pop_id, _ms: None,
        limits: Limits | None = None,
    ) -> None:
        self.limits = limits or Limits()
        self.clock = clock
        self.on_seen = on_seen
        self._picture = picture
        self._dress = dress
        self._feeds = feeds or {}
        self._people: dict[int, Person] = {}
        self._presence = Presence(on_presence, self.limits.leave_after_s)
        self._soon = Gathering(self.say, self.limits.soon_s)

    # ------------------------------------------------------------ telling people

    def say(self, user_id: int, message: Message) -> None:
        """Tell one person, in all their tabs. Costs nothing if they have no page open."""
        if isinstance(message, PopWithdrawn):
            self._soon.drop(user_id, message.id)
        person = self._people.get(user_id)
        if person is None:
            return
        if self._is_forgotten(person):
            del self._people[user_id]
            return
        message = msgspec.structs.replace(message, seq=person.history.next_seq())
        payload = self._encode(message, person.who)
        kind = _kind(message)
        person.history.keep(payload, kind)
        for browser in tuple(person.browsers):
            self._put(browser, payload, kind)

    def say_soon(self, user_id: int, about: Hashable, ask: Ask) -> None:
        """Tell one person, in a moment, what `ask` returns by then of what changes often.

        What is not asked for costs nothing: nobody asks for somebody without an open page.
        """
        if user_id in self._people:
            self._soon.say(user_id, about, ask)

    def say_to_all(self, message: Message) -> None:
        """Tell everybody something that is not numbered: the latest is true."""
        payload, kind = msgspec.json.encode(message), _kind(message)
        for browser in tuple(self._browsers()):
            self._put(browser, payload, kind)

    def audience(self, topic: str) -> dict[Hashable, Identity]:
        """Return one person of each variant that somebody has subscribed to."""
        return {
            browser.topics[topic]: browser.who
            for browser in self._browsers()
            if topic in browser.topics
        }

    def spread(self, topic: str, variant: Hashable, board: Board) -> None:
        """Tell a change to all who subscribed to this variant of `topic`.

        Whoever has not read the last change yet gets all of it instead, once they read.
        """
        payload = msgspec.json.encode(board)
        for browser in tuple(self._browsers()):
            if browser.topics.get(topic) == variant:
                behind = browser.outbox.waits(topic)
                self._put(browser, self._whole(topic, browser.who) if behind else payload, topic)

    # ------------------------------------------------------------ browsers

    def enter(self, browser: Browser, seq: int | None) -> None:
        """Take in a page that has seen `seq`: tell it what it missed, or everything."""
        person = self._person(browser.who)
        person.browsers.add(browser)
        self._presence.came(browser.who.user_id)
        missed = person.history.since(seq)
        snapshot = self._picture(browser.who, person.history.seq)
        if missed is None:
            self._put(browser, self._encode(snapshot, browser.who))
            return
        for said in missed:
            self._put(browser, said.payload, said.kind)
        for link in snapshot.links:
            self._put(browser, msgspec.json.encode(Link(link=link)), f"link {link.pbx}")

    def leave(self, browser: Browser) -> None:
        person = self._people[browser.who.user_id]
        person.browsers.discard(browser)
        if not person.browsers:
            person.gone_at = self.clock()
        self._presence.left(browser.who.user_id)

    def subscribe(self, browser: Browser, topic: str) -> bool:
        """Begin to tell `topic` with all of it; False if it is not for this person."""
        feed = self._feeds.get(topic)
        variant = None if feed is None else feed.variant(browser.who)
        if variant is None:
            return False
        browser.topics[topic] = variant
        self._put(browser, self._whole(topic, browser.who), topic)
        return True

    def here(self) -> set[int]:
        """Return the people who have a page open."""
        return self._presence.here()

    def check_sessions(self, user_id: int) -> None:
        """Let go at once of those pages of a person whose session has ended."""
        person = self._people.get(user_id)
        for browser in person.browsers if person else ():
            browser.doubt.set()

    def close(self) -> None:
        """Send every page away for a restart; they come back by themselves."""
        self._presence.close()
        for browser in tuple(self._browsers()):
            browser.end(CLOSE_RESTART)

    def _person(self, who: Identity) -> Person:
        person = self._people.get(who.user_id)
        if person is None or self._is_forgotten(person):
            self._forget_the_gone()
            limits = self.limits
            history = History(self.clock(), limits.history_messages, limits.history_bytes)
            person = self._people[who.user_id] = Person(who, history)
        person.who = who
        person.gone_at = None
        return person

    def _is_forgotten(self, person: Person) -> bool:
        gone_at = person.gone_at
        return gone_at is not None and self.clock() - gone_at > self.limits.history_s

    def _forget_the_gone(self) -> None:
        self._people = {
            user_id: person
            for user_id, person in self._people.items()
            if not self._is_forgotten(person)
        }

    def _browsers(self) -> Iterator[Browser]:
        for person in self._people.values():
            yield from person.browsers

    def _whole(self, topic: str, who: Identity) -> Callable[[], bytes]:
        return lambda: msgspec.json.encode(self._feeds[topic].whole(who))

    def _put(
        self, browser: Browser, payload: bytes | Callable[[], bytes], kind: Hashable = None
    ) -> None:
        try:
            browser.outbox.put(payload, kind)
        except TooSlow:
            browser.end(CLOSE_TOO_SLOW)

    def _encode(self, message: Message, who: Identity) -> bytes:
        try:
            message = self._dress(message, who)
        except Exception:
            # A page without these words still has the facts; the call must not wait for them.
            log.exception("a live message could not be worded", kind=type(message).__name__)
        return msgspec.json.encode(message)


def _kind(message: Message) -> Hashable:
    """Return the kind of a message that says everything anew, so that only the last counts."""
    match message:
        case Calls():
            return "calls"
        case State():
            return "state"
        case Day():
            return "day"
        case Link(link=link):
            return f"link {link.pbx}"
        case _:
            return None

"""People talk, hold, and hang up."""

from tests.ami.asterisk import UP
from tests.ami.people.scene import Scene
from tests.ami.people.truth import Party


class Talking(Scene):
    """What people do while they talk."""

    def _connect(self, party: Party) -> None:
        self.with_ = party
        if party.pair is None:
            self.pbx.bridge(party.channel, self._far())
        else:
            self.pbx.bridge(party.channel, party.pair[1])
            self.pbx.bridge(party.pair[0], self._far())
            if self._chance(2):
                self._optimise(party)
        self._talk_begins(party)

    def _optimise(self, party: Party) -> None:
        """Asterisk takes the Local channel out of the line, one way or the other."""
        assert party.pair is not None
        one, two = party.pair
        far, home, away = self._far(), self._far().bridge, party.channel.bridge
        assert home is not None
        assert away is not None
        if self._chance(2):
            self.pbx.leave(party.channel)
            self.pbx.leave(one)
            self.pbx.enter(party.channel, home)
        else:
            self.pbx.leave(far)
            self.pbx.leave(two)
            self.pbx.enter(far, away)
        self.pbx.hangup(two)
        self.pbx.hangup(one)
        party.pair = None

    def _talk_begins(self, party: Party) -> None:
        party.since = self.pbx.at
        self._busy.add(party.name)
        self.truth.answered_at = self.truth.answered_at or self.pbx.at

    def _talk_ends(self, party: Party) -> None:
        self.truth.talks.append((party.name, party.since, self.pbx.at))
        self._hold_ends(party)
        self._busy.discard(party.name)

    def _hold_ends(self, party: Party) -> None:
        if party.holds:
            self.truth.holds.append((self._held_at, self.pbx.at))
            party.holds = False

    def _hold_begins(self, party: Party) -> None:
        if not party.holds:
            party.holds, self._held_at = True, self.pbx.at

    def holds(self) -> None:
        assert self.with_ is not None
        self.pbx.on("Hold", self.with_.channel)
        self._hold_begins(self.with_)

    def takes_back(self) -> None:
        assert self.with_ is not None
        self.pbx.on("Unhold", self.with_.channel)
        self._hold_ends(self.with_)

    def agent_hangs_up(self) -> None:
        party = self.with_
        assert party is not None
        self.pbx.asks_to_hang_up(party.channel)
        self._let_go(party)
        self.pbx.hangup(self._far())
        self._customer_goes(16)
        by = "external" if party.name.startswith("external:") else "agent"
        self._end("answered", by)

    def _let_go(self, party: Party) -> None:
        """The party's channel is gone, and so is what led to it."""
        self._talk_ends(party)
        self.with_ = None
        self.pbx.hangup(party.channel)
        if party.pair:
            self.pbx.hangup(party.pair[1])
            self.pbx.hangup(party.pair[0])

    def _customer_goes(self, cause: int) -> None:
        self._drop_sent(cause)
        self.pbx.hangup(self.customer, cause)

    def _drop_sent(self, cause: int) -> None:
        if self.sent_pair is not None:
            for half in reversed(self.sent_pair):
                self.pbx.hangup(half, cause)
            self.sent_pair = self.sent = None

    def customer_hangs_up(self) -> None:
        early = self.customer.state != UP
        self.pbx.asks_to_hang_up(self.customer, 127 if early else 16, "487" if early else "")
        if self.ringing:
            self._stop_ringing("CANCEL", 127 if early else 0)
        if self.queue:
            self._leaves_queue(unserved=True)
        self._ask_no_more()
        talked = bool(self.truth.talks or self.with_ or self.room)
        if self.with_ is not None:
            party = self.with_
            self.pbx.leave(self.customer)
            self._talk_ends(party)
            self.with_ = None
            self._customer_goes(16)
            if party.pair:
                self.pbx.hangup(party.pair[0])
                self.pbx.hangup(party.pair[1])
            self.pbx.hangup(party.channel)
        for party in self.room:
            self._talk_ends(party)
        self._customer_goes(127 if early else 16)
        for party in self.room:
            self.pbx.hangup(party.channel)
        self._end("answered" if talked else "abandoned", "customer")

"""A colleague is asked first, by the phone or by the PBX."""

from tests.ami.asterisk import DOWN, RING, RINGING, UP, Bridge, Channel
from tests.ami.people.scene import Scene
from tests.ami.people.truth import Party, Ringing


class Asking(Scene):
    """Inquiries, and the customers handed over by them."""

    def asks_by_phone(self) -> None:
        """The phone's own second line: a call of its own until it is joined."""
        party = self.with_
        assert party is not None
        if not party.holds:
            self.pbx.on("Hold", party.channel)
            self._hold_begins(party)
        name = self.free()
        party.asking = self.pbx.new(party.channel.name.rpartition("-")[0], RING, name, party.name)
        phone = self.pbx.new(f"PJSIP/{name}", DOWN, "s", name, of=party.asking)
        self.pbx.dial(party.asking, phone, name)
        self.pbx.state(phone, RINGING)
        self.asked, self.asks = Ringing(name, phone), party

    def asks_by_core(self) -> None:
        """Feature code or AMI Atxfer: within the call, over a Local channel."""
        party = self.with_
        assert party is not None
        if not party.holds:
            self.pbx.on("Hold", party.channel)
            self._hold_begins(party)
        name = self.free()
        pair = self.pbx.new_local(name, "internal", self.customer)
        self.consult_home = self.pbx.bridge(pair[0])
        self.pbx.move(party.channel, self.consult_home)
        phone = self.pbx.new(f"PJSIP/{name}", DOWN, "s", name, of=pair[1])
        self.pbx.dial(pair[1], phone, name)
        self.pbx.state(phone, RINGING)
        self.pbx.state(pair[0], RINGING)
        self.truth.rang.add(name)
        self.asked, self.asks = Ringing(name, phone, pair), party

    def asked_answers(self) -> None:
        asked, party = self.asked, self.asks
        assert asked is not None
        assert party is not None
        self.pbx.state(asked.channel, UP)
        if asked.pair:
            self.pbx.dial_end(asked.pair[1], asked.channel, "ANSWER")
            self.pbx.state(asked.pair[0], UP)
            self.pbx.dial_end(None, asked.pair[0], "ANSWER")
            self.pbx.state(asked.pair[1], UP)
            self.consult = self.pbx.bridge(asked.channel, asked.pair[1])
        else:
            assert party.asking is not None
            self.pbx.dial_end(party.asking, asked.channel, "ANSWER")
            self.pbx.state(party.asking, UP)
            self.consult = self.pbx.bridge(asked.channel, party.asking)
        self.with_asked, self.asked = asked, None

    def asked_declines(self) -> None:
        asked, party = self.asked, self.asks
        assert asked is not None
        assert party is not None
        self.pbx.asks_to_hang_up(asked.channel, 21, "603")
        source = asked.pair[1] if asked.pair else party.asking
        self.pbx.dial_end(source, asked.channel, "NOANSWER")
        self.pbx.hangup(asked.channel, 21)
        self._back_to_customer(asked, 21)

    def asker_gives_up(self) -> None:
        asked, party = self.asked or self.with_asked, self.asks
        assert asked is not None
        assert party is not None
        if party.asking is not None:
            self.pbx.asks_to_hang_up(party.asking, 127 if self.asked else 16)
        if self.asked is not None:
            source = asked.pair[1] if asked.pair else party.asking
            self.pbx.dial_end(source, asked.channel, "CANCEL")
        elif party.asking is not None:
            self.pbx.leave(party.asking)
        self.pbx.hangup(asked.channel, 16)
        self._back_to_customer(asked, 16)

    def asked_hangs_up(self) -> None:
        asked = self.with_asked
        assert asked is not None
        self.pbx.asks_to_hang_up(asked.channel)
        self.pbx.hangup(asked.channel)
        self._back_to_customer(asked, 16)

    def _back_to_customer(self, asked: Ringing, cause: int) -> None:
        party = self.asks
        assert party is not None
        if asked.pair:
            home = self._far().bridge
            assert home is not None
            self.pbx.hangup(asked.pair[1], cause)
            self.pbx.hangup(asked.pair[0], cause)
            self.pbx.move(party.channel, home)
        elif party.asking is not None:
            self.pbx.hangup(party.asking, cause)
        self.pbx.on("Unhold", party.channel)
        self._hold_ends(party)
        self._ask_no_more(quietly=True)
        self._busy.discard(asked.name)

    def _ask_no_more(self, *, quietly: bool = False) -> None:
        """The inquiry is over; who still talks in it hangs up."""
        asked, party = self.asked or self.with_asked, self.asks
        if not quietly and asked is not None and party is not None:
            if self.asked is not None:
                source = asked.pair[1] if asked.pair else party.asking
                self.pbx.dial_end(source, asked.channel, "CANCEL")
            for channel in (asked.channel, *(asked.pair or ()), party.asking):
                if channel is not None:
                    self.pbx.hangup(channel, 16)
        if party is not None:
            party.asking = None
        self.asked = self.with_asked = self.asks = self.consult = None

    def hands_over(self) -> None:
        asked, party = self.with_asked, self.asks
        assert asked is not None
        assert party is not None
        far = self._far() if party.pair is None else party.pair[1]
        home = far.bridge
        assert home is not None
        if asked.pair:
            self._core_hands_over(asked, party, home)
        else:
            self._phone_hands_over(asked, party, far, home)
        self._talk_ends(party)
        pair = party.pair
        self._ask_no_more(quietly=True)
        self.with_ = Party(asked.name, asked.channel, asked.pair)
        if pair is not None:
            # The Local channel stays between the customer and the colleague.
            self._drop_sent_later(pair)
        self.truth.rang.add(asked.name)
        self._talk_begins(self.with_)
        if asked.pair:
            self._optimise(self.with_)

    def _phone_hands_over(self, asked: Ringing, party: Party, far: Channel, home: Bridge) -> None:
        assert party.asking is not None
        self.pbx.on("Unhold", party.channel)
        self.pbx.on("Unhold", party.asking)
        self.pbx.leave(asked.channel)
        self.pbx.leave(party.channel)
        self.pbx.enter(asked.channel, home)
        self._tell_attended(party.channel, party.asking, far, asked.channel)
        self.pbx.hangup(party.channel)
        self.pbx.hangup(party.asking)

    def _core_hands_over(self, asked: Ringing, party: Party, home: Bridge) -> None:
        assert asked.pair is not None
        self.pbx.asks_to_hang_up(party.channel)
        self.pbx.leave(party.channel)
        self.pbx.move(asked.pair[0], home)
        self._tell_attended(party.channel, party.channel, self._far(), asked.pair[0])
        self.pbx.hangup(party.channel)

    def _tell_attended(self, by: Channel, second: Channel, far: Channel, target: Channel) -> None:
        self.pbx.say(
            "AttendedTransfer", by.fields("origtransferer"), second.fields("secondtransferer"),
            far.fields("transferee"), target.fields("transfertarget"),
            result="Success", isexternal="Yes", desttype="Bridge",
        )  # fmt: skip

"""A customer is sent on unannounced: transfers, car parks, conferences."""

from tests.ami.asterisk import DOWN, RING, RINGING, UP, Bridge, Channel
from tests.ami.people.scene import Scene
from tests.ami.people.truth import COLLEAGUE_OUTSIDE, DID, Party, Ringing


class Sending(Scene):
    """How a customer changes hands without a word."""

    def sends_blind(self) -> None:
        self._send(self.free())

    def sends_outside(self) -> None:
        self._send(f"external:{COLLEAGUE_OUTSIDE}")

    def sends_to_queue(self) -> None:
        self._send("")
        self.enters_queue()

    def _send(self, to: str) -> None:
        """A REFER: the channel in the agent's bridge runs on in the dialplan."""
        party = self.with_
        assert party is not None
        exten = to.removeprefix("external:") or "6001"
        self.pbx.on("Unhold", party.channel)
        self._hold_ends(party)
        far = party.pair[1] if party.pair else self._far()
        self.pbx.say(
            "BlindTransfer", party.channel.fields("transferer"), far.fields("transferee"),
            result="Success", isexternal="Yes", extension=exten,
        )  # fmt: skip
        self.pbx.leave(far)
        self._talk_ends(party)
        self.with_ = None
        if party.pair:
            self._drop_sent_later(party.pair)
        self.pbx.hangup(party.channel)
        far.exten = exten
        if to.startswith("external:"):
            self._ring_outside(far)
        elif to:
            self._ring(far, to)

    def _drop_sent_later(self, pair: tuple[Channel, Channel]) -> None:
        self.sent, self.sent_pair = pair[1], pair

    def _ring_outside(self, source: Channel) -> None:
        out = self.pbx.new("PJSIP/trunk", DOWN, "s", "", of=source)
        out.number = out.exten = COLLEAGUE_OUTSIDE
        # The dialplan gives the caller the company's number.
        source.number = DID
        self.pbx.dial(source, out, f"trunk/sip:{COLLEAGUE_OUTSIDE}@127.0.0.2:5060")
        self.pbx.state(out, RINGING)
        self.ringing.append(Ringing(f"external:{COLLEAGUE_OUTSIDE}", out))

    def is_redirected(self) -> None:
        """AMI Redirect of the customer's own channel: no event says so."""
        party = self.with_
        assert party is not None
        self.customer.exten = to = self.free()
        self.pbx.leave(self.customer)
        self._let_go(party)
        self._drop_sent(16)
        self._ring(self.customer, to)

    def parks(self) -> None:
        party = self.with_
        assert party is not None
        far = self._far()
        self.pbx.say("ParkedCall", far.fields("parkee"), parkingspace="701")
        self.pbx.leave(far)
        self.lot = self.pbx.bridge(far, kind="parking", technology="holding_bridge")
        self.pbx.asks_to_hang_up(party.channel)
        self._let_go(party)

    def retrieves(self) -> None:
        name = self.free() if self._others() else "1001"
        phone = self.pbx.new(f"PJSIP/{name}", RING, "701", name)
        self.pbx.state(phone, UP)
        far = self._far()
        self.pbx.leave(far)
        home = self.pbx.bridge(far)
        self.pbx.say("UnParkedCall", far.fields("parkee"), phone.fields("retriever"),
                     parkingspace="701")  # fmt: skip
        self.pbx.enter(phone, home)
        self.lot = None
        self.with_ = Party(name, phone)
        self._talk_begins(self.with_)

    def opens_conference(self) -> None:
        """Both are redirected into a room; others may be called in."""
        party = self.with_
        assert party is not None
        if party.holds:
            self.takes_back()
        self._room = Bridge(f"room-{party.channel.age}", "base", "softmix")
        for channel in (party.channel, self._far()):
            channel.exten = "8001"
            self.pbx.leave(channel)
        for channel in (party.channel, self._far()):
            self.pbx.enter(channel, self._room)
        self.room, self.with_ = [party], None

    def joins_conference(self) -> None:
        name = self.free()
        phone = self.pbx.new(f"PJSIP/{name}", RING, "8001", name)
        self.pbx.state(phone, UP)
        self.pbx.enter(phone, self._room)
        party = Party(name, phone)
        self.room.append(party)
        self._talk_begins(party)

    def leaves_conference(self) -> None:
        party = self.pick(self.room)
        self.room.remove(party)
        self.pbx.asks_to_hang_up(party.channel)
        self._talk_ends(party)
        self.pbx.hangup(party.channel)
        if not self.room:
            self.pbx.asks_to_hang_up(self.customer)
            self._customer_goes(16)
            self._end("answered", None)

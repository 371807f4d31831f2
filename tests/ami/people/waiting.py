"""Before anybody answers: menus, queues, mailboxes, phones that ring."""

from tests.ami.asterisk import DOWN, RING, RINGING, UP, Channel
from tests.ami.people.scene import Scene
from tests.ami.people.truth import PHONES, Party, Ringing


class Waiting(Scene):
    """What happens to a caller who waits."""

    def presses_a_key(self) -> None:
        self.pbx.state(self.customer, UP)
        self.pbx.on("DTMFEnd", self.customer, digit="1", direction="Received")

    def is_turned_away(self) -> None:
        self.pbx.hangup(self.customer, 16)
        # Nobody was there to answer, or nobody did.
        served = self.customer.state == UP or self.truth.rang
        self._end(self.refused_as or ("no-answer" if served else "failed"), "system")

    def leaves_a_message(self) -> None:
        self.pbx.state(self.customer, UP)
        self.wait()
        self.pbx.asks_to_hang_up(self.customer)
        self.pbx.say("MessageWaiting", self.customer.fields(), waiting="1", new="1", old="0",
                     mailbox="1001@default")  # fmt: skip
        self.pbx.hangup(self.customer)
        self._end("voicemail", "customer")

    def rings_direct(self) -> None:
        self._ring(self._far(), self.free())

    def enters_queue(self) -> None:
        self.queue = self.pick(["support", "sales", "vip"])
        if self.queue not in self.truth.queues:
            self.truth.queues.append(self.queue)
        self.pbx.state(self.customer, UP)
        far = self._far()
        self.pbx.state(far, UP)
        far.exten = self.queue
        self.pbx.on("QueueCallerJoin", far, queue=self.queue, position="1", count="1")

    def members_ring(self) -> None:
        most = min(3, len(PHONES) - len(self._busy))
        if most == 0:
            return
        local = self._chance(3) == 0
        for _ in range(1 + self._chance(most)):
            self._ring(self._far(), self.free(), local=local)

    def queue_gives_up(self) -> None:
        self._leaves_queue(unserved=True)

    def _ring(self, source: Channel, name: str, *, local: bool = False) -> None:
        pair = None
        if local:
            pair = self.pbx.new_local(name, "from-queue", source)
            self.pbx.dial(source, pair[0], f"{name}@from-queue/n")
            source = pair[1]
        phone = self.pbx.new(f"PJSIP/{name}", DOWN, "s", name, of=source)
        self.pbx.dial(source, phone, name)
        self.pbx.state(phone, RINGING)
        if pair:
            self.pbx.state(pair[0], RINGING)
        self.ringing.append(Ringing(name, phone, pair))
        if not name.startswith("external:"):
            self.truth.rang.add(name)

    def answers(self) -> None:
        one = self.pick(self.ringing)
        source = self._far()
        self.pbx.state(one.channel, UP)
        if one.pair:
            self.pbx.dial_end(one.pair[1], one.channel, "ANSWER")
            self.pbx.state(one.pair[1], UP)
            self.pbx.state(one.pair[0], UP)
            self.pbx.dial_end(source, one.pair[0], "ANSWER")
        else:
            self.pbx.dial_end(source, one.channel, "ANSWER")
        self.ringing.remove(one)
        self._stop_ringing("CANCEL", 26)
        self.pbx.state(self.customer, UP)
        if self.queue:
            self._leaves_queue(unserved=False)
        one.channel.exten = ""
        self._connect(Party(one.name, one.channel, one.pair))

    def nobody_answers(self) -> None:
        self.refused_as = ""
        for one in self.ringing:
            self._busy.discard(one.name)
        self._stop_ringing("NOANSWER", 0)

    def declines(self) -> None:
        one = self.pick(self.ringing)
        cause, techcause = self.pick([(21, "603"), (17, "486")])
        self.pbx.asks_to_hang_up(one.channel, cause, techcause)
        self.ringing.remove(one)
        self._busy.discard(one.name)
        status = "BUSY" if cause == 17 and not self.queue else "NOANSWER"
        self._refused(one, status, cause)

    def _refused(self, one: Ringing, status: str, cause: int) -> None:
        self.refused_as = "busy" if cause == 17 and not self.queue else ""
        source = self._far()
        if one.pair:
            self.pbx.dial_end(one.pair[1], one.channel, status)
            self.pbx.hangup(one.channel, cause)
            self.pbx.dial_end(source, one.pair[0], status)
            self.pbx.hangup(one.pair[1], cause)
            self.pbx.hangup(one.pair[0], cause)
        else:
            self.pbx.dial_end(source, one.channel, status)
            self.pbx.hangup(one.channel, cause)

    def _stop_ringing(self, status: str, cause: int) -> None:
        ringing, self.ringing = self.ringing, []
        source = self._far()
        for one in ringing:
            self.pbx.dial_end(source, one.pair[0] if one.pair else one.channel, status)
            if self.queue:
                again = one.pair[0] if one.pair else one.channel
                self.pbx.dial_end(source, again, "CANCEL")
            if one.pair:
                self.pbx.dial_end(one.pair[1], one.channel, "CANCEL")
            self.pbx.hangup(one.channel, cause)
            if one.pair:
                self.pbx.hangup(one.pair[1], cause)
                self.pbx.hangup(one.pair[0], cause)
            self._busy.discard(one.name)

    def picks_up(self) -> None:
        (rung,) = self.ringing
        self.ringing = []
        taker = self.free()
        phone = self.pbx.new(f"PJSIP/{taker}", RING, "*8", taker)
        self.pbx.state(phone, UP)
        self.pbx.say("Pickup", phone.fields(), rung.channel.fields("target"))
        self.pbx.hangup(rung.channel, 16)
        self.pbx.dial_end(self._far(), phone, "ANSWER")
        self.pbx.state(self.customer, UP)
        self._connect(Party(taker, phone))

    def forwards(self) -> None:
        (rung,) = self.ringing
        self.ringing = []
        target = self.free()
        source = self._far()
        self.pbx.asks_to_hang_up(rung.channel, 23, "302")
        pair = self.pbx.new_local(target, "from-agents", source)
        self.pbx.dial_end(source, rung.channel, "CANCEL", forward=target)
        self.pbx.dial(source, pair[0], f"{target}@from-agents")
        self.pbx.hangup(rung.channel, 23)
        phone = self.pbx.new(f"PJSIP/{target}", DOWN, "s", target, of=source)
        self.pbx.dial(pair[1], phone, target)
        self.pbx.state(phone, RINGING)
        self.pbx.state(pair[0], RINGING)
        self.ringing.append(Ringing(target, phone, pair))
        self.truth.rang.add(target)

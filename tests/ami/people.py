"""Calls that nobody recorded: people act by chance, as far as the moment allows, and we know the truth.

A `Story` is one customer's call. Each step lets one of those who could do something do it: the truth
is written down where they act, in their own terms (who talks, who waits), never from channels.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from tests.ami.asterisk import DOWN, RING, RINGING, UP, Asterisk, Bridge, Channel

T = TypeVar("T")

#: Returns a number below its argument.
Chance = Callable[[int], int]

PHONES = ("1001", "1002", "1003", "1004", "1005")
CUSTOMER = "0501234567"
DID = "0124041000"
COLLEAGUE_OUTSIDE = "0557651111"


@dataclass(eq=False)
class Party:
    """Somebody the customer talks with; `pair` are the halves of the Local channel in between."""

    name: str
    channel: Channel
    pair: tuple[Channel, Channel] | None = None
    #: The second channel of a phone, on which its agent asks a colleague.
    asking: Channel | None = None
    since: float = 0.0
    holds: bool = False


@dataclass(eq=False)
class Ringing:
    name: str
    channel: Channel
    pair: tuple[Channel, Channel] | None = None


@dataclass(eq=False)
class Truth:
    direction: str = "inbound"
    origin: str = "trunk"
    did: str | None = DID
    queues: list[str] = field(default_factory=list)
    rang: set[str] = field(default_factory=set)
    #: Who talked with the customer, from when to when.
    talks: list[tuple[str, float, float]] = field(default_factory=list)
    holds: list[tuple[float, float]] = field(default_factory=list)
    began_at: float = 0.0
    ended_at: float = 0.0
    answered_at: float | None = None
    disposition: str = ""
    hangup_by: str | None = None
    #: Calls of their own that colleagues made on the way (inquiries at outside numbers given up).
    others: int = 0

    def talk_s(self) -> float | None:
        return _seconds([(begin, end) for _, begin, end in self.talks]) if self.talks else None

    def hold_s(self) -> float:
        return _seconds(self.holds)

    def agents_talked(self) -> list[str]:
        in_order = sorted(self.talks, key=lambda talk: talk[1])
        return list(dict.fromkeys(name for name, _, _ in in_order))


def _seconds(spans: list[tuple[float, float]]) -> float:
    total, until = 0.0, 0.0
    for begin, end in sorted(spans):
        total += max(0.0, end - max(begin, until))
        until = max(until, end)
    return total


class Story:
    """One customer's call, played step by step until `over`."""

    def __init__(self, pbx: Asterisk, chance: Chance) -> None:
        self.pbx = pbx
        self.truth = Truth()
        self.log: list[str] = []
        self._chance = chance
        self._busy: set[str] = set()
        self.customer: Channel
        self.caller: Channel
        self.with_: Party | None = None
        self.ringing: list[Ringing] = []
        self.asked: Ringing | None = None
        self.asks: Party | None = None
        self.consult: Bridge | None = None
        self.queue = ""
        self.lot: Bridge | None = None
        self.room: list[Party] = []
        self.over = False

    # ------------------------------------------------------------ chance

    def pick(self, things: "list[T]") -> "T":
        return things[self._chance(len(things))]

    def wait(self) -> None:
        self.pbx.at += 1 + self._chance(4)

    def free(self) -> str:
        """Return somebody who is in no part of this call."""
        taken = self._busy
        name = self.pick([phone for phone in PHONES if phone not in taken])
        self._busy.add(name)
        return name

    # ------------------------------------------------------------ the plot

    def play(self, steps: int = 12) -> "Story":
        self.truth.began_at = self.pbx.at
        self.pick([self.calls_in, self.calls_in, self.calls_in, self.calls_out, self.clicks])()
        for _ in range(steps):
            if self.over:
                break
            self.wait()
            self._act(self.moves())
        while not self.over:
            self.wait()
            self.customer_hangs_up()
        return self

    def _act(self, moves: "list[Callable[[], None]]") -> None:
        move = self.pick(moves)
        if move.__name__.endswith("hangs_up") and self._chance(4):
            # Most calls would be over before anything came of them.
            move = self.pick(moves)
        self.log.append(move.__name__)
        move()

    def moves(self) -> "list[Callable[[], None]]":
        if self.asked is not None:
            return [self.asked_answers, self.asked_declines, self.asker_gives_up,
                    self.customer_hangs_up]  # fmt: skip
        if self.consult is not None:
            return [self.hands_over, self.hands_over, self.asker_gives_up, self.asked_hangs_up,
                    self.customer_hangs_up]  # fmt: skip
        if self.lot is not None:
            return [self.retrieves, self.customer_hangs_up]
        if self.room:
            return self._in_conference()
        if self.with_ is not None:
            return self._in_talk(self.with_)
        if self.ringing:
            return self._in_ringing()
        if self.queue:
            return [self.members_ring, self.members_ring, self.queue_gives_up,
                    self.customer_hangs_up]  # fmt: skip
        return [self.enters_queue, self.enters_queue, self.rings_direct, self.rings_direct,
                self.presses_a_key, self.leaves_a_message, self.customer_hangs_up,
                self.is_turned_away]  # fmt: skip

    def _in_ringing(self) -> "list[Callable[[], None]]":
        moves = [self.answers, self.answers, self.answers, self.nobody_answers, self.declines,
                 self.customer_hangs_up]  # fmt: skip
        if not self.queue and self.ringing[0].pair is None and self._others():
            moves += [self.picks_up, self.forwards]
        return moves

    def _in_talk(self, party: Party) -> "list[Callable[[], None]]":
        moves = [self.customer_hangs_up, self.agent_hangs_up]
        if party.name.startswith("external:"):
            return moves
        moves += [self.takes_back if party.holds else self.holds]
        if self._others():
            moves += [self.sends_blind, self.asks_by_phone, self.is_redirected]
            if party.pair is None:
                moves += [self.asks_by_core, self.opens_conference]
        moves += [self.sends_outside, self.sends_to_queue]
        if party.pair is None and not party.holds:
            moves += [self.parks]
        return moves

    def _in_conference(self) -> "list[Callable[[], None]]":
        moves = [self.customer_hangs_up, self.leaves_conference]
        return moves + ([self.joins_conference] if self._others() else [])

    def _others(self) -> bool:
        return len(self._busy) < len(PHONES)

    # ------------------------------------------------------------ beginnings

    def calls_in(self) -> None:
        self.customer = self.caller = self.pbx.new("PJSIP/trunk", RING, DID, CUSTOMER)

    def calls_out(self) -> None:
        name = self.free()
        self._goes_out("phone")
        self.caller = self.pbx.new(f"PJSIP/{name}", RING, CUSTOMER, name)
        self._reaches_out(Party(name, self.caller))

    def clicks(self) -> None:
        name = self.free()
        self._goes_out("click-to-call")
        uid = f"ours-{name}"
        agent = self.caller = self.customer = self.pbx.new(
            f"PJSIP/{name}", DOWN, "s", CUSTOMER, uid=uid
        )
        self.pbx.dial(None, agent, name)
        self.pbx.state(agent, RINGING)
        self.truth.rang.add(name)
        self.wait()
        if self._chance(4) == 0:
            self._agent_does_not_want(agent)
            return
        self.pbx.state(agent, UP)
        self.pbx.dial_end(None, agent, "ANSWER")
        self.pbx.on("OriginateResponse", agent, response="Success", reason="4")
        agent.exten = CUSTOMER
        self._reaches_out(Party(name, agent))

    def _goes_out(self, origin: str) -> None:
        self.truth.direction, self.truth.origin, self.truth.did = "outbound", origin, None

    def _agent_does_not_want(self, agent: Channel) -> None:
        self.pbx.asks_to_hang_up(agent, 21, "603")
        self.pbx.dial_end(None, agent, "NOANSWER")
        self.pbx.hangup(agent, 21)
        fields = {"response": "Failure", "reason": "0", "uniqueid": agent.uid,
                  "channel": agent.name, "exten": CUSTOMER}  # fmt: skip
        self.pbx.say("OriginateResponse", fields)
        self._end("failed", None)

    def _reaches_out(self, agent: Party) -> None:
        self.pbx.state(agent.channel, agent.channel.state)
        self.customer = self.pbx.new("PJSIP/trunk", DOWN, "s", "", of=agent.channel)
        self.customer.number = self.customer.exten = CUSTOMER
        self.pbx.dial(agent.channel, self.customer, f"trunk/sip:{CUSTOMER}@127.0.0.2:5060")
        self.pbx.state(self.customer, RINGING)
        self.truth.began_at = self.pbx.at
        self.wait()
        outcome = self.pick(["answer", "answer", "answer", "busy", "declined", "late", "cancel"])
        self.log.append(outcome)
        if outcome == "answer":
            self.pbx.state(self.customer, UP)
            self.customer.exten = ""
            self.pbx.dial_end(agent.channel, self.customer, "ANSWER")
            self.pbx.state(agent.channel, UP)
            self._connect(agent)
            return
        self._is_not_reached(agent.channel, outcome)

    def _is_not_reached(self, agent: Channel, outcome: str) -> None:
        if outcome == "cancel":
            self.pbx.asks_to_hang_up(agent, 127, "487" if agent.state == RING else "")
            self.pbx.dial_end(agent, self.customer, "CANCEL")
            self.pbx.hangup(self.customer, 127)
            self.pbx.hangup(agent, 127)
        else:
            status, cause = {"busy": ("BUSY", 17), "declined": ("NOANSWER", 21),
                             "late": ("NOANSWER", 0)}[outcome]  # fmt: skip
            if cause:
                self.pbx.asks_to_hang_up(self.customer, cause, {17: "486", 21: "603"}[cause])
            self.pbx.dial_end(agent, self.customer, status)
            self.pbx.hangup(self.customer, cause)
            self.truth.ended_at = self.pbx.at
            self.wait()
            self.pbx.hangup(agent, 34)
        dispositions = {"busy": "busy", "declined": "busy", "late": "no-answer",
                        "cancel": "cancelled"}  # fmt: skip
        self._end(dispositions[outcome], None)

    # ------------------------------------------------------------ before anybody answers

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

    def _leaves_queue(self, *, unserved: bool) -> None:
        if unserved:
            self.pbx.on("QueueCallerAbandon", self._far(), queue=self.queue)
        self.pbx.on("QueueCallerLeave", self._far(), queue=self.queue)
        self.queue = ""

    def _far(self) -> Channel:
        """Return the channel that runs the dialplan: the customer's, or a half that was sent on."""
        return self.sent if self.sent is not None and self.sent.alive else self.customer

    #: The far half of a Local channel that was transferred in the customer's stead.
    sent: Channel | None = None

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

    # ------------------------------------------------------------ ringing ends

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

    #: How the last phone that rang refused, if it was busy.
    refused_as = ""

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

    # ------------------------------------------------------------ talk

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

    _held_at = 0.0

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

    #: The Local channel that stays between the customer and whoever comes after a blind transfer.
    sent_pair: tuple[Channel, Channel] | None = None

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

    def _end(self, disposition: str, by: str | None) -> None:
        # Whom somebody talked with was answered, whatever came after.
        self.truth.disposition = "answered" if self.truth.talks else disposition
        self.truth.hangup_by = by
        self.truth.ended_at = self.truth.ended_at or self.pbx.at
        self.over = True

    # ------------------------------------------------------------ handing over, without asking

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

    # ------------------------------------------------------------ asking first

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

    consult_home: Bridge | None = None

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

    with_asked: Ringing | None = None

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

    # ------------------------------------------------------------ parking, conferences

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

    _room = Bridge("")

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

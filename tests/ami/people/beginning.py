"""Calls begin: somebody calls in, dials, or clicks."""

from tests.ami.asterisk import DOWN, RING, RINGING, UP, Channel
from tests.ami.people.scene import Scene
from tests.ami.people.truth import CUSTOMER, DID, Party


class Beginning(Scene):
    """How a call comes about."""

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

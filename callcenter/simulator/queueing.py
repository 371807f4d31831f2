"""The dialplan's Queue: one caller's stay, from joining to being answered or giving up.

The queue rings its members by its strategy; who does not answer in time is passed over and the
next one rings. A caller for whom nobody is free waits until `Pbx.offer_waiting` finds somebody.
"""

import asyncio
import time
from typing import TYPE_CHECKING

from callcenter.simulator.applications import Application
from callcenter.simulator.channels import Cause, Channel, State
from callcenter.simulator.queues import Member, Queue
from callcenter.simulator.wire import Field

if TYPE_CHECKING:
    from callcenter.simulator.calls import Call


class QueueVisit(Application):
    def __init__(self, call: "Call", caller: Channel, queue: Queue) -> None:
        super().__init__(call, caller)
        self.queue = queue
        self.legs: dict[Channel, Member] = {}
        self.agent: Channel | None = None
        self.rung: set[str] = set()
        self.position = 0
        self.joined_at = self.rings_since = self.answered_at = 0.0
        self.timer: asyncio.TimerHandle | None = None

    @property
    def ringing(self) -> list[Channel]:
        return [leg for leg in self.legs if leg is not self.agent]

    @property
    def answered(self) -> Channel | None:
        return self.agent

    @property
    def is_waiting(self) -> bool:
        return self in self.queue.waiting

    @property
    def waited_s(self) -> int:
        return int(time.time() - self.joined_at)

    def start(self) -> None:
        caller, name = self.caller, self.queue.name
        caller.at("to-queue", name, 1)
        self.pbx.new_state(caller, State.UP)
        self.pbx.start_recording(caller, f"queue-{name}")
        caller.at("to-queue", name, 3)
        caller.runs("Queue", f"{name},tTkKc,,,")
        if not self.queue.settings.joins_empty and not self.queue.has_anyone():
            self._continue("JOINEMPTY")
            return
        self._join()
        self.ring_members()

    def _join(self) -> None:
        self.joined_at = time.time()
        self.queue.waiting.append(self)
        self.position = len(self.queue.waiting)
        self.pbx.queue_size_changed(self.queue)
        self.pbx.emit(
            "QueueCallerJoin",
            "agent",
            self.pbx.of(self.caller),
            self._of_queue(("Position", str(self.position)), self._count()),
        )
        self.pbx.start_music(self.caller)

    def _of_queue(self, *more: Field) -> list[Field]:
        return [("Queue", self.queue.name), *more]

    def _count(self) -> Field:
        return "Count", str(len(self.queue.waiting))

    def ring_members(self) -> None:
        """Ring whoever is next, if this caller is waiting and nobody rings for him."""
        if self.legs or not self.is_waiting:
            return
        members = self.queue.next_to_ring(self.rung)
        if not members:
            return
        self.rings_since = time.time()
        for member in members:
            self._dial(member)
        if len(members) == 1:
            self.pbx.new_connected_line(self.caller, next(iter(self.legs)).caller)
        self.timer = self.pbx.later(self.queue.settings.ring_s, self.no_answer)
        for leg in tuple(self.legs):
            self.pbx.ring(self.caller, leg)
        for leg in tuple(self.legs):
            self.call.rings(leg)

    def _dial(self, member: Member) -> None:
        leg = self.pbx.new_phone_leg(self.caller, member.phone.extension, "s")
        leg.runs("AppQueue", "(Outgoing Line)")
        leg.exten = self.queue.name
        self.legs[leg] = member
        self._agent_event("AgentCalled", leg)
        self.pbx.dial_event("DialBegin", self.caller, leg, ("DialString", member.interface))

    def _agent_event(self, event: str, leg: Channel, *more: Field) -> None:
        member = self.legs[leg]
        of_member = self._of_queue(("Interface", member.interface), ("MemberName", member.name))
        self.pbx.emit(
            event, "agent", self.pbx.of(self.caller), self.pbx.of(leg, "Dest"), of_member, more
        )

    def answer(self, leg: Channel) -> None:
        self.pbx.cancel(self.timer)
        self.pbx.new_state(leg, State.UP)
        self._dial_end(leg, "ANSWER")
        self.agent = leg
        self._cancel_others(leg)
        self.pbx.stop_music(self.caller)
        for other in self.ringing:
            self.pbx.hangup(other, Cause.ANSWERED_ELSEWHERE)
            del self.legs[other]
        self._leave_queue()
        self._connect(leg)

    def _dial_end(self, leg: Channel, status: str) -> None:
        self.pbx.dial_event("DialEnd", self.caller, leg, ("DialStatus", status))

    def _cancel_others(self, leg: Channel) -> None:
        """Cancel the phones that rang in vain; Asterisk tells each of them twice."""
        for other in self.ringing:
            self._dial_end(other, "CANCEL")
        if self.caller.connected != leg.caller:
            self.pbx.new_connected_line(self.caller, leg.caller)
        for other in self.ringing:
            self._dial_end(other, "CANCEL")

    def _leave_queue(self) -> None:
        position = self.queue.waiting.index(self) + 1
        self.queue.waiting.remove(self)
        self.pbx.queue_size_changed(self.queue)
        self.pbx.emit(
            "QueueCallerLeave",
            "agent",
            self.pbx.of(self.caller),
            self._of_queue(("Position", str(position)), self._count()),
        )

    def _connect(self, leg: Channel) -> None:
        self.answered_at = time.time()
        self.queue.hold_s = self.waited_s
        self._agent_event(
            "AgentConnect",
            leg,
            ("HoldTime", str(self.waited_s)),
            ("RingTime", str(int(self.answered_at - self.rings_since))),
        )
        self.legs[leg].in_call = True
        self.pbx.join(leg, self.caller)
        self.call.connected()

    def refuse(self, leg: Channel, cause: int, tech_cause: int) -> None:
        """A member's phone is busy or declines: for the queue the same as no answer."""
        self.pbx.hangup_request(leg, cause, tech_cause)
        self._pass_over(leg)
        self._try_next()

    def no_answer(self) -> None:
        """The time to ring is over: pass over whoever rings, and ring the next."""
        self.pbx.cancel(self.timer)
        for leg in self.ringing:
            self._pass_over(leg, "CANCEL")
        self._try_next()

    def _pass_over(self, leg: Channel, *again: str) -> None:
        rang_ms = int((time.time() - self.rings_since) * 1000)
        self._agent_event("AgentRingNoAnswer", leg, ("RingTime", str(rang_ms)))
        for status in ("NOANSWER", *again):
            self._dial_end(leg, status)
        self.pbx.hangup(leg)
        self.rung.add(self.legs.pop(leg).interface)

    def _try_next(self) -> None:
        """Ring the next one after the queue's `retry` pause."""
        if not self.legs:
            self.pbx.cancel(self.timer)
            self.timer = self.pbx.pause(1, self.ring_members)

    def hang_up(self, channel: Channel) -> None:
        if channel in self.ringing:
            self.refuse(channel, Cause.REJECTED, 603)
            return
        self.pbx.hangup_request(channel)
        self._end(channel)

    def kick(self, channel: Channel) -> None:
        if channel in self.ringing:
            self._pass_over(channel)
            self._try_next()
        else:
            self._end(channel)

    def _end(self, channel: Channel) -> None:
        if self.agent is None:
            self._abandon()
        elif channel is self.agent:
            self._agent_leaves(self.agent)
        else:
            self._caller_leaves(self.agent)

    def _abandon(self) -> None:
        self.pbx.stop_music(self.caller)
        self._cancel_ringing()
        self.queue.abandoned += 1
        self.pbx.emit(
            "QueueCallerAbandon",
            "agent",
            self.pbx.of(self.caller),
            self._of_queue(
                ("Position", str(self.queue.waiting.index(self) + 1)),
                ("OriginalPosition", str(self.position)),
                ("HoldTime", str(self.waited_s)),
            ),
        )
        self._leave_queue()
        self.end()

    def _cancel_ringing(self) -> None:
        self.pbx.cancel(self.timer)
        for leg in self.ringing:
            self._dial_end(leg, "CANCEL")
            self._dial_end(leg, "CANCEL")
            self.pbx.hangup(leg)
            del self.legs[leg]

    def _agent_leaves(self, agent: Channel) -> None:
        self._complete(agent, "agent")
        self.pbx.leave(agent)
        self.pbx.leave(self.caller)
        self.pbx.hangup(agent)
        self._continue("CONTINUE")

    def _caller_leaves(self, agent: Channel) -> None:
        self.pbx.leave(self.caller)
        self.pbx.leave(agent)
        self.pbx.soft_hangup(self.caller)
        self._complete(agent, "caller")
        self.pbx.hangup(agent)
        self.caller.at("to-queue", "h", 2)
        self.pbx.hangup(self.caller)
        self.call.over()

    def _continue(self, status: str) -> None:
        """Go on in the dialplan, which hangs up."""
        self.caller.set_variable("QUEUESTATUS", status)
        self.caller.priority = 8
        self.end()

    def _complete(self, agent: Channel, reason: str) -> None:
        talked_s = int(time.time() - self.answered_at)
        self._agent_event(
            "AgentComplete",
            agent,
            ("HoldTime", str(int(self.answered_at - self.joined_at))),
            ("TalkTime", str(talked_s)),
            ("Reason", reason),
        )
        self.queue.completed += 1
        self.queue.talk_s = talked_s
        self.legs[agent].in_call = False
        self.pbx.count_call(self.legs[agent].interface)

    def release(self, channel: Channel) -> None:
        if self.agent is None:
            self._cancel_ringing()
            self.pbx.stop_music(self.caller)
            self._leave_queue()
            return
        other = self.agent if channel is self.caller else self.caller
        self._complete(self.agent, "transfer")
        self.pbx.leave(channel)
        self.pbx.leave(other)
        self.pbx.hangup(other)

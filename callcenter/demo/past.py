"""Two weeks of made-up past calls, so that cards have a history and figures have facts."""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import msgspec

from callcenter.db import new_id
from callcenter.demo import names

DAYS = 14
CALLS_A_DAY = 36
LONGEST_WAIT_S = 120.0
LONGEST_TALK_S = 1500.0
#: Calls begin so long before now that all are over.
LONGEST_S = LONGEST_WAIT_S + LONGEST_TALK_S
#: A caller joins the queue so long after the call has come in.
JOINED_S = 0.5
_QUEUES = ("support", "sales", "billing")


class Customer(msgspec.Struct, frozen=True):
    """A contact that may have called: its id and number in E.164."""

    contact_id: int
    e164: str
    company_id: int | None


class Agent(msgspec.Struct, frozen=True):
    user_id: int
    endpoint: str


Rows = dict[str, list[dict[str, Any]]]


def rows(
    pbx_id: int, customers: list[Customer], agents: list[Agent], now: datetime, seed: int = 1
) -> Rows:
    """Return {table: rows} of the calls of the last DAYS days."""
    dice = random.Random(seed)
    made: Rows = {
        table: []
        for table in ("interaction", "participant", "call", "call_alias", "call_leg", "queue_visit")
    }
    # A few customers call all the time, most now and then.
    weights = [1 / (place + 3) for place in range(len(customers))]
    for number, began in enumerate(_moments(dice, now)):
        outbound = dice.random() < 0.3
        [customer] = dice.choices(customers, weights)
        call = _Past(dice, pbx_id, number, began, customer, dice.choice(agents))
        (call.outbound if outbound else call.inbound)(made)
    return made


def _moments(dice: random.Random, now: datetime) -> Iterator[datetime]:
    for back in range(DAYS, -1, -1):
        day = (now - timedelta(days=back)).replace(hour=5, minute=0, second=0, microsecond=0)
        share = 0.2 if day.weekday() >= 5 else 1.0
        for _ in range(int(CALLS_A_DAY * share)):
            moment = day + timedelta(seconds=dice.randint(0, 9 * 3600))
            if moment < now - timedelta(seconds=LONGEST_S):
                yield moment


class _Past:
    """One call that is over, as the rows the writer would have left."""

    def __init__(
        self,
        dice: random.Random,
        pbx_id: int,
        number: int,
        began: datetime,
        customer: Customer,
        agent: Agent,
    ) -> None:
        self.dice, self.began, self.customer, self.agent = dice, began, customer, agent
        self.pbx_id = pbx_id
        self.id = new_id(began.timestamp())
        self.uniqueid = f"{int(began.timestamp())}.{number * 2}"
        self.wait_s = min(45.0, 3 + dice.expovariate(1 / 9))
        self.talk_s = min(LONGEST_TALK_S, dice.lognormvariate(4.9, 0.8))
        self.hold_s = self.talk_s * dice.uniform(0.05, 0.4) if dice.random() < 0.15 else 0.0

    def inbound(self, made: Rows) -> None:
        queue = self.dice.choice(_QUEUES)
        answered = self.dice.random() < 0.86
        if not answered:
            self.wait_s = self.dice.uniform(4, LONGEST_WAIT_S)
        self._interaction(made, "in", answered)
        self._call(made, "inbound", "trunk", "answered" if answered else "abandoned", "0124042000")
        made["queue_visit"].append(
            {
                "call_id": self.id, "seq": 0, "queue": queue, "joined_at": self._at(JOINED_S),
                "left_at": self._at(self.wait_s), "position": 1,
                "ended": "answered" if answered else "abandoned",
            }
        )  # fmt: skip
        self._leg(made, 0, self.agent, visit=0, result="answered" if answered else "cancelled")

    def outbound(self, made: Rows) -> None:
        result = self.dice.choices(["answered", "no-answer", "busy"], [7, 2, 1])[0]
        self._interaction(made, "out", result == "answered")
        self._call(made, "outbound", "click-to-call", result, None)
        self._leg(
            made, 0, self.agent, visit=None,
            result="answered" if result == "answered" else "unanswered", how_in="dial",
        )  # fmt: skip

    def _interaction(self, made: Rows, direction: str, answered: bool) -> None:
        at = self._at(0)
        end = self._at(self.wait_s + (self.talk_s if answered else 0))
        note = self.dice.choice(names.NOTES) if answered and self.dice.random() < 0.45 else None
        made["interaction"].append(
            {
                "id": self.id, "kind": "call", "direction": direction,
                "status": "held" if answered else "missed",
                "subject": None, "body": note, "start_at": at, "end_at": end,
                "owner_id": self.agent.user_id if answered else None, "team_id": None, "custom": {},
                "revision": 1, "version": 1, "deleted_at": None, "created_at": at,
                "created_by": None, "updated_at": end, "updated_by": None,
            }
        )  # fmt: skip
        customer_role = "from" if direction == "in" else "to"
        people: list[tuple[str, int | None, int | None]] = [
            (customer_role, self.customer.contact_id, None)
        ]
        if self.customer.company_id is not None:
            people.append(("company", self.customer.company_id, None))
        # Whoever placed the call took part in it, also if nobody answered.
        if answered or direction == "out":
            people.append(("agent", None, self.agent.user_id))
        for role, contact_id, user_id in people:
            made["participant"].append(
                {
                    "interaction_id": self.id, "contact_id": contact_id, "user_id": user_id,
                    "text": None, "point": self.customer.e164 if role == customer_role else None,
                    "role": role, "seq": 0, "at": at,
                    "certainty": "known" if role == customer_role else None,
                }
            )  # fmt: skip

    def _call(self, made: Rows, direction: str, origin: str, result: str, did: str | None) -> None:
        answered = result == "answered"
        made["call"].append(
            {
                "id": self.id, "interaction_id": self.id, "merged_into_id": None,
                "pbx_id": self.pbx_id, "first_uniqueid": self.uniqueid, "direction": direction,
                "origin": origin, "dialed_number": did or self.customer.e164,
                "trunk": "PJSIP/trunk", "customer_number": self.customer.e164,
                "customer_norm": self.customer.e164,
                "customer_rev": self.customer.e164.lstrip("+")[::-1], "customer_name": None,
                "withheld": False, "owner_id": self.agent.user_id if answered else None,
                "ring_at": self._at(0), "answer_at": self._at(self.wait_s) if answered else None,
                "end_at": self._at(self.wait_s + (self.talk_s if answered else 0)),
                "wait_ms": round(self.wait_s * 1000),
                "talk_ms": round((self.talk_s - self.hold_s) * 1000) if answered else None,
                "hold_ms": round(self.hold_s * 1000) if answered else 0, "result": result,
                "ended_by": self.dice.choice(["customer", "agent"]) if answered else "customer",
                "hangup_cause": 16, "ivr_digits": None, "intent_id": None, "pbx_state": None,
                "course": self._course() if answered else None,
                "inferred": [], "revision": 1,
            }
        )  # fmt: skip
        made["call_alias"].append(
            {"pbx_id": self.pbx_id, "alias": self.uniqueid, "call_id": self.id}
        )

    def _leg(
        self,
        made: Rows,
        seq: int,
        agent: Agent,
        *,
        visit: int | None,
        result: str,
        how_in: str = "ring",
    ) -> None:
        answered = result == "answered"
        ring_s = max(JOINED_S, self.wait_s - self.dice.uniform(2, 9)) if how_in == "ring" else 0.0
        made["call_leg"].append(
            {
                "call_id": self.id, "seq": seq, "uniqueid": f"{self.uniqueid}-{seq}",
                "party": "agent", "user_id": agent.user_id, "endpoint": agent.endpoint,
                "number": None, "visit": visit, "ring_at": self._at(ring_s),
                "answer_at": self._at(self.wait_s) if answered else None,
                "end_at": self._at(self.wait_s + (self.talk_s if answered else 0)),
                "result": result,
                "talk_ms": round((self.talk_s - self.hold_s) * 1000) if answered else 0,
                "hold_ms": round(self.hold_s * 1000) if answered else 0, "consult_ms": 0,
                "how_in": how_in, "how_out": "hangup",
            }
        )  # fmt: skip

    def _course(self) -> dict[str, Any]:
        """Return the agent's talk, and a hold in the middle of it."""
        began, held = self.wait_s, self.wait_s + self.talk_s / 2
        hold = [self._span(held, held + self.hold_s)] if self.hold_s else []
        talk = [self._span(began, began + self.talk_s)]
        return {"legs": {f"{self.uniqueid}-0": [talk, hold, []]}}

    def _span(self, begin_s: float, end_s: float) -> list[int]:
        return [round(self._at(at).timestamp() * 1000) for at in (begin_s, end_s)]

    def _at(self, after_s: float) -> datetime:
        return self.began + timedelta(seconds=after_s)

"""The stage on which a flow is played, and the list of all flows.

    @flow("a colleague takes a ringing call by its extension", "pickup", phones="1001 1002")
    async def pickup_directed(office: Office) -> None:
        customer = await office.trunk.call("0124041011", from_="0507770001")
        ...
        told = office.inbound(customer, "0124041011")
        told.leg(...)

A script plays people: who calls, answers, presses what. Afterwards it tells what was true, with
times taken from the calls. What it plays must not lean on AMI either: it waits for phones.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from tests.e2e.flows.truth import Interaction
from tests.e2e.rig import AmiUser, Call, Phone, Trunk

#: Where a flow is played: Asterisk 22, and 16 with either of its SIP drivers.
DRIVERS = {"": ("sid", "PJSIP"), "pjsip16": ("bullseye", "PJSIP"), "sip16": ("bullseye", "SIP")}


@dataclass
class Office:
    """The people of one flow, and what is told of it."""

    phones: dict[str, Phone]
    trunk: Trunk
    #: The second carrier.
    other_trunk: Trunk
    #: A user of AMI who may do everything: the flow's own doings, never a source of truth.
    ami: AmiUser
    #: What endpoints begin with.
    technology: str
    interactions: list[Interaction] = field(default_factory=list)
    internal_calls: int = 0
    #: Phones that dialled a feature code, or a conference: no interaction of their own.
    feature_calls: int = 0

    async def talk(self, seconds: float = 2.5) -> float:
        """Let people talk, or wait; return the time it is then."""
        await asyncio.sleep(seconds)
        return time.time()

    async def keys(self, call: Call, keys: str) -> float:
        """Press a feature code or an extension; return when it had been taken."""
        await call.press(keys)
        return time.time()

    async def rings(self, extension: str) -> Call:
        return await self.phones[extension].incoming()

    async def reached(self, extension: str, did: str, number: str) -> tuple[Call, Call]:
        """A customer calls `did`, and `extension` answers after a moment; return both calls."""
        customer = await self.trunk.call(did, from_=number)
        agent = await self.rings(extension)
        await self.talk(1.5)
        await agent.answer()
        await customer.until_answered()
        return customer, agent

    async def originate(self, extension: str, to: str, context: str = "click2call") -> None:
        """Click-to-call: ring `extension`, then go on at `to`."""
        await self.ami.action(
            "Originate",
            Channel=f"{self.technology}/{extension}",
            Context=context,
            Exten=to,
            Priority="1",
            Async="true",
            CallerID=to,
            Timeout="20000",
            ChannelId=f"click-{extension}-{to}",
            Variable=f"__CRM_REF=click-{extension}-{to}",
        )

    def outside(self, number: str) -> str:
        """Return by what Asterisk dials a customer."""
        return f"SIP/trunk/{number}" if self.technology == "SIP" else f"PJSIP/{number}@trunk"

    async def channel(self, extension: str) -> str:
        """Return the name of the newest channel of an endpoint, to do something to it."""
        answer = await self.ami.listed("CoreShowChannels", "CoreShowChannel")
        endpoint = f"{self.technology}/{extension}-"
        return max(row["Channel"] for row in answer if row["Channel"].startswith(endpoint))

    # What was true.

    def inbound(self, customer: Call, did: str, **facts: Any) -> Interaction:
        number = None if customer.caller_number == "anonymous" else customer.caller_number
        return self._tell(Interaction("inbound", "trunk", customer, number, did, **facts))

    def outbound(self, customer: Call | None, number: str, **facts: Any) -> Interaction:
        facts.setdefault("origin", "phone")
        return self._tell(Interaction("outbound", customer=customer, number=number, **facts))

    def told(self) -> dict[str, Any]:
        """Return what was true of the flow, in the form of the truth files."""
        return {
            "interactions_expected": len(self.interactions),
            "internal_calls": self.internal_calls,
            "feature_calls": self.feature_calls,
            "interactions": [interaction.told() for interaction in self.interactions],
        }

    def _tell(self, interaction: Interaction) -> Interaction:
        self.interactions.append(interaction)
        return interaction


Script = Callable[[Office], Awaitable[None]]


@dataclass(frozen=True)
class Flow:
    """A script, and where it is played."""

    name: str
    title: str
    family: str
    phones: tuple[str, ...]
    script: Script
    driver: str = ""


#: By name of the recording, in the order in which they are written down.
FLOWS: dict[str, Flow] = {}


def flow(
    title: str,
    family: str,
    *,
    phones: str,
    also_on: tuple[str, ...] = (),
    only_on: tuple[str, ...] = (),
) -> Callable[[Script], Script]:
    """Put a script on the list; `also_on` names older PBXs on which it is recorded as well.

    `only_on`: it is recorded on those and no other, for it is they that tell it in a way of their own.
    """

    def listed(script: Script) -> Script:
        name = getattr(script, "__name__", "")
        for driver in only_on or ("", *also_on):
            known_as = f"{name}_{driver}" if driver else name
            FLOWS[known_as] = Flow(known_as, title, family, tuple(phones.split()), script, driver)
        return script

    return listed

"""Interruptions in the middle of fifty calls: afterwards each call has one record, and a true one.

What happened is read from SIPp's account of its SIP messages. The service is a process of its own,
so that it can be killed.
"""

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import aiohttp
import pytest

from tests.e2e.judge import Judge
from tests.e2e.outage import (
    AFTER,
    BEFORE,
    LATER,
    NEVER,
    TALK_S,
    Outage,
    Plan,
    Stage,
    Story,
    perform,
)
from tests.e2e.own_process import OwnProcess, Records, serving
from tests.e2e.rig import AmiUser, Asterisk, Phones, Trunk
from tests.e2e.rig.floor import AGENTS, ALONE_IN_A_QUEUE, LOGIN
from tests.fixtures.database import empty_database
from tests.fixtures.wire import Wire

pytestmark = pytest.mark.asyncio(loop_scope="session")

#: For how long the link is cut, and the service down.
CUT_S, DOWN_S = 20.0, 10.0

PLANS = [
    # They talk all the while.
    *[Plan("direct", BEFORE, BEFORE, LATER)] * 3,
    Plan("direct", BEFORE, BEFORE, LATER, by="agent"),
    Plan("queue", BEFORE, BEFORE, LATER),
    Plan("queue", BEFORE, BEFORE, LATER, by="agent"),
    Plan("outbound", BEFORE, BEFORE, LATER),
    Plan("click", BEFORE, BEFORE, LATER),
    # They talk, and end unseen.
    Plan("direct", BEFORE, BEFORE, 0.2),
    Plan("direct", BEFORE, BEFORE, 0.5),
    Plan("direct", BEFORE, BEFORE, 0.9, by="agent"),
    Plan("queue", BEFORE, BEFORE, 0.4),
    Plan("outbound", BEFORE, BEFORE, 0.3),
    Plan("outbound", BEFORE, BEFORE, 0.6, by="agent"),
    Plan("click", BEFORE, BEFORE, 0.5),
    # It rings, and is answered unseen.
    *[Plan("direct", BEFORE, 0.3, LATER)] * 3,
    Plan("direct", BEFORE, 0.2, 0.7),
    Plan("direct", BEFORE, 0.4, 0.6, by="agent"),
    Plan("outbound", BEFORE, 0.4, LATER),
    Plan("click", BEFORE, 0.3, LATER),
    Plan("click", BEFORE, 0.3, 0.8),
    # It rings, and nobody answers.
    *[Plan("direct", BEFORE, NEVER, 0.4)] * 2,
    Plan("outbound", BEFORE, NEVER, 0.5, by="agent"),
    # It rings all the while.
    *[Plan("direct", BEFORE, AFTER, LATER)] * 2,
    # Hold.
    Plan("direct", BEFORE, BEFORE, LATER, deeds=((BEFORE, "hold"), (0.4, "resume"))),
    Plan("direct", BEFORE, BEFORE, LATER, deeds=((0.3, "hold"), (AFTER, "resume"))),
    Plan("direct", BEFORE, BEFORE, 0.6, deeds=((BEFORE, "hold"),)),
    # Handed over.
    Plan("direct", BEFORE, BEFORE, LATER, deeds=((0.3, "blind"), (0.4, "taken"))),
    Plan("direct", BEFORE, BEFORE, 0.8, deeds=((0.3, "blind"), (0.4, "taken"))),
    Plan("direct", BEFORE, BEFORE, LATER, deeds=((BEFORE, "blind"), (0.3, "taken"))),
    Plan("direct", BEFORE, BEFORE, LATER, deeds=((BEFORE, "blind"), (AFTER, "taken"))),
    # Waiting for somebody to sit down.
    *[Plan("queue", BEFORE, AFTER, LATER, seat=AFTER)] * 2,
    Plan("queue", BEFORE, 0.4, LATER, seat=0.3),
    Plan("queue", BEFORE, 0.3, 0.8, seat=0.2),
    Plan("queue", BEFORE, NEVER, 0.5, seat=NEVER),
    # They begin unseen.
    *[Plan("direct", 0.6, AFTER, LATER)] * 2,
    *[Plan("direct", 0.2, 0.4, LATER)] * 2,
    Plan("queue", 0.3, AFTER, LATER, seat=AFTER),
    Plan("queue", 0.3, 0.5, LATER),
    *[Plan("outbound", 0.3, 0.5, LATER)] * 2,
    # Nothing of them is seen.
    *[Plan("direct", 0.2, 0.4, 0.7)] * 2,
    Plan("direct", 0.3, NEVER, 0.6),
    Plan("queue", 0.1, 0.3, 0.8),
    Plan("queue", 0.3, NEVER, 0.7, seat=NEVER),
    Plan("outbound", 0.2, 0.4, 0.7),
    Plan("outbound", 0.3, NEVER, 0.5, by="agent"),
]

#: Asterisk ends, and is started again. What goes on until then ends with it.
RESTART = [
    *[Plan("direct", BEFORE, BEFORE)] * 12,
    *[Plan("queue", BEFORE, BEFORE)] * 4,
    *[Plan("outbound", BEFORE, BEFORE)] * 6,
    *[Plan("click", BEFORE, BEFORE)] * 3,
    *[Plan("direct", BEFORE, BEFORE, deeds=((BEFORE, "hold"),))] * 3,
    *[Plan("direct", BEFORE, BEFORE, deeds=((BEFORE, "blind"), (BEFORE, "taken")))] * 2,
    Plan("direct", BEFORE, BEFORE, deeds=((BEFORE, "blind"),)),
    # It rings, or waits.
    *[Plan("direct", BEFORE, NEVER)] * 8,
    *[Plan("outbound", BEFORE, NEVER)] * 3,
    *[Plan("queue", BEFORE, NEVER, seat=NEVER)] * 3,
    # Life goes on.
    *[Plan("direct", AFTER, AFTER, LATER)] * 3,
    Plan("queue", AFTER, AFTER, LATER, by="agent"),
    Plan("outbound", AFTER, AFTER, LATER),
    Plan("outbound", AFTER, NEVER, LATER, by="agent"),
]


def cast(plans: list[Plan]) -> list[Story]:
    """Give each call a customer and agents of its own."""
    free, queues = iter(AGENTS[: -len(ALONE_IN_A_QUEUE)]), iter(ALONE_IN_A_QUEUE)
    return [
        Story(
            plan,
            extension=next(queues if plan.kind == "queue" else free),
            second=next(free) if any(deed == "blind" for _, deed in plan.deeds) else "",
            number=f"05055{n:05}",
        )
        for n, plan in enumerate(plans, 1)
    ]


Step = Callable[[], Awaitable[None]]


async def interrupt(
    floor: Asterisk,
    service: OwnProcess,
    begin: Step,
    end: Step,
    length_s: float,
    plans: list[Plan] = PLANS,
) -> tuple[list[Story], Outage, Records]:
    """Play all the calls with an interruption; return what they were, and what is stored."""
    stories = cast(plans)
    outage = Outage(length_s, len(stories))

    async def recover() -> None:
        await end()
        for story in stories:
            if story.plan.begin == AFTER:
                # Asterisk may have been started anew: it looks at this phone only now.
                await phones.unregister(story.extension)
                await phones.register(story.extension)
        await service.until(lambda records: len(records.gaps) == 1, "note a gap")
        await look_at_screens(service, stories)

    async with Trunk(floor) as trunk, Phones(floor, LOGIN, AGENTS) as phones:
        async with AmiUser(floor, "rig") as switchboard, asyncio.TaskGroup() as group:
            # It is told nothing: reading all of that would slow the test down.
            await switchboard.action("Events", EventMask="off")
            stage = Stage(
                floor, trunk, phones, switchboard, outage,
                lambda extension, number: click(service, extension, number),
            )  # fmt: skip
            group.create_task(perform(stage, stories))
            group.create_task(outage.happen(begin, recover, time.time))
        records = await service.until(nothing_goes_on, "end every call")
        await look_at_screens(service, stories, all_over=True)
    return stories, outage, records


async def click(service: OwnProcess, extension: str, number: str) -> None:
    """Call a customer from the service, as a page does."""
    token = await service.token(extension, "call:create")
    wish = {"intent_id": secrets.token_hex(8), "number": number}
    async with (
        aiohttp.ClientSession(service.address, headers={"Authorization": f"Bearer {token}"}) as api,
        api.post("/api/v1/calls", json=wish) as answer,
    ):
        assert answer.status == 202, await answer.text()


async def look_at_screens(
    service: OwnProcess, stories: list[Story], *, all_over: bool = False
) -> None:
    """Pages show what goes on, and only that: one of each kind is looked at."""
    seen: set[str] = set()
    for story in stories:
        plan = story.plan
        phase = "ringing" if plan.answer == AFTER else "talking" if plan.end == LATER else ""
        kind = f"{phase}{plan.begin}"
        if plan.kind != "direct" or plan.deeds or kind in seen:
            continue
        seen.add(kind)
        if all_over or plan.begin == AFTER:
            phase = ""
        async with service.browser(story.extension) as screen:
            picture = next(one for one in screen.tab.told if one["type"] == "snapshot")
        pops = picture.get("pops", [])
        told = [pop["phase"] for pop in pops if pop["phase"] != "ended"]
        assert told == [phase][: bool(phase)], story
        assert (picture["state"]["state"] in ("ringing", "talking")) is bool(phase), story


def nothing_goes_on(records: Records) -> bool:
    """Tell whether all calls are over, and all that is to be repaired is."""
    settled = all(gap.recovered.get("state") in ("done", "none") for gap in records.gaps)
    return settled and all(call.end_at for call in records.calls)


async def test_the_link_is_cut(floor: Asterisk, ami_wire: Wire, tmp_path: Path) -> None:
    async def cut() -> None:
        ami_wire.take_down()

    async def mend() -> None:
        ami_wire.put_up()

    async with serving(ami_wire, floor, tmp_path / "service", repairs=True) as service:
        stories, outage, records = await interrupt(floor, service, cut, mend, CUT_S)

    (gap,) = records.gaps
    assert gap.reason == "the link was lost"
    assert outage.is_within(gap, TALK_S + 1)
    assert gap.recovered["state"] == "done"
    judge = Judge(records, gap, repaired=True, until=time.time())
    assert not (faults := judge.faults(stories)), "\n".join(faults)
    assert not (said := service.complaints()), said[:3]


async def test_the_link_loses_all_without_a_word(
    floor: Asterisk, ami_wire: Wire, tmp_path: Path
) -> None:
    async def mute() -> None:
        ami_wire.mute()

    async def mend() -> None:
        ami_wire.cut()
        ami_wire.unmute()

    async with serving(ami_wire, floor, tmp_path / "service") as service:
        stories, outage, records = await interrupt(floor, service, mute, mend, CUT_S)

    (gap,) = records.gaps
    assert gap.reason == "the link was lost"
    assert outage.is_within(gap, TALK_S + 1)
    assert (gap.recovered["state"], gap.recovered["source"]) == ("none", "")
    # The queues know how many they have served meanwhile.
    unseen = [story for story in stories if story.plan.kind == "queue" and story.is_within(outage)]
    assert gap.recovered["unknown"] == {f"queue-{story.extension}": 1 for story in unseen}
    judge = Judge(records, gap, repaired=False, until=time.time())
    assert not (faults := judge.faults(stories)), "\n".join(faults)
    assert not (said := service.complaints()), said[:3]


@pytest.mark.parametrize(("engine", "repairs"), [("sqlite", False), ("postgresql", True)])
async def test_the_service_is_killed(
    engine: str,
    repairs: bool,
    floor: Asterisk,
    ami_wire: Wire,
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> None:
    async with (
        empty_database(engine, request, tmp_path) as url,
        serving(ami_wire, floor, tmp_path / "service", url, repairs=repairs) as service,
    ):
        stories, outage, records = await interrupt(
            floor, service, service.kill, service.start, DOWN_S
        )

    (gap,) = records.gaps
    assert gap.reason == "the service did not run"
    # Until when it heard the PBX was noted a while before.
    assert outage.is_within(gap, 11)
    judge = Judge(records, gap, repaired=repairs, until=time.time())
    assert not (faults := judge.faults(stories)), "\n".join(faults)
    assert not (said := service.complaints()), said[:3]


@pytest.mark.parametrize("how", ["stopped", "crashed"])
async def test_asterisk_ends_and_is_started_again(
    how: str, floor: Asterisk, ami_wire: Wire, tmp_path: Path
) -> None:
    async def start() -> None:
        await floor.start(keep=True)

    async with serving(ami_wire, floor, tmp_path / "service") as service:
        stories, outage, records = await interrupt(
            floor, service, floor.stop if how == "stopped" else floor.crash, start, 3.0, RESTART
        )

    (gap,) = records.gaps
    assert gap.reason == "the PBX was restarted"
    # Before it stops it says good-bye for every channel.
    assert outage.is_within(gap, TALK_S + 1, late_s=3.0)
    judge = Judge(records, gap, repaired=False, until=outage.from_at)
    assert not (faults := judge.faults(stories)), "\n".join(faults)
    assert not (said := service.complaints()), said[:3]

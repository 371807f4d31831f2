"""Figures of a time in which a PBX was not heard say so, until what was missed is made good."""

from datetime import timedelta

from callcenter.bus.memory import MemoryBus
from callcenter.calls.models import Gap
from callcenter.events import GapNoted, GapRepaired, LinkDown, LinkUp
from callcenter.stats.unheard import UnheardSpans
from tests.fixtures.customers import NOW, Office

AT = NOW.timestamp()


def spans(bus: MemoryBus, office: Office) -> UnheardSpans:
    return UnheardSpans(office.database, bus, lambda: AT)


async def test_a_gap_counts_from_when_it_is_noted_and_after_a_restart(office: Office) -> None:
    bus, pbx = MemoryBus(), await office.pbx()
    follows = spans(bus, office)
    bus.publish(GapNoted(pbx=pbx.id, at=AT - 30, epoch=2, from_at=AT - 60, reason="lost"))

    assert [(one.from_at, one.to_at) for one in follows.since(AT - 3600)] == [(AT - 60, AT - 30)]

    async with office.database.write() as session:
        before, after = NOW - timedelta(seconds=60), NOW - timedelta(seconds=30)
        session.add(
            Gap(id=1, pbx_id=pbx.id, epoch=2, from_at=before, to_at=after, reason="lost",
                recovered={"state": "waiting"})
        )  # fmt: skip
    again = spans(MemoryBus(), office)
    await again.load()
    assert [(one.from_at, one.state) for one in again.since(AT - 3600)] == [(AT - 60, "waiting")]


async def test_what_was_over_before_the_figure_begins_does_not_touch_it(office: Office) -> None:
    bus = MemoryBus()
    follows = spans(bus, office)
    bus.publish(GapNoted(pbx=1, at=AT - 30, epoch=2, from_at=AT - 60, reason="lost"))

    assert follows.since(AT - 29) == ()
    assert len(follows.since(AT - 31)) == 1


async def test_a_repaired_gap_is_one_gap_that_is_made_good(office: Office) -> None:
    bus = MemoryBus()
    follows = spans(bus, office)
    bus.publish(GapNoted(pbx=1, at=AT - 30, epoch=2, from_at=AT - 60.0004, reason="lost"))
    bus.publish(GapRepaired(at=AT, pbx=1, from_at=AT - 60, to_at=AT - 30, state="done", calls=1))

    assert [one.state for one in follows.since(0)] == ["done"]


async def test_a_link_that_is_down_is_not_heard_until_it_is_up_again(office: Office) -> None:
    bus = MemoryBus()
    follows = spans(bus, office)
    bus.publish(LinkDown(pbx=1, at=AT - 20, epoch=1, reason="lost"))
    bus.publish(LinkDown(pbx=1, at=AT - 10, epoch=1, reason="refused"))

    assert [(one.from_at, one.to_at) for one in follows.since(AT)] == [(AT - 20, None)]

    bus.publish(LinkUp(pbx=1, at=AT, epoch=2))
    assert follows.since(AT) == ()

"""How each PBX's link stands, since when, and until when it was heard before a restart."""

import pytest

from callcenter.bus.memory import MemoryBus
from callcenter.calls.links import Heard, Links
from callcenter.calls.models import PbxRow
from callcenter.db import Database
from callcenter.events import LinkDown, LinkUp
from callcenter.live.protocol import LinkView


class Watch:
    """The links of some PBXs, and what pages are told of them."""

    def __init__(self, database: Database) -> None:
        self.now = 100.0
        self.bus = MemoryBus()
        self.links = Links(database, self.bus, lambda: self.now)
        self.told: list[LinkView] = []
        self.links.on_change = self.told.append
        self.links.know(PbxRow(id=1, name="Baku"))

    def up(self, at: float, pbx: int = 1, epoch: int = 1) -> None:
        self.bus.publish(LinkUp(pbx=pbx, at=at, epoch=epoch, version="22.5.2"))

    def down(self, at: float, pbx: int = 1, *, refused: bool = False) -> None:
        self.bus.publish(
            LinkDown(pbx=pbx, at=at, epoch=1, reason="the line is dead", auth_failed=refused)
        )


@pytest.fixture
def watch(sqlite_database: Database) -> Watch:
    return Watch(sqlite_database)


def test_a_pbx_that_was_never_reached_is_down_since_it_is_known(watch: Watch) -> None:
    assert watch.links.views() == (LinkView(pbx=1, name="Baku", up=False, since=100.0),)


def test_pages_are_told_of_every_change(watch: Watch) -> None:
    watch.up(110.0)
    watch.down(150.0)
    watch.up(160.0)

    assert [(view.up, view.since) for view in watch.told] == [
        (True, 110.0), (False, 150.0), (True, 160.0),
    ]  # fmt: skip
    state = watch.links.state(1)
    assert state is not None
    assert (state.version, state.up, state.reason) == ("22.5.2", True, "")


def test_an_outage_lasts_since_the_link_was_lost_however_often_it_is_tried_again(
    watch: Watch,
) -> None:
    watch.up(110.0)
    for at in (150.0, 151.0, 155.0):
        watch.down(at)

    assert [view.since for view in watch.links.views()] == [150.0]
    state = watch.links.state(1)
    assert state is not None
    assert (state.reason, state.refused, state.version) == ("the line is dead", False, "22.5.2")


def test_a_refused_account_is_told_apart_from_a_lost_line(watch: Watch) -> None:
    watch.down(110.0, refused=True)

    state = watch.links.state(1)
    assert state is not None
    assert (state.up, state.refused) == (False, True)


def test_a_pbx_out_of_use_is_nobodys_concern(watch: Watch) -> None:
    watch.links.forget(1)
    watch.up(110.0)

    assert (watch.links.views(), watch.links.state(1), watch.told) == ((), None, [])


def test_a_pbx_that_is_renamed_keeps_its_state(watch: Watch) -> None:
    watch.up(110.0)
    watch.links.know(PbxRow(id=1, name="Bakı"))

    assert watch.links.views() == (LinkView(pbx=1, name="Bakı", up=True, since=110.0),)


async def test_the_next_start_knows_until_when_each_pbx_was_heard(database: Database) -> None:
    watch = Watch(database)
    watch.links.know(PbxRow(id=2, name="Gəncə"))
    watch.up(110.0, epoch=3)
    watch.now = 170.0
    await watch.links.remember()

    again = Watch(database)
    assert await again.links.heard(1) == Heard(at=170.0, epoch=3)
    assert await again.links.heard(2) is None, "it was not heard at all"


async def test_a_pbx_that_is_down_was_heard_only_as_long_as_it_was_up(database: Database) -> None:
    watch = Watch(database)
    watch.up(110.0)
    watch.now = 170.0
    await watch.links.remember()
    watch.down(171.0)
    watch.now = 500.0
    await watch.links.remember()

    assert await watch.links.heard(1) == Heard(at=170.0, epoch=1)

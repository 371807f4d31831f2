"""A link to a tiny PBX, by whole blocks, by random pieces and byte by byte."""

import asyncio
from collections.abc import AsyncIterator, Iterable

import pytest

from callcenter.ami.connection import Account, Link, Timing
from callcenter.ami.messages import Message, parse
from callcenter.ami.stream import Connected, Item, Read, Stream
from callcenter.ami.tracker import WANTED
from tests.conformance.tiny_pbx import LIMIT_S, TinyPbx, block

#: Tries again at once, and never takes a busy machine for a silent PBX.
QUICK = Timing(
    connect_s=LIMIT_S, ping_s=LIMIT_S, boot_s=0.1, retry_first_s=0.02, retry_max_s=0.1,
    steady_s=0.05,
)  # fmt: skip


class Line:
    """The link under test, the other end, and what came through."""

    def __init__(self, pbx: TinyPbx, timing: Timing = QUICK) -> None:
        self.pbx = pbx
        self.stream = Stream()
        self.account = Account(1, "127.0.0.1", "crm", "s3cret", pbx.port)
        self.link = Link(self.account, WANTED, self.stream, timing=timing)
        self.task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self.task = asyncio.create_task(self.link.run())

    async def stop(self) -> None:
        if self.task is not None:
            self.task.cancel()
            await asyncio.gather(self.task, return_exceptions=True)

    async def next(self, kind: type[Item] | tuple[type[Item], ...]) -> Item:
        """Return the next item of `kind`; others are passed over."""
        async with asyncio.timeout(LIMIT_S):
            while not isinstance(item := await self.stream.take(), kind):
                pass
        return item

    async def messages(self, count: int) -> list[Message]:
        """Return the next `count` events that came through, in order."""
        found: list[Message] = []
        while len(found) < count:
            read = await self.next(Read)
            assert isinstance(read, Read)
            found += map(parse, read.blocks)
        return found

    async def connect(self) -> None:
        self.start()
        await self.next(Connected)

    def left_behind(self) -> Iterable[object]:
        """Return what is still kept of requests, which should be nothing."""
        session = self.link._session
        assert session is not None
        protocol = session.protocol
        return [*protocol.responses, *protocol.lists, *session._waiting]


@pytest.fixture(params=[0, 40, 3], ids=["whole", "pieces", "crumbs"])
async def pbx(request: pytest.FixtureRequest) -> AsyncIterator[TinyPbx]:
    async with TinyPbx(request.param) as pbx:
        yield pbx


@pytest.fixture
async def line(pbx: TinyPbx) -> AsyncIterator[Line]:
    line = Line(pbx)
    yield line
    await line.stop()


def newchannel(uniqueid: str, **more: str) -> bytes:
    """Return the event of a caller on the trunk."""
    fields = {"Channel": f"PJSIP/trunk-{uniqueid}", "ChannelState": "4", "CallerIDNum": "0501234567",
              "Exten": "0124041001", "Uniqueid": uniqueid, "Linkedid": uniqueid}  # fmt: skip
    return block(
        "Event: Newchannel", *(f"{key}: {value}" for key, value in (fields | more).items())
    )

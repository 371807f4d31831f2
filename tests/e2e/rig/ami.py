"""A plain AMI client that shares no code with the product: what a user is sent, as it came."""

import asyncio
from collections.abc import Callable
from types import TracebackType
from typing import Self

from tests.e2e.rig.asterisk import Asterisk
from tests.e2e.rig.sip import within_deadline

Block = dict[str, str]


class AmiUser:
    """One logged-in AMI user who keeps all he is told; of repeated keys the first one counts."""

    def __init__(self, pbx: Asterisk, user: str = Asterisk.ami_user) -> None:
        self.blocks: list[Block] = []
        self._pbx = pbx
        self._user = user
        self._changed = asyncio.Condition()

    async def __aenter__(self) -> Self:
        self._in, self._out = await asyncio.open_connection(self._pbx.host, self._pbx.ami_port)
        await self._in.readline()
        self._reader = asyncio.create_task(self._read_for_ever())
        answer = await self.action("Login", Username=self._user, Secret=self._pbx.secret)
        assert answer["Response"] == "Success", answer
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._reader.cancel()
        self._out.close()
        await self._out.wait_closed()

    async def action(self, name: str, **fields: str) -> Block:
        """Return the response to an action."""
        action_id = f"rig-{name}-{len(self.blocks)}"
        lines = [("Action", name), ("ActionID", action_id), *fields.items()]
        self._out.write(("".join(f"{k}: {v}\r\n" for k, v in lines) + "\r\n").encode())
        return await self._until(lambda b: "Response" in b and b.get("ActionID") == action_id, name)

    async def listed(self, name: str, item: str) -> list[Block]:
        """Return the items of a list, such as each CoreShowChannel of CoreShowChannels."""
        answer = await self.action(name)
        action_id = answer["ActionID"]
        await self._until(
            lambda b: b.get("EventList") == "Complete" and b.get("ActionID") == action_id, name
        )
        return [b for b in self.blocks if b.get("ActionID") == action_id and b.get("Event") == item]

    async def event(self, name: str, **fields: str) -> Block:
        """Return the first event of this name with these fields, waiting for it if need be."""
        wanted = {"Event": name, **fields}
        return await self._until(lambda b: wanted.items() <= b.items(), str(wanted))

    def names(self) -> set[str]:
        """Return the names of all events so far."""
        return {block["Event"] for block in self.blocks if "Event" in block}

    async def _until(self, matches: Callable[[Block], bool], what: str) -> Block:
        def found() -> list[Block]:
            return [block for block in self.blocks if matches(block)]

        await within_deadline(self._changed, lambda: bool(found()), lambda: f"did not send {what}")
        return found()[0]

    async def _read_for_ever(self) -> None:
        block: Block = {}
        while line := (await self._in.readline()).decode():
            if key := line.rstrip("\r\n"):
                name, _, value = key.partition(": ")
                block.setdefault(name.rstrip(":"), value)
                continue
            async with self._changed:
                self.blocks.append(block)
                self._changed.notify_all()
            block = {}

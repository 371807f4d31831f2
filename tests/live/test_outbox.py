"""The outbox: order, replacement and the limit, without a socket."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.live.outbox import Outbox, TooSlow

Put = tuple[str | None, int]


async def all_of(outbox: Outbox, end: bytes) -> list[bytes]:
    taken = []
    while (payload := await outbox.take()) != end:
        taken.append(payload)
    return taken


@given(st.lists(st.tuples(st.sampled_from([None, "calls", "state"]), st.integers(1, 50))))
def test_only_what_a_newer_one_replaces_is_left_out_and_the_order_stays(puts: list[Put]):
    async def play() -> list[bytes]:
        outbox = Outbox(10_000, lambda: 0)
        for number, (kind, size) in enumerate(puts):
            outbox.put(f"{number} ".encode() + b"x" * size, kind)
        outbox.put(b"end")
        return await all_of(outbox, b"end")

    taken = [int(payload.split()[0]) for payload in asyncio.run(play())]
    last = {kind: number for number, (kind, _) in enumerate(puts) if kind}
    kept = [n for n, (kind, _) in enumerate(puts) if kind is None or last[kind] == n]
    assert taken == kept


@given(st.lists(st.tuples(st.sampled_from([None, "calls"]), st.integers(1, 60)), max_size=40))
def test_it_never_holds_more_than_its_limit(puts: list[Put]):
    outbox = Outbox(100, lambda: 0)
    for kind, size in puts:
        try:
            outbox.put(b"x" * size, kind)
        except TooSlow:
            assert outbox.held_bytes == 0
            break
        assert outbox.held_bytes <= 100


async def test_what_the_socket_holds_counts_too():
    unsent = 0
    outbox = Outbox(100, lambda: unsent)
    outbox.put(b"x" * 60)
    await outbox.take()
    unsent = 60

    with pytest.raises(TooSlow):
        outbox.put(b"x" * 60)


async def test_one_large_message_alone_is_not_slowness():
    outbox = Outbox(100, lambda: 0)
    outbox.put(b"x" * 1000)

    assert len(await outbox.take()) == 1000


async def test_after_the_limit_nothing_comes_out_any_more():
    outbox = Outbox(10, lambda: 0)
    outbox.put(b"x" * 8)
    with pytest.raises(TooSlow):
        outbox.put(b"x" * 8)
    outbox.put(b"later")

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await outbox.take()


async def test_a_function_says_what_is_true_when_its_turn_has_come():
    truth = [b"old"]
    outbox = Outbox(100, lambda: 0)
    outbox.put(lambda: truth[0], "board")
    truth[0] = b"new"

    assert await outbox.take() == b"new"

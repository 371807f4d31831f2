"""What the operator reads of a link, and what the stream does when nobody takes from it."""

import asyncio
import dataclasses
import re

import pytest
import structlog

from callcenter.ami.connection import Account, Link, spoken
from callcenter.ami.stream import Connected, Lost, Overflowed, Read, Stream
from tests.ami.line import LIMIT_S, QUICK
from tests.conformance.tiny_pbx import TinyPbx, block


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.2, "0 s"), (12, "12 s"), (60, "1 min"), (61, "1 min 1 s"), (11_520, "3 h 12 min"),
     (11_521, "3 h 12 min"), (90_000, "1 d 1 h")],
)  # fmt: skip
def test_a_span_is_told_as_people_say_it(seconds, words):
    assert spoken(seconds) == words


async def test_the_log_tells_what_happened_to_which_pbx_and_never_the_secret():
    async with TinyPbx(0) as pbx:
        account = Account(7, "127.0.0.1", "crm", "s3cret", pbx.port, name="baku")
        stream = Stream()
        with structlog.testing.capture_logs() as logged:
            task = asyncio.create_task(Link(account, frozenset(), stream, timing=QUICK).run())
            async with asyncio.timeout(LIMIT_S):
                while not isinstance(await stream.take(), Connected):
                    pass
                pbx.secret_is_right = False
                pbx.drop()
                while not getattr(await stream.take(), "auth_failed", False):
                    pass
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    events = [entry["event"] for entry in logged]
    assert events[0] == "PBX link up"
    assert re.match(r"PBX link lost after \d+ s; trying again in \d\.\d s$", events[1])
    assert events[2].startswith("PBX refuses user “crm” (Authentication failed)")
    assert {entry["pbx"] for entry in logged} == {f"baku 127.0.0.1:{pbx.port}"}
    assert "s3cret" not in repr((logged, account))


async def test_a_host_that_can_be_none_is_told_and_the_link_goes_on():
    stream = Stream()
    link = Link(Account(7, "pbx..example", "crm", "s3cret"), frozenset(), stream, timing=QUICK)
    async with TinyPbx(0) as pbx:
        task = asyncio.create_task(link.run())
        async with asyncio.timeout(LIMIT_S):
            lost = await stream.take()
            link.change(Account(7, "127.0.0.1", "crm", "s3cret", pbx.port))
            while not isinstance(await stream.take(), Connected):
                pass
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    assert isinstance(lost, Lost)
    assert lost.reason == "“pbx..example” is no name of a host"


async def test_settings_that_change_during_the_login_are_those_that_count():
    patient = dataclasses.replace(QUICK, boot_s=LIMIT_S)
    async with TinyPbx(0) as old, TinyPbx(0) as new:
        old.fully_boots = False
        stream = Stream()
        accounts = [Account(7, "127.0.0.1", "crm", "s3cret", pbx.port) for pbx in (old, new)]
        link = Link(accounts[0], frozenset(), stream, timing=patient)
        task = asyncio.create_task(link.run())
        async with asyncio.timeout(LIMIT_S):
            await old.received("Login")
            link.change(accounts[1])
            await old.send(block("Event: FullyBooted", "Privilege: system,all"))
            connected = await stream.take()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    assert connected == Connected(1, connected.at)
    assert (old.count("Login"), new.count("Login")) == (1, 1)


async def test_a_full_stream_keeps_the_turns_of_the_link_and_says_what_it_dropped():
    stream = Stream(limit_bytes=100)
    connected, lost = Connected(1, 1.0), Lost(1, 2.0, 1.5, "gone")
    stream.put(connected)
    stream.put(Read(1.1, [b"x" * 60]))
    stream.put(lost)
    stream.put(Read(3.0, [b"x" * 30, b"x" * 30]))
    stream.put(Read(4.0, [b"y"]))

    assert [await stream.take() for _ in range(4)] == [
        connected, lost, Overflowed(3.0, 3), Read(4.0, [b"y"]),
    ]  # fmt: skip
    assert stream.dropped == 3


async def test_what_overflows_again_and_again_is_one_gap():
    stream = Stream(limit_bytes=10)
    for at in range(5):
        stream.put(Read(float(at), [b"x" * 11]))

    assert await stream.take() == Overflowed(4.0, 5)
    assert len(stream) == 0


async def test_reads_taken_together_end_at_the_next_turn_of_the_link():
    stream = Stream()
    reads = [Read(1.0, [b"a"]), Read(2.0, [b"b"])]
    for item in (*reads, Lost(1, 3.0, 2.0, "gone"), Read(4.0, [b"c"])):
        stream.put(item)

    assert stream.take_reads() == reads
    assert isinstance(await stream.take(), Lost)

"""What is sent to Asterisk for each verb of the port, and what never is."""

import asyncio

import pytest

from callcenter.ami.asterisk import Asterisk
from callcenter.ami.connection import Account, Link
from callcenter.ami.stream import Connected, Stream
from callcenter.errors import CallNotLive, NotAPhoneNumber, PbxRefused, UnsendableValue
from callcenter.pbx import Dial
from tests.ami.line import LIMIT_S, QUICK
from tests.conformance.tiny_pbx import TinyPbx

VERBS = ("Originate", "Hangup", "QueuePause")


@pytest.fixture
async def pbx():
    async with TinyPbx(40) as pbx:
        for verb in VERBS:
            pbx.answer(verb, "Response: Success", "ActionID: $ID", "Message: Done")
        yield pbx


@pytest.fixture
async def asterisk(pbx):
    stream = Stream()
    link = Link(
        Account(1, "127.0.0.1", "crm", "s3cret", pbx.port), frozenset(), stream, timing=QUICK
    )
    task = asyncio.create_task(link.run())
    async with asyncio.timeout(LIMIT_S):
        while not isinstance(await stream.take(), Connected):
            pass
    yield Asterisk(link)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def dial(**different: str) -> Dial:
    usual = {"channel_id": "cc-1", "endpoint": "PJSIP/1001", "number": "+994557654321"}
    return Dial(**(usual | {"context": "click2call"} | different))


async def test_a_click_rings_the_agent_first_under_an_id_of_ours(asterisk, pbx):
    await asterisk.dial(dial(caller_name='Əli "Bakı" <1>', crm_ref="intent-1"))

    sent = await pbx.received("Originate")
    del sent["ActionID"]
    assert sent == {
        "Action": "Originate",
        "Async": "true",
        "CallerID": '"Əli Bakı 1" <+994557654321>',
        "Channel": "PJSIP/1001",
        "ChannelId": "cc-1",
        "Context": "click2call",
        "Exten": "+994557654321",
        "Priority": "1",
        "Timeout": "30000",
        "Variable": "__CRM_REF=intent-1",
    }


async def test_both_halves_of_a_local_channel_have_an_id_of_ours(asterisk, pbx):
    await asterisk.dial(dial(endpoint="Local/1001@from-queue/n"))

    sent = await pbx.received("Originate")
    assert (sent["ChannelId"], sent["OtherChannelId"]) == ("cc-1", "cc-1-2")


@pytest.mark.parametrize(
    ("different", "refusal"),
    [
        ({"number": "s,1"}, NotAPhoneNumber),  # would leave the context
        ({"number": "1&PJSIP/1002"}, NotAPhoneNumber),  # would ring a second target
        ({"number": ""}, NotAPhoneNumber),
        ({"caller_name": "Əli\r\nApplication: System"}, UnsendableValue),
        ({"crm_ref": "a,SHELL(x)=1"}, UnsendableValue),  # would set a second variable
        ({"endpoint": "PJSIP/1001\nData: x"}, UnsendableValue),
    ],
)
async def test_what_could_do_more_than_ring_is_not_sent(asterisk, pbx, different, refusal):
    with pytest.raises(refusal):
        await asterisk.dial(dial(**different))

    assert pbx.count("Originate") == 0


async def test_a_pattern_does_not_hang_up_everybody(asterisk, pbx):
    with pytest.raises(UnsendableValue):
        await asterisk.hangup("/.*/")

    assert pbx.count("Hangup") == 0


async def test_hanging_up_who_has_gone_says_so_and_other_refusals_are_passed_on(asterisk, pbx):
    await asterisk.hangup("1795318553.1")
    assert (await pbx.received("Hangup"))["Channel"] == "1795318553.1"

    pbx.answer("Hangup", "Response: Error", "ActionID: $ID", "Message: No such channel")
    with pytest.raises(CallNotLive):
        await asterisk.hangup("1795318553.1")

    pbx.answer("Hangup", "Response: Error", "ActionID: $ID", "Message: Permission denied")
    with pytest.raises(PbxRefused, match="Permission denied"):
        await asterisk.hangup("1795318553.1")


async def test_a_pause_is_for_all_queues_unless_one_is_named(asterisk, pbx):
    await asterisk.pause("PJSIP/1001", paused=True, reason="nahar")
    await asterisk.pause("PJSIP/1001", paused=False, queue="support")

    everywhere = await pbx.received("QueuePause")
    one = await pbx.received("QueuePause", 2)
    assert (everywhere["Paused"], everywhere["Reason"]) == ("true", "nahar")
    assert "Queue" not in everywhere
    assert (one["Paused"], one["Queue"]) == ("false", "support")

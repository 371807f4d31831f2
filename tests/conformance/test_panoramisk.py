"""The twenty behaviours of panoramisk from which `callcenter.ami` protects the house.

`docs/reference/panoramisk.md` says which test holds which; `test_table` keeps it so.
"""

import ast
import asyncio
import copy
import dataclasses
import pickle
import time
from pathlib import Path

import pytest

import callcenter
from callcenter.ami.connection import Account, Timing
from callcenter.ami.framing import Framer
from callcenter.ami.ingest import Ingest
from callcenter.ami.messages import parse
from callcenter.ami.protocol import Protocol
from callcenter.ami.stream import Connected, Lost
from callcenter.ami.tracker import WANTED, Endpoints, Tracker
from callcenter.errors import OutcomeUnknown, PbxRefused, PbxUnreachable, UnsendableValue
from callcenter.events import (
    CallBegan,
    CallEnded,
    Event,
    GapNoted,
    LinkDown,
    LinkUp,
    RequestFailed,
)
from tests.conformance.conftest import QUICK, Line, newchannel
from tests.conformance.tiny_pbx import LIMIT_S, block

ORIGINATE = {
    "Action": "Originate",
    "Channel": "PJSIP/1001",
    "Context": "click2call",
    "Exten": "0501234567",
    "Priority": "1",
    "Async": "true",
    "ChannelId": "cc-1",
}


def ingest_of(line: Line, publish) -> Ingest:
    tracker = Tracker(1, Endpoints(["PJSIP/1*"], ["PJSIP/trunk"]))
    return Ingest(1, line.stream, line.link, tracker, publish)


class Heard:
    """Everything published, and a way to wait for it."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self._more = asyncio.Event()

    def __call__(self, event: Event) -> None:
        self.events.append(event)
        self._more.set()

    async def until(self, kind: type[Event], count: int = 1) -> list[Event]:
        async with asyncio.timeout(LIMIT_S):
            while len(found := [one for one in self.events if isinstance(one, kind)]) < count:
                self._more.clear()
                await self._more.wait()
        return found


async def test_a_failing_handler_costs_one_event_and_not_the_link(line):
    heard = Heard()

    def failing_once(event: Event) -> None:
        if isinstance(event, CallBegan) and event.call == "1.1":
            raise ZeroDivisionError
        heard(event)

    ingest = ingest_of(line, failing_once)
    task = asyncio.create_task(ingest.run())
    line.start()
    await heard.until(LinkUp)

    await line.pbx.send(newchannel("1.1") + newchannel("1.2"))
    began = await heard.until(CallBegan)

    assert [event.call for event in began] == ["1.2"]
    assert [one.error for one in ingest.quarantine] == ["ZeroDivisionError()"]
    assert "1.1" in ingest.quarantine[0].text
    assert line.pbx.connections == 1
    task.cancel()


async def test_a_letter_split_between_two_reads_is_kept(line):
    await line.connect()

    await line.pbx.send(newchannel("1.1", CallerIDName="Müşfiq Əliyev 🙂"))

    assert (await line.messages(1))[0].get("calleridname") == "Müşfiq Əliyev 🙂"


async def test_a_last_header_without_a_value_is_there_and_empty(line):
    await line.connect()

    await line.pbx.send(
        b"Event: Newchannel\r\nUniqueid: 1.1\r\nAppData: \r\n\r\n"
        b"Event: Newchannel\r\nUniqueid: 1.2\r\nAppData:\r\n\r\n"
    )

    for message in await line.messages(2):
        assert message.fields["appdata"] == ""


async def test_a_refused_list_is_refused_at_once_and_leaves_nothing_behind(line):
    line.pbx.answer("ParkedCalls", "Response: Error", "ActionID: $ID", "Message: No parking lots.")
    await line.connect()

    with pytest.raises(PbxRefused, match=r"No parking lots\."):
        await line.link.request_list({"Action": "ParkedCalls"}, deadline_s=LIMIT_S)

    assert not line.left_behind()


async def test_an_action_needs_no_header_to_survive_its_answer(line):
    line.pbx.answer(
        "Originate", "Response: Success", "ActionID: $ID", "Message: Originate successfully queued"
    )
    await line.connect()

    answer = await line.link.request(
        {key: value for key, value in ORIGINATE.items() if key != "Async"}
    )

    assert answer.get("message") == "Originate successfully queued"
    assert line.link.up


async def test_an_unanswered_request_is_never_sent_again(line):
    await line.connect()
    asking = asyncio.create_task(line.link.request(ORIGINATE))
    await line.pbx.received("Originate")

    line.pbx.drop()
    with pytest.raises(OutcomeUnknown):
        await asking
    await line.next(Connected)
    # What the new connection was to flush would come before the answer to this.
    await line.link.request({"Action": "Ping"})

    assert line.pbx.connections == 2
    assert line.pbx.count("Originate") == 1


async def test_a_link_lost_between_answer_and_completion_leaves_nobody_waiting(line):
    line.pbx.answer(
        "QueueStatus", "Response: Success", "ActionID: $ID", "EventList: start", "",
        "Event: QueueMember", "ActionID: $ID", "Queue: support", "Location: PJSIP/1001",
    )  # fmt: skip
    await line.connect()
    asking = asyncio.create_task(line.link.request_list({"Action": "QueueStatus"}, LIMIT_S))
    await line.pbx.received("QueueStatus")
    await line.link.request({"Action": "Ping"})

    line.pbx.drop()

    with pytest.raises(OutcomeUnknown):
        async with asyncio.timeout(LIMIT_S / 2):
            await asking


async def test_a_half_open_link_is_noticed_and_replaced(pbx):
    line = Line(pbx, dataclasses.replace(QUICK, ping_s=0.2))
    await line.connect()
    before = pbx.count("Ping")
    pbx.speaks = False

    lost = await line.next(Lost)
    assert pbx.count("Ping") == before + 1
    pbx.speaks = True
    again = await line.next(Connected)
    await line.stop()

    assert "not a byte" in lost.reason
    assert again.epoch == 2


async def test_a_refused_login_is_not_repeated_until_the_settings_change(line):
    line.pbx.secret_is_right = False
    line.start()

    refused = await line.next(Lost)
    assert refused.auth_failed
    with pytest.raises(PbxUnreachable):
        await line.link.request(ORIGINATE)
    await line.pbx.stays_alone(QUICK.retry_max_s * 2)
    assert line.pbx.count("Login") == 1

    line.pbx.secret_is_right = True
    line.link.change(Account(1, "127.0.0.1", "crm", "another", line.pbx.port))
    assert (await line.next(Connected)).epoch == 1


def test_the_pauses_between_attempts_grow_to_a_limit_and_are_never_in_step():
    timing = Timing(retry_first_s=0.5, retry_max_s=30.0)

    for failures, longest_s in [(0, 0.5), (1, 1.0), (2, 2.0), (5, 16.0), (6, 30.0), (9999, 30.0)]:
        pauses = {timing.pause_s(failures) for _ in range(20)}
        assert len(pauses) > 1
        assert longest_s / 2 <= min(pauses) <= max(pauses) <= longest_s


async def test_a_link_ended_while_it_waits_to_retry_stays_ended(line):
    await line.connect()
    line.pbx.stop_listening()
    line.pbx.drop()
    await line.next(Lost)

    await line.stop()
    await line.pbx.listen()

    await line.pbx.stays_alone(QUICK.retry_max_s * 2)


@pytest.mark.parametrize(
    "number", ["1\r\nApplication: System", "1\nData: x", "1\rx", "1\0", "1\udc80"]
)
async def test_a_value_that_would_end_its_line_is_not_sent(line, number):
    await line.connect()

    with pytest.raises(UnsendableValue, match="Exten"):
        await line.link.request(ORIGINATE | {"Exten": number})
    await line.link.request({"Action": "Ping"})

    assert line.pbx.count("Originate") == 0


async def test_events_stay_in_order_and_make_no_tasks(line):
    await line.connect()
    before = len(asyncio.all_tasks())
    count = 300

    await line.pbx.send(b"".join(newchannel(f"1.{n}") for n in range(count)))
    messages = await line.messages(count)

    assert [message.get("uniqueid") for message in messages] == [f"1.{n}" for n in range(count)]
    assert len(asyncio.all_tasks()) <= before


async def test_an_originate_response_reaches_asker_and_tracker_and_failure_is_failure(line):
    line.pbx.answer(
        "Originate",
        "Response: Success", "ActionID: $ID", "Message: Originate successfully queued", "",
        "Event: OriginateResponse", "ActionID: $ID", "Response: Failure", "Channel: PJSIP/1001",
        "Context: click2call", "Exten: 0501234567", "Reason: 3", "Uniqueid: cc-1",
    )  # fmt: skip
    heard = Heard()
    task = asyncio.create_task(ingest_of(line, heard).run())
    line.start()
    await heard.until(LinkUp)
    # From now on it matters that an event with an ActionID may be an item of a list.
    with pytest.raises(OutcomeUnknown):
        await line.link.request_list({"Action": "BridgeList"}, deadline_s=0.05)

    answer = await line.link.request(ORIGINATE)
    failed = await heard.until(RequestFailed)

    assert answer.get("message") == "Originate successfully queued"
    assert [(event.channel_id, event.reason) for event in failed] == [("cc-1", 3)]
    task.cancel()


def test_a_message_can_be_copied_and_pickled_and_has_no_made_up_attributes():
    message = parse(newchannel("1.1"))

    for twin in (copy.deepcopy(message), pickle.loads(pickle.dumps(message))):
        assert (twin.name, twin.fields) == (message.name, message.fields)
    with pytest.raises(AttributeError):
        _ = message.uniqueid  # type: ignore[attr-defined]


def test_one_channel_variable_reads_like_many():
    one = parse(b"Event: Newchannel\r\nChanVariable: DID=0124041000\r\n")
    two = parse(b"Event: Newchannel\r\nChanVariable: CRM_REF=\r\nChanVariable: DID=0124041000\r\n")

    assert one.variable("DID") == two.variable("DID") == "0124041000"


async def test_a_request_past_its_deadline_leaves_nothing_that_a_late_answer_could_find(line):
    await line.connect()
    with pytest.raises(OutcomeUnknown):
        await line.link.request(ORIGINATE, deadline_s=0.05)
    with pytest.raises(OutcomeUnknown):
        await line.link.request_list({"Action": "BridgeList"}, deadline_s=0.05)
    assert not line.left_behind()

    late = (await line.pbx.received("BridgeList"))["ActionID"]
    await line.pbx.send(
        block("Response: Success", f"ActionID: {late}")
        + block("Event: BridgeListItem", f"ActionID: {late}")
    )

    answer = await line.link.request({"Action": "Ping"})
    assert answer.get("ping") == "Pong"
    assert not line.left_behind()


def test_reading_is_several_times_as_fast_as_panoramisk_alone():
    from panoramisk import Manager
    from panoramisk.ami_protocol import AMIProtocol

    path = Path(__file__).parents[1] / "transcripts" / "queue_answered_crm_user.ami"
    chunk = path.read_bytes() * 5

    async def theirs() -> float:
        manager = Manager()
        manager.register_event("*", lambda _manager, _event: None)
        protocol = AMIProtocol()
        protocol.connection_made(None)
        protocol.factory, protocol.encoding = manager, "utf8"
        began = time.process_time()
        protocol.data_received(chunk)
        return time.process_time() - began

    async def ours() -> float:
        protocol = Protocol(WANTED, lambda read: list(map(parse, read.blocks)), int, str)
        protocol.data_received(b"Asterisk Call Manager/11.0.0\r\n")
        began = time.process_time()
        protocol.data_received(chunk)
        return time.process_time() - began

    def timed(reading) -> float:
        with asyncio.Runner(debug=False) as runner:
            return runner.run(reading())

    ratios = sorted(timed(theirs) / timed(ours) for _ in range(5))

    # Half the goal of `callcenter bench ingest`, which measures properly.
    assert ratios[2] > 2.5


async def test_without_the_word_that_asterisk_is_booted_requests_go_out_all_the_same(line):
    line.pbx.fully_boots = False
    await line.connect()

    await line.link.request({"Action": "Ping"})
    await line.pbx.send(newchannel("1.1"))

    assert (await line.messages(1))[0].get("uniqueid") == "1.1"


def test_calls_of_one_second_are_told_apart_without_panoramisks_call_manager():
    tracker = Tracker(1, Endpoints(["PJSIP/1*"], ["PJSIP/trunk"]))
    began = [
        event.call
        for uniqueid in ("1795318553.1", "1795318553.2")
        for event in tracker.feed(parse(newchannel(uniqueid)), 1795318553.5)
        if isinstance(event, CallBegan)
    ]
    house = Path(callcenter.__file__).parent
    used = {
        node.id if isinstance(node, ast.Name) else node.attr
        for path in (house / "ami").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Name | ast.Attribute)
    }

    assert began == ["1795318553.1", "1795318553.2"]
    assert "Manager" in used
    assert "CallManager" not in used


async def test_an_outage_is_told_as_a_gap_between_two_epochs(line):
    heard = Heard()
    task = asyncio.create_task(ingest_of(line, heard).run())
    line.start()
    await heard.until(LinkUp)
    await line.pbx.send(newchannel("1.1"))
    await heard.until(CallBegan)

    line.pbx.drop()
    down = (await heard.until(LinkDown))[0]
    gap = (await heard.until(GapNoted))[0]
    ups = await heard.until(LinkUp, 2)

    assert gap.from_at <= down.at <= gap.at
    assert [up.epoch for up in ups] == [1, 2]
    assert gap.epoch == 2
    task.cancel()


# ------------------------------------------------------------ beyond the twenty


async def test_a_hangup_that_comes_while_the_snapshot_is_taken_counts_at_its_own_time(line):
    heard = Heard()
    task = asyncio.create_task(ingest_of(line, heard).run())
    line.start()
    await heard.until(LinkUp)
    await line.pbx.send(newchannel("1.1") + newchannel("1.2"))
    await heard.until(CallBegan, 2)

    line.pbx.answer(
        "CoreShowChannels",
        "Event: Hangup", "Timestamp: 1795318600.5", "Uniqueid: 1.1", "Cause: 16", "",
        "Response: Success", "ActionID: $ID", "EventList: start", "",
        "Event: CoreShowChannelsComplete", "ActionID: $ID", "EventList: Complete", "ListItems: 0",
    )  # fmt: skip
    line.pbx.drop()
    ended = await heard.until(CallEnded, 2)

    by_call = {event.call: event for event in ended}
    assert (by_call["1.1"].at, by_call["1.1"].inferred) == (1795318600.5, False)
    assert by_call["1.2"].inferred
    task.cancel()


async def test_what_does_not_greet_like_asterisk_is_not_spoken_to(line):
    line.pbx.greeting = b"SSH-2.0-OpenSSH_9.2p1\r\n"
    line.start()

    lost = await line.next(Lost)

    assert lost.reason == "what answers there does not speak AMI"
    assert line.pbx.count("Login") == 0


async def test_the_secret_does_not_travel_where_the_pbx_can_do_without(line):
    line.pbx.answer("Challenge", "Response: Success", "ActionID: $ID", "Challenge: 840415273")
    await line.connect()

    login = await line.pbx.received("Login")

    assert login["Key"] == "d7994fd8cd10e2224514d095d0fd3f7b"
    assert "s3cret" not in str(line.pbx.actions)


async def test_list_items_reach_the_asker_and_never_the_tracker(line):
    line.pbx.answer(
        "DeviceStateList", "Response: Success", "ActionID: $ID", "EventList: start", "",
        "Event: DeviceStateChange", "ActionID: $ID", "Device: PJSIP/1001", "State: INUSE", "",
        "Event: DeviceStateListComplete", "ActionID: $ID", "EventList: Complete", "ListItems: 1",
    )  # fmt: skip
    await line.connect()

    items = await line.link.request_list({"Action": "DeviceStateList"})
    await line.pbx.send(newchannel("1.1"))
    messages = await line.messages(1)

    assert [item.get("device") for item in items] == ["PJSIP/1001"]
    assert [message.name for message in messages] == ["Newchannel"]


async def test_items_of_a_list_that_was_given_up_reach_nobody(line):
    line.pbx.answer("QueueStatus", "Response: Success", "ActionID: $ID", "EventList: start")
    await line.connect()
    with pytest.raises(OutcomeUnknown):
        await line.link.request_list({"Action": "QueueStatus"}, deadline_s=0.05)

    given_up = (await line.pbx.received("QueueStatus"))["ActionID"]
    member = ("Event: QueueMember", f"ActionID: {given_up}", "Queue: support")
    await line.pbx.send(block(*member) + newchannel("1.1"))

    assert [message.name for message in await line.messages(1)] == ["Newchannel"]


async def test_garbage_costs_its_own_block(line):
    await line.connect()

    await line.pbx.send(
        b"\xff\xfe\0garbage: \x80\r\n\r\n" + newchannel("1.1") + b"\r\n\r\n:::\r\n\r\n"
        b"Event\r\n\r\n" + newchannel("1.2")
    )
    messages = await line.messages(2)

    assert [message.get("uniqueid") for message in messages] == ["1.1", "1.2"]
    assert line.link._session is not None
    assert line.link._session.protocol.senseless == 4


def test_every_way_to_cut_a_stream_gives_the_same_blocks():
    data = newchannel("1.1", CallerIDName="Əli") + newchannel("1.2")
    whole = Framer().feed(data)

    for cut in range(len(data)):
        framer = Framer()
        assert framer.feed(data[:cut]) + framer.feed(data[cut:]) == whole

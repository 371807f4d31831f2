"""The doctor names what is missing on a PBX, what it costs, and what it could not see."""

import asyncio

import pytest

from callcenter.ami.connection import Account, Timing
from callcenter.ami.doctor import examine
from callcenter.ami.doctor.findings import READ_COSTS, VARIABLE_COSTS, WRITE_COSTS
from callcenter.ami.doctor.judge import judge
from callcenter.ami.doctor.look import Sight
from callcenter.ami.messages import parse
from callcenter.ami.tracker import Endpoints
from callcenter.simulator import AmiUser, Simulator, SimulatorSettings
from tests.conformance.tiny_pbx import TinyPbx

OFFICE = Endpoints(["PJSIP/1*"], ["PJSIP/trunk"])
ACCOUNT = Account(1, "127.0.0.1", "crm", "crm-secret")
QUICK = Timing(connect_s=2.0)

PERFECT = Sight(
    version="22.10.1",
    system_name="",
    actions=frozenset({"originate", "redirect", "queuepause", "coreshowchannels"}),
    read=frozenset(READ_COSTS),
    timestamps=True,
    variables=frozenset(VARIABLE_COSTS),
    write_timeout_ms=1000,
    context=True,
    shared_lastcall=True,
    endpoints={"PJSIP/1001", "PJSIP/trunk"},
    all_endpoints=True,
)


def seen(**different: object) -> Sight:
    sight = Sight(**{name: getattr(PERFECT, name) for name in Sight.__slots__})
    for name, value in different.items():
        setattr(sight, name, value)
    return sight


def found(sight: Sight, endpoints: Endpoints = OFFICE) -> dict[str, str]:
    """Return what is not good, by code."""
    findings = judge(ACCOUNT, sight, endpoints, "click2call")
    return {one.code: one.state for one in findings if one.state != "good"}


def member(location: str, queue: str = "support", state_interface: str = ""):
    return parse(
        f"Event: QueueMember\r\nQueue: {queue}\r\nLocation: {location}\r\n"
        f"StateInterface: {state_interface or location}".encode()
    )


def test_a_pbx_with_nothing_missing_is_well():
    assert found(PERFECT) == {}


@pytest.mark.parametrize(
    ("different", "expected"),
    [
        ({"read": frozenset(READ_COSTS) - {"agent"}}, {"read-agent": "missing"}),
        ({"read": frozenset({"all"})}, {}),
        ({"read": None, "heard": set(READ_COSTS)}, {}),
        # Whoever may read `system` is told FullyBooted at once; nobody makes calls for a doctor.
        ({"read": None, "heard": {"system"}}, {"read-classes": "unknown"}),
        ({"read": None, "heard": set()}, {"read-system": "missing", "read-classes": "unknown"}),
        ({"actions": PERFECT.actions - {"originate"}}, {"write-originate": "missing"}),
        ({"actions": PERFECT.actions | {"command"}}, {"write-more": "note"}),
        ({"timestamps": False}, {"timestampevents": "missing"}),
        ({"timestamps": None}, {"timestampevents": "unknown"}),
        ({"variables": frozenset(VARIABLE_COSTS) - {"DID"}}, {"channelvars-DID": "missing"}),
        ({"variables": None}, {"channelvars": "unknown"}),
        ({"write_timeout_ms": 100}, {"writetimeout": "missing"}),
        ({"write_timeout_ms": None}, {"writetimeout": "unknown"}),
        ({"context": False}, {"context": "missing"}),
        ({"context": None}, {"context": "unknown"}),
        ({"endpoints": {"PJSIP/1001"}}, {"trunks": "missing"}),
        ({"endpoints": {"PJSIP/trunk"}}, {"agents": "missing"}),
        ({"endpoints": {"PJSIP/1001"}, "all_endpoints": False}, {"endpoints": "unknown"}),
        ({"endpoints": set()}, {"endpoints": "unknown"}),
        ({"members": [member("PJSIP/1001")]}, {}),
        ({"members": [member("Local/1001@q")]}, {"member-state": "missing"}),
        ({"members": [member("Local/1001@q", state_interface="PJSIP/1001")]}, {}),
        (
            {"members": [member("Local/1001@q/n", state_interface="PJSIP/1001")]},
            {"member-local": "note"},
        ),
        (
            {"members": [member("PJSIP/1001"), member("PJSIP/1001", "all")], "shared_lastcall": False},
            {"shared_lastcall": "missing"},
        ),
    ],
)  # fmt: skip
def test_each_missing_thing_is_named(different, expected):
    assert found(seen(**different)) == expected


def test_whatever_is_missing_says_what_it_costs_and_what_to_do():
    blank = Sight(members=[member("Local/1001@q/n"), member("Local/1001@q/n", "all")])

    for one in judge(ACCOUNT, blank, OFFICE, "click2call"):
        assert "{" not in one.text("sentence") + one.text("cost") + one.text("remedy")
        if one.state != "good":
            assert one.text("cost"), one.code
            assert one.text("remedy"), one.code


async def test_the_doctor_sees_what_the_pbx_shows_its_user():
    async with Simulator(SimulatorSettings()) as sim:
        await sim.pbx.queue_call(from_="0501234567", queue="support")
        account = Account(1, sim.host, "crm", "crm-secret", sim.port)

        findings = await examine(account, OFFICE, "click2call", listen_s=0.05, timing=QUICK)

    by_code = {one.code: one for one in findings}
    assert by_code["reach"].values["version"] == "22.10.1"
    assert by_code["write"].values["names"] == ", ".join(WRITE_COSTS)
    assert by_code["channelvars"].state == "good"
    assert by_code["endpoints-trunk"].values["names"] == "PJSIP/trunk"
    assert "PJSIP/1001" in by_code["endpoints-agent"].values["names"]


async def test_calls_made_while_the_doctor_listens_tell_the_classes_and_the_clock():
    async with Simulator(SimulatorSettings()) as sim:
        account = Account(1, sim.host, "crm", "crm-secret", sim.port)
        examining = asyncio.create_task(
            examine(account, OFFICE, "click2call", listen_s=0.5, timing=QUICK)
        )
        async with asyncio.timeout(30):
            # The last thing the doctor asks for; he listens all the while.
            while not examining.done():
                call = await sim.pbx.queue_call(from_="0501234567", queue="support")
                await call.hangup(by="customer")
                await asyncio.wait({examining}, timeout=0.1)

    by_code = {one.code: one for one in examining.result()}
    assert by_code["timestampevents"].state == "good"
    assert "call, agent" in by_code["read"].values["names"]


async def test_a_user_with_few_rights_is_told_which_he_lacks():
    user = AmiUser(read=frozenset({"call"}), write=frozenset({"originate"}))
    async with Simulator(SimulatorSettings(users=(user,))) as sim:
        account = Account(1, sim.host, user.name, user.secret, sim.port)

        findings = await examine(account, OFFICE, "click2call", listen_s=0.05, timing=QUICK)

    missing = {one.code for one in findings if one.state == "missing"}
    assert missing == {"read-system", "write-call", "write-agent", "write-reporting"}


async def test_a_wrong_secret_is_said_to_be_one():
    async with Simulator(SimulatorSettings()) as sim:
        account = Account(1, sim.host, "crm", "wrong", sim.port)

        (only,) = await examine(account, OFFICE, "click2call", timing=QUICK)

    assert only.code == "login"
    assert only.text("sentence") == "The user “crm” is refused: Authentication failed."


async def test_a_pbx_that_is_not_there_is_said_not_to_be():
    async with TinyPbx(0) as pbx:
        account = Account(1, "127.0.0.1", "crm", "x", pbx.port)
    (only,) = await examine(account, OFFICE, "click2call", timing=QUICK)

    assert only.code == "reach"
    assert only.text("sentence").endswith("cannot be reached: Connection refused.")


async def test_a_configuration_that_may_be_read_is_believed():
    async with TinyPbx(40) as pbx:
        pbx.answer(
            "GetConfig", "Response: Success", "ActionID: $ID",
            "Category-000000: general", "Line-000000-000000: timestampevents=yes",
            "Line-000000-000001: channelvars=DID, CRM_REF",
            "Category-000001: crm", "Line-000001-000000: read=system,call",
            "Line-000001-000001: writetimeout=250",
        )  # fmt: skip
        for action in ("ListCommands", "PJSIPShowEndpoints", "SIPpeers", "DeviceStateList"):
            pbx.answer(action, "Response: Error", "ActionID: $ID", "Message: Permission denied")
        account = Account(1, "127.0.0.1", "crm", "s3cret", pbx.port)

        findings = await examine(account, OFFICE, "click2call", listen_s=0.05, timing=QUICK)

    by_code = {one.code: one for one in findings}
    assert by_code["read"].values["names"] == "system, call"
    assert by_code["read-agent"].state == "missing"
    assert by_code["timestampevents"].state == "good"
    assert by_code["channelvars-VMSTATUS"].state == "missing"
    assert "channelvars-DID" not in by_code
    assert by_code["writetimeout"].values["ms"] == "250"

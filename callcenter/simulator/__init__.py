"""A pretend PBX that speaks AMI over TCP like Asterisk 22. It imports nothing of the product.

The demo and the tests of the whole service connect to it as they would to Asterisk. Recordings
of a real one (`tests/transcripts`) are the measure: `tests/simulator/test_shapes.py` plays the
same calls here and compares field by field.

    async with Simulator(SimulatorSettings()) as sim:
        call = await sim.pbx.call(from_="0501234567", to="1001", name="Əli")
        await call.answer()
        await call.hangup(by="customer")

By itself nothing happens: phones ring until a script tells them otherwise. `Office` fills the
PBX with people who call, wait, talk and hang up at a chosen rate.
"""

from callcenter.simulator.calls import Call, NotPossibleNow
from callcenter.simulator.office import Caller, Habits, Office
from callcenter.simulator.server import Simulator
from callcenter.simulator.settings import AmiUser, PhoneSettings, QueueSettings, SimulatorSettings

__all__ = [
    "AmiUser",
    "Call",
    "Caller",
    "Habits",
    "NotPossibleNow",
    "Office",
    "PhoneSettings",
    "QueueSettings",
    "Simulator",
    "SimulatorSettings",
]

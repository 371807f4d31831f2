"""What every bus promises, whatever carries the events. A new kind of bus joins `BUSES`."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.bus import Bus
from callcenter.bus.memory import MemoryBus
from callcenter.events import AnyEvent, CallBegan, CallEnded, ContactChanged, LinkUp

BUSES: list[Callable[[], Bus]] = [MemoryBus]


@pytest.fixture(params=BUSES)
def bus(request: pytest.FixtureRequest) -> Bus:
    made: Bus = request.param()
    return made


def began(call: str, at: float = 1.0) -> CallBegan:
    return CallBegan(pbx=1, at=at, call=call, origin="trunk")


def ended(call: str, at: float = 2.0) -> CallEnded:
    return CallEnded(pbx=1, at=at, call=call)


def test_a_listener_gets_the_kinds_it_asked_for(bus: Bus) -> None:
    calls: list[AnyEvent] = []
    everything: list[AnyEvent] = []
    bus.listen(calls.append, CallBegan, CallEnded)
    bus.listen(everything.append)
    events = [began("a"), LinkUp(pbx=1, at=1.5, epoch=1), ended("a")]
    for event in events:
        bus.publish(event)

    assert calls == [events[0], events[2]]
    assert everything == events


def test_nobody_is_asked_about_an_event_nobody_wants(bus: Bus) -> None:
    bus.publish(began("a"))


@given(
    made=st.sampled_from(BUSES),
    calls=st.lists(st.sampled_from("abc"), max_size=12),
)
def test_each_listener_gets_the_events_of_a_call_in_order(
    made: Callable[[], Bus], calls: list[str]
) -> None:
    bus = made()
    heard: list[list[AnyEvent]] = [[], []]
    bus.listen(heard[0].append, CallBegan)
    bus.listen(heard[1].append)
    events = [began(call, at) for at, call in enumerate(calls)]
    for event in events:
        bus.publish(event)

    for of_one in heard:
        for call in "abc":
            assert [e.at for e in of_one if isinstance(e, CallBegan) and e.call == call] == [
                event.at for event in events if event.call == call
            ]


def test_listeners_of_a_kind_hear_of_it_in_the_order_in_which_they_came(bus: Bus) -> None:
    order: list[str] = []
    bus.listen(lambda _event: order.append("first"), CallBegan)
    bus.listen(lambda _event: order.append("second"), CallBegan)
    bus.publish(began("a"))

    assert order == ["first", "second"]


def test_a_listener_that_fails_is_logged_and_costs_nobody_anything(
    bus: Bus, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    heard: list[AnyEvent] = []

    def fails(_event: AnyEvent) -> None:
        raise LookupError("no such desk")

    bus.listen(fails, CallBegan)
    bus.listen(heard.append, CallBegan)
    for call in ("a", "b"):
        bus.publish(began(call))

    assert heard == [began("a"), began("b")]
    logged = caplog.text + capsys.readouterr().out
    assert "no such desk" in logged
    assert "CallBegan" in logged


def test_a_listener_that_has_ended_hears_nothing_more(bus: Bus) -> None:
    heard: list[AnyEvent] = []
    others: list[AnyEvent] = []
    end = bus.listen(heard.append, CallBegan, CallEnded)
    bus.listen(others.append)
    bus.publish(began("a"))
    end()
    bus.publish(ended("a"))

    assert heard == [began("a")]
    assert others == [began("a"), ended("a")]


def test_a_listener_may_end_itself_or_begin_another_while_it_hears(bus: Bus) -> None:
    once: list[AnyEvent] = []
    later: list[AnyEvent] = []
    after: list[AnyEvent] = []

    def hear_once(event: AnyEvent) -> None:
        once.append(event)
        end()
        bus.listen(later.append, CallBegan)

    end = bus.listen(hear_once, CallBegan)
    bus.listen(after.append, CallBegan)
    bus.publish(began("a"))
    bus.publish(began("b"))

    assert once == [began("a")]
    assert after == [began("a"), began("b")]
    assert later[-1:] == [began("b")]


def test_what_a_listener_publishes_reaches_everybody(bus: Bus) -> None:
    heard: list[AnyEvent] = []
    changed = ContactChanged(at=1.0, contact_id=7)
    bus.listen(lambda _event: bus.publish(changed), CallBegan)
    bus.listen(heard.append)
    bus.publish(began("a"))

    assert changed in heard
    assert began("a") in heard

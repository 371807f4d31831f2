"""`callcenter watch` sees what a page sees, across lost lines."""

import asyncio

import click
import msgspec
import pytest
from yarl import URL

from callcenter.live import watch
from callcenter.live.protocol import (
    Calls,
    CallView,
    Candidate,
    Pop,
    PopRaised,
    PopWithdrawn,
    Snapshot,
    State,
    StateView,
)
from tests.live.conftest import TEST_LIMIT_S, House


async def test_it_goes_on_where_it_was_after_the_line_was_lost(
    house: House, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(watch, "FIRST_RETRY_S", 0.01)
    house.sign_in("robot", 5, via="token", scopes=frozenset({"live:read"}))
    heard = watch.listen(URL(house.address.replace("ws:", "http:")), "robot")

    async def next_of(kind: str) -> dict[str, object]:
        async with asyncio.timeout(TEST_LIMIT_S):
            while (message := msgspec.json.decode(await anext(heard)))["type"] != kind:
                pass
            return message

    snapshot = await next_of("snapshot")
    [browser] = house.hub._people[5].browsers
    browser.end(1012)
    await house.came(5, False)
    house.hub.say(5, State(seq=0, state=StateView(state="paused", since=1.0)))
    missed = await next_of("state")
    await heard.aclose()

    assert missed["seq"] == snapshot["seq"] + 1


async def test_it_says_so_when_the_token_is_not_let_in(house: House):
    heard = watch.listen(URL(house.address.replace("ws:", "http:")), "wrong")

    with pytest.raises(click.ClickException, match="not let in"):
        await anext(heard)


@pytest.mark.parametrize(
    ("message", "line"),
    [
        (
            PopRaised(seq=1, pop=Pop(
                id="1-2-0", call_id=1, interaction_id=1, direction="inbound", phase="ringing",
                number="+994 50 111 22 33", match="one", ringing_since=0.0, queue="support",
                candidates=(Candidate(contact_id=7, name="Əli"),),
            )),
            "00:00:00  pop       ringing: Əli <+994 50 111 22 33> through support",
        ),
        (
            PopWithdrawn(seq=2, id="1-2-0", reason="answered-by", by="Aygün"),
            "          gone      answered-by Aygün",
        ),
        (
            State(seq=3, state=StateView(state="wrap-up", since=60.0, until=80.0)),
            "00:01:00  state     wrap-up until 00:01:20",
        ),
        (
            Calls(seq=4, calls=(CallView(
                call_id=1, interaction_id=1, direction="outbound", phase="dialling", title="",
                number="050", since=0.0,
            ),)),
            "          calls     dialling 050",
        ),
        (
            Snapshot(seq=5, now=3600.0, state=StateView(state="paused", reason="lunch", since=0.0)),
            "01:00:00  now       paused (lunch)",
        ),
    ],
)  # fmt: skip
def test_a_person_can_read_it(message: object, line: str):
    assert watch.describe(message) == line

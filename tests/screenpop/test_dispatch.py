"""The right card on the right screen: with the customer, the story and the note."""

import asyncio
from collections.abc import AsyncIterator, Hashable
from typing import Any, cast

import pytest

from callcenter.calls.board import Board
from callcenter.crm.contacts.models import Contact, ContactPoint
from callcenter.db import Database
from callcenter.events import (
    CallBegan,
    CallDescribed,
    CallEnded,
    CallEvent,
    ContactChanged,
    ContactsBroughtIn,
    InteractionChanged,
    LegAnswered,
    LegEnded,
    LegRang,
    QueueJoined,
    TalkBegan,
    TalkEnded,
)
from callcenter.interactions.models import Interaction, Participant
from callcenter.live.gathering import Ask
from callcenter.live.protocol import Calls, Message, Pop, PopRaised, PopWithdrawn
from callcenter.screenpop.card import Card, Cards
from callcenter.screenpop.dispatch import POP_SECONDS, Dispatch
from callcenter.screenpop.pop import Showing
from callcenter.server.identity import Identity
from tests.calls.office import NOW, PBX, move_in, user_of

TEST_LIMIT_S = 30
ALI = "0501112233"
NAMES = {1001: "Aygün", 1002: "Rəşad"}


class Screens:
    """What each person was told."""

    def __init__(self) -> None:
        self.told: list[tuple[int, Message]] = []
        self._more = asyncio.Event()

    def say(self, user_id: int, message: Message) -> None:
        self.told.append((user_id, message))
        self._more.set()

    def say_soon(self, user_id: int, _about: Hashable, ask: Ask) -> None:
        # Here every step is looked at, also those that a newer one would replace.
        if (message := ask()) is not None:
            self.say(user_id, message)

    async def next(self, user_id: int, kind: type[Any]) -> Any:
        """Return the next message of that kind to that person."""
        async with asyncio.timeout(TEST_LIMIT_S):
            while True:
                for place, (whom, message) in enumerate(self.told):
                    if whom == user_id and isinstance(message, kind):
                        del self.told[place]
                        return message
                self._more.clear()
                await self._more.wait()


class Office:
    def __init__(self, cards: Any, **options: Any) -> None:
        self.screens = Screens()
        self.board = Board(user_of)
        self.now = 100.0
        self.dispatch = Dispatch(self.screens, cards, NAMES.get, lambda: self.now, **options)
        self.board.listen(self.dispatch.changed)

    def happens(self, *events: CallEvent) -> None:
        for event in events:
            self.board.apply(event)


@pytest.fixture
async def office(database: Database) -> AsyncIterator[Office]:
    await move_in(database)
    office = Office(Cards(database, lambda _pbx: ["AZ"]))
    yield office
    await office.dispatch.close()


def began(caller: str | None = ALI, call: str = "c", **more: Any) -> CallBegan:
    return CallBegan(
        pbx=PBX, at=90.0, call=call, origin="trunk", direction="inbound", caller=caller, **more
    )


def rang(leg: str, extension: int, call: str = "c", **more: Any) -> LegRang:
    more = {"at": 95.0, "party": "agent", "endpoint": f"PJSIP/{extension}"} | more
    return LegRang(pbx=PBX, call=call, leg=leg, **more)


def leg(kind: type[Any], leg: str, call: str = "c", at: float = 98.0, **more: Any) -> Any:
    return kind(pbx=PBX, at=at, call=call, leg=leg, **more)


async def add_contact(
    database: Database, contact_id: int, name: str, number: str, company_id: int | None = None
) -> None:
    stamp = {"created_at": NOW, "updated_at": NOW}
    async with database.write() as session:
        kind = "company" if contact_id >= 100 else "person"
        session.add(Contact(id=contact_id, kind=kind, name=name, company_id=company_id, **stamp))
        await session.flush()
        norm = f"+994{number[1:]}"
        session.add(
            ContactPoint(
                id=contact_id, contact_id=contact_id, value=number, norm=norm, rev=norm[:0:-1]
            )
        )


async def add_past(database: Database, interaction_id: int, point: str, **who: Any) -> None:
    stamp = {"created_at": NOW, "updated_at": NOW}
    async with database.write() as session:
        session.add(
            Interaction(
                id=interaction_id, kind="note", start_at=NOW, owner_id=1001,
                body=f"note {interaction_id}", **stamp,
            )
        )  # fmt: skip
        await session.flush()
        session.add(
            Participant(interaction_id=interaction_id, role="from", point=point, at=NOW, **who)
        )


async def test_a_known_caller_pops_with_name_and_story_on_the_owner_of_the_phone(
    database: Database, office: Office
):
    await add_contact(database, 100, "Xəzər MMC", "0124045678")
    await add_contact(database, 7, "Əli Vəliyev", ALI, company_id=100)
    for number in range(1, 8):
        await add_past(database, number, "+994501112233", contact_id=7)
    await add_past(database, 8, "+994501112233")

    office.happens(
        began(did="0124042000"),
        QueueJoined(pbx=PBX, at=92.0, call="c", visit=0, queue="support"),
        rang("l", 1001, visit=0),
    )
    first: Pop = (await office.screens.next(1001, PopRaised)).pop
    pop: Pop = (await office.screens.next(1001, PopRaised)).pop

    assert (first.id, first.match, first.recent) == (pop.id, "one", ())
    assert (pop.match, pop.phase, pop.direction) == ("one", "ringing", "inbound")
    assert [(c.contact_id, c.name, c.company) for c in pop.candidates] == [
        (7, "Əli Vəliyev", "Xəzər MMC")
    ]
    assert (pop.e164, pop.country, pop.time_zones) == ("+994501112233", "AZ", ("Asia/Baku",))
    assert (pop.queue, pop.did) == ("support", "+994 12 404 20 00")
    assert (pop.waiting_since, pop.ringing_since, pop.talking_since) == (90.0, 95.0, None)
    assert [line.interaction_id for line in pop.recent] == [7, 6, 5, 4, 3]
    assert (pop.recent[0].note, pop.recent[0].who) == ("note 7", "Agent 1001")
    assert {user_id for user_id, _ in office.screens.told} <= {1001}
    assert office.dispatch.pops_of(1001) == (pop,)
    assert office.dispatch.pops_of(1002) == ()


async def test_a_number_of_two_contacts_names_both_and_neither_ones_story(
    database: Database, office: Office
):
    await add_contact(database, 7, "Əli", ALI)
    await add_contact(database, 8, "Vəli", ALI)
    await add_past(database, 1, "+994559999999", contact_id=7)
    await add_past(database, 2, "+994501112233")

    office.happens(began(), rang("l", 1001))
    await office.screens.next(1001, PopRaised)
    pop: Pop = (await office.screens.next(1001, PopRaised)).pop

    assert pop.match == "many"
    assert {candidate.contact_id for candidate in pop.candidates} == {7, 8}
    assert [line.interaction_id for line in pop.recent] == [2]


@pytest.mark.parametrize("caller", ["anonymous", "<unknown>", None])
async def test_a_withheld_number_matches_nobody(
    database: Database, office: Office, caller: str | None
):
    await add_contact(database, 7, "Əli", ALI)

    office.happens(began(caller, caller_name="Anonymous"), rang("l", 1001))
    pop: Pop = (await office.screens.next(1001, PopRaised)).pop

    assert (pop.match, pop.withheld, pop.number, pop.e164) == ("withheld", True, None, None)
    assert (pop.candidates, pop.recent, pop.caller_name) == ((), (), None)


async def test_the_others_learn_who_answered(office: Office):
    office.happens(began(), rang("l1", 1001), rang("l2", 1002))
    await office.screens.next(1001, PopRaised)
    await office.screens.next(1002, PopRaised)
    office.happens(
        leg(LegAnswered, "l1"), leg(LegEnded, "l2", result="cancelled"), leg(TalkBegan, "l1")
    )

    withdrawn: PopWithdrawn = await office.screens.next(1002, PopWithdrawn)
    assert (withdrawn.reason, withdrawn.by) == ("answered-by", "Aygün")
    assert (await office.screens.next(1001, PopRaised)).pop.phase == "talking"
    assert office.dispatch.pops_of(1002) == ()


async def test_a_call_between_colleagues_names_the_colleague(database: Database, office: Office):
    await add_contact(database, 7, "A customer with a short number", "01001")
    office.happens(
        CallBegan(pbx=PBX, at=90.0, call="c", origin="phone", caller="1001"),
        rang("l1", 1001, how_in="dial"),
        CallDescribed(pbx=PBX, at=91.0, call="c", direction="internal", called="1002"),
        rang("l2", 1002),
    )
    pop: Pop = (await office.screens.next(1002, PopRaised)).pop

    assert (pop.match, pop.direction, pop.caller_name) == ("internal", "internal", "Aygün")
    assert (pop.interaction_id, pop.candidates) == (None, ())
    assert office.dispatch.pops_of(1001) == ()
    assert office.dispatch.calls_of(1001)[0].title == "Rəşad"
    assert office.dispatch.calls_of(1002)[0].title == "Aygün"


async def test_what_a_person_writes_and_chooses_shows_at_once(database: Database, office: Office):
    await add_contact(database, 7, "Əli", ALI)
    await add_contact(database, 8, "Vəli", ALI)
    office.happens(began(), rang("l", 1001))
    pop: Pop = (await office.screens.next(1001, PopRaised)).pop
    assert pop.interaction_id is not None
    await add_past(database, pop.interaction_id, "+994501112233", contact_id=8, certainty="chosen")
    office.dispatch.interaction_changed(
        InteractionChanged(at=99.0, interaction_id=pop.interaction_id)
    )

    changed: Pop = (await office.screens.next(1001, PopRaised)).pop
    assert changed.id == pop.id
    assert changed.note == f"note {pop.interaction_id}"
    assert (changed.match, changed.candidates[0].name) == ("one", "Vəli")
    assert changed.candidates[0].certainty == "chosen"


async def test_a_contact_made_during_the_call_appears_on_the_pop(
    database: Database, office: Office
):
    office.happens(began(), rang("l", 1001))
    assert (await office.screens.next(1001, PopRaised)).pop.match == "none"
    await add_contact(database, 7, "Əli", ALI)
    office.dispatch.contact_changed(ContactChanged(at=99.0, contact_id=7))

    assert (await office.screens.next(1001, PopRaised)).pop.candidates[0].name == "Əli"
    async with asyncio.timeout(TEST_LIMIT_S):
        while office.dispatch.calls_of(1001)[0].title != "Əli":
            await office.screens.next(1001, Calls)


async def test_contacts_that_an_import_brought_in_appear_on_the_pops_that_are_up(
    database: Database, office: Office
):
    office.happens(began(), rang("l", 1001))
    assert (await office.screens.next(1001, PopRaised)).pop.match == "none"
    await add_contact(database, 7, "Əli", ALI)
    office.dispatch.contacts_brought_in(ContactsBroughtIn(at=99.0))

    assert (await office.screens.next(1001, PopRaised)).pop.candidates[0].name == "Əli"


async def test_the_call_bar_follows_the_call(office: Office):
    def bar(user_id: int) -> list[tuple[str, str | None]]:
        return [(call.phase, call.number) for call in office.dispatch.calls_of(user_id)]

    office.happens(began(), rang("l", 1001))
    await office.screens.next(1001, PopRaised)
    assert bar(1001) == [("ringing", "+994 50 111 22 33")]
    office.happens(leg(LegAnswered, "l"), leg(TalkBegan, "l"))
    assert bar(1001) == [("talking", "+994 50 111 22 33")]
    office.happens(
        leg(TalkEnded, "l"),
        leg(LegEnded, "l", result="answered"),
        CallEnded(pbx=PBX, at=99.0, call="c"),
    )
    assert bar(1001) == []
    told = [m for user, m in office.screens.told if user == 1001 and isinstance(m, Calls)]
    assert told[-1].calls == ()


async def test_a_click_to_call_shows_both_legs_from_the_first_ring(office: Office):
    office.happens(
        CallBegan(
            pbx=PBX, at=90.0, call="crm-i", origin="click-to-call", direction="outbound",
            crm_ref="i", called=ALI,
        ),
        rang("crm-i", 1001, call="crm-i"),
    )  # fmt: skip
    [view] = office.dispatch.calls_of(1001)
    assert (view.intent_id, view.phase, [leg.phase for leg in view.legs]) == (
        "i", "ringing", ["ringing"]
    )  # fmt: skip
    office.happens(
        leg(LegAnswered, "crm-i", call="crm-i"),
        rang("t", 0, call="crm-i", party="customer", endpoint="PJSIP/trunk"),
    )
    [view] = office.dispatch.calls_of(1001)
    assert (view.phase, [leg.phase for leg in view.legs]) == ("dialling", ["up", "ringing"])


async def test_the_time_until_the_pop_was_painted_is_measured_once(office: Office):
    anna = Identity(user_id=1001, name="Aygün", login="a", role_key="agent")
    before = _painted()
    office.happens(began(), rang("l", 1001))
    pop: Pop = (await office.screens.next(1001, PopRaised)).pop
    office.now = 95.2
    for _ in range(2):
        office.dispatch.seen(anna, pop.id, 3.0)
    office.dispatch.seen(anna, "1-2-3", 3.0)

    count, total = _painted()
    assert (count - before[0], round(total - before[1], 3)) == (1, 0.2)


def _painted() -> tuple[float, float]:
    samples = {s.name: s.value for m in POP_SECONDS.collect() for s in m.samples if not s.labels}
    return samples["callcenter_pop_seconds_count"], samples["callcenter_pop_seconds_sum"]


class Without(Cards):
    """Says who calls without a database."""

    def __init__(self) -> None:
        super().__init__(cast("Any", None), lambda _pbx: ("AZ",))


class Silent(Without):
    """A database that does not answer."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = asyncio.Event()

    async def who(self, showing: Showing) -> Card:
        self.asked.set()
        return await asyncio.get_running_loop().create_future()

    async def story(self, showing: Showing, card: Card) -> Card:
        return await self.who(showing)


class Slow(Silent):
    """A database that is busy, until it may answer."""

    def __init__(self) -> None:
        super().__init__()
        self.may_answer = asyncio.Event()

    async def who(self, showing: Showing) -> Card:
        await self.may_answer.wait()
        return Card(match="many", number=showing.number)

    async def story(self, showing: Showing, card: Card) -> Card:
        return card


async def test_a_lookup_that_never_answers_does_not_hold_the_pop_back():
    office = Office(Silent(), lookup_s=0.01, patience_s=0.02)
    office.happens(began(), rang("l", 1001))

    pop: Pop = (await office.screens.next(1001, PopRaised)).pop
    assert (pop.match, pop.number) == ("none", ALI)
    await office.dispatch.close()


async def test_a_slow_lookup_shows_the_number_first_and_then_who_it_is():
    slow = Slow()
    office = Office(slow, lookup_s=0.01)
    office.happens(began(), rang("l", 1001))
    first: Pop = (await office.screens.next(1001, PopRaised)).pop
    slow.may_answer.set()
    then: Pop = (await office.screens.next(1001, PopRaised)).pop

    assert [(pop.match, pop.number) for pop in (first, then)] == [("none", ALI), ("many", ALI)]


class Watched(Without):
    """A database that says when it was asked for the story."""

    def __init__(self) -> None:
        super().__init__()
        self.steps: list[str] = []

    async def who(self, showing: Showing) -> Card:
        asyncio.get_running_loop().call_soon(self.steps.append, "others had their turn")
        return Card(match="many", number=showing.number)

    async def story(self, showing: Showing, card: Card) -> Card:
        self.steps.append("story")
        return card


async def test_the_card_can_go_out_before_its_story_is_looked_up():
    watched = Watched()
    office = Office(watched)
    office.happens(began(), rang("l", 1001))
    await office.screens.next(1001, Calls)

    assert watched.steps == ["others had their turn", "story"]


# At once: the moment at which the number would be shown meanwhile is that of the call's end.
@pytest.mark.parametrize("lookup_s", [0.0, 10.0])
async def test_a_call_that_is_over_before_anybody_was_found_never_shows(lookup_s: float):
    silent = Silent()
    office = Office(silent, lookup_s=lookup_s)
    office.happens(began(), rang("l", 1001))
    await silent.asked.wait()
    office.happens(leg(LegEnded, "l", result="cancelled"), CallEnded(pbx=PBX, at=99.0, call="c"))
    # The rest of this turn of the loop.
    await asyncio.sleep(0)
    await office.dispatch.close()

    assert [m for _, m in office.screens.told if isinstance(m, PopRaised | PopWithdrawn)] == []

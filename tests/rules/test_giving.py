"""What comes in is given to somebody who is there, passed on, and escalated when nobody begins."""

from callcenter.agents.models import Team, User
from callcenter.events import RequestSettled
from callcenter.rules.models import Assignment
from callcenter.rules.shapes import Assign
from callcenter.rules.terms import INTENT
from tests.fixtures.customers import NOW
from tests.rules.conftest import Rules


async def test_it_is_given_in_turn_to_those_who_are_there(rules: Rules) -> None:
    leyla, rauf = await rules.person("Leyla"), await rules.person("Rauf")
    away = await rules.person("Away", "off")
    await rules.rule(Assign(team_id=rules.team.id))

    owners = []
    for _each in range(4):
        lead = await rules.lead()
        await rules.run()
        rules.now = rules.now.replace(microsecond=0) + (rules.now - rules.now)
        await rules.due(seconds=1)
        owners.append(await rules.owner(lead))

    assert away.id not in owners
    assert (owners.count(leyla.id), owners.count(rauf.id)) == (2, 2)
    assert await rules.told("assigned_lead") == owners


async def test_by_load_it_goes_to_who_has_the_fewest_open_ones(rules: Rules) -> None:
    leyla, rauf = await rules.person("Leyla"), await rules.person("Rauf")
    for _each in range(2):
        await rules.desk.add(owner_id=leyla.id)
    await rules.run()
    await rules.rule(Assign(team_id=rules.team.id, how="load"))

    lead = await rules.lead()
    await rules.run()

    assert await rules.owner(lead) == rauf.id


async def test_who_does_not_begin_in_time_loses_it_to_the_next_then_the_head_hears(
    rules: Rules,
) -> None:
    leyla, rauf = await rules.person("Leyla"), await rules.person("Rauf")
    head = await rules.office.user("Head")
    async with rules.office.database.write() as session:
        team = await session.get_one(type(rules.team), rules.team.id)
        team.head_id = head.id
    await rules.rule(Assign(team_id=rules.team.id, take_within_min=10))
    lead = await rules.lead()
    await rules.run()
    first = await rules.owner(lead)

    await rules.due(minutes=9)
    assert await rules.owner(lead) == first
    await rules.due(minutes=2)
    second = await rules.owner(lead)
    await rules.due(minutes=11)

    assert {first, second} == {leyla.id, rauf.id}
    assert await rules.told("escalated") == [head.id]
    assert await rules.assignments() == [(first, "passed"), (second, "passed"), (None, None)]
    escalated = [row for row in await rules.changes(lead) if row.action == "escalate"]
    assert [row.notable for row in escalated] == [True]


async def test_who_has_begun_keeps_it(rules: Rules) -> None:
    rules.desk.anna = await rules.person("Leyla")
    await rules.rule(Assign(team_id=rules.team.id, take_within_min=10))
    lead = await rules.lead()
    await rules.run()
    await rules.desk.change(lead, interest="warm")
    await rules.due(minutes=11)

    assert await rules.owner(lead) == rules.desk.anna.id
    assert await rules.assignments() == [(rules.desk.anna.id, "taken")]


async def test_what_nobody_is_there_for_is_told_and_given_to_who_comes(rules: Rules) -> None:
    leyla = await rules.person("Leyla", "off")
    head = await rules.office.user("Head")
    async with rules.office.database.write() as session:
        team = await session.get_one(type(rules.team), rules.team.id)
        team.head_id = head.id
    await rules.rule(Assign(team_id=rules.team.id))
    lead = await rules.lead()
    await rules.run()
    assert await rules.told("escalated") == [head.id]

    await rules.due(seconds=31)
    assert await rules.owner(lead) is None
    rules.at[leyla.id] = "ready"
    await rules.due(seconds=31)

    assert await rules.owner(lead) == leyla.id
    assert await rules.told("escalated") == [head.id]


async def test_a_form_rings_who_is_free_and_the_next_if_he_does_not_pick_up(rules: Rules) -> None:
    leyla, rauf = await rules.person("Leyla"), await rules.person("Rauf")
    busy = await rules.person("Busy", "talking")
    await rules.rule(Assign(team_id=rules.team.id, ring=True))
    lead = await rules.lead(phone="+994502223344")
    await rules.run()
    await rules.due()
    ((first, number),) = rules.rung
    (given,) = await rules.all(Assignment)

    rules.at[first] = "not-responding"
    settled = RequestSettled(
        at=0, intent_id=f"{INTENT}{given.id}", user_id=first, status="refused",
        problem="agent-no-answer",
    )  # fmt: skip
    await rules.terms.settled(settled)
    await rules.terms.settled(settled)
    await rules.due()

    assert number == "+994502223344"
    assert {user_id for user_id, _number in rules.rung} == {leyla.id, rauf.id}
    assert len(rules.rung) == 2
    assert busy.id not in {user_id for user_id, _number in rules.rung}
    assert await rules.owner(lead) == rules.rung[1][0]


async def test_who_has_no_phone_is_passed_over(rules: Rules) -> None:
    leyla = await rules.person("Leyla")
    rules.without_phone.add(leyla.id)
    await rules.rule(Assign(team_id=rules.team.id, ring=True))
    await rules.lead(phone="+994502223344")
    await rules.run()
    await rules.due()

    assert await rules.assignments() == [(leyla.id, "passed"), (None, None)]


async def test_nothing_is_given_or_told_to_people_who_have_left(sqlite_rules: Rules) -> None:
    rules = sqlite_rules
    gone, head, above = [await rules.office.user(name) for name in ("Gone", "Head", "Above")]
    upper = Team(id=8, name="All", queue_names=[], head_id=above.id, created_at=NOW, updated_at=NOW)
    await rules.office._add(upper)
    async with rules.office.database.write() as session:
        team = await session.get_one(Team, rules.team.id)
        team.head_id, team.parent_id = head.id, upper.id
        for user in (gone, head):
            (await session.get_one(User, user.id)).active = False
    await rules.rule(Assign(user_id=gone.id, team_id=team.id))

    lead = await rules.lead()
    await rules.run()

    assert await rules.owner(lead) is None
    assert await rules.told("escalated") == [above.id]

"""A move that has to be approved waits for somebody who may, and each approval is for one entry."""

from typing import Any

import msgspec
import pytest

from callcenter.agents import roles
from callcenter.errors import BadInput, NotAllowed
from callcenter.leads.models import Lead
from callcenter.process import approvals
from callcenter.server.i18n import translate_to
from tests.fixtures.customers import NOW, by, signed_in
from tests.leads.conftest import desk
from tests.leads.desk import Desk

__all__ = ["desk"]


async def ask(desk: Desk, lead: Lead, key: str = "qualified") -> Any:
    async with desk.office.database.write() as session:
        who, row = signed_in(desk.anna), ("lead", lead.id, lead.subject)
        return await approvals.ask(session, row, desk.stage(key), who, NOW, by(desk.anna))


async def decide(
    desk: Desk, approval: Any, decision: str, comment: str = "", *, may: bool = True
) -> None:
    flags = frozenset({approvals.FLAG}) if may else frozenset()
    async with desk.office.database.write() as session:
        found = await session.get_one(approvals.Approval, approval.id)
        row = ("lead", found.entity_id, "A boiler")
        who = msgspec.structs.replace(signed_in(desk.anna), flags=flags)
        await approvals.decide(session, found, row, decision, comment, who, NOW, by(desk.anna))


@pytest.fixture
async def strict(desk: Desk) -> Desk:
    """Qualified is entered with an approval only, and Boss may give it."""
    await desk.make_strict("qualified", approval=True)
    async with desk.office.database.write() as session:
        known = await roles.seed(session, NOW)
    await desk.office.user("Boss", role_id=known["supervisor"].id)
    return desk


async def test_a_row_enters_once_it_was_approved(strict: Desk) -> None:
    lead = await strict.add()
    with pytest.raises(BadInput) as refused:
        await strict.change(lead, stage_id=strict.stage("qualified"))
    await decide(strict, await ask(strict, lead), "approved")

    lead = await strict.change(lead, stage_id=strict.stage("qualified"))

    assert translate_to("en", refused.value.fields["stage_id"]).endswith("get it approved.")
    assert lead.stage_id == strict.stage("qualified")


async def test_an_approval_is_for_one_entry(strict: Desk) -> None:
    lead = await strict.add()
    await decide(strict, await ask(strict, lead), "approved")
    await strict.change(lead, stage_id=strict.stage("qualified"))
    await strict.change(lead, stage_id=strict.stage("new"))

    with pytest.raises(BadInput):
        await strict.change(lead, stage_id=strict.stage("qualified"))


async def test_what_was_refused_says_why_and_can_be_asked_again(strict: Desk) -> None:
    lead = await strict.add()
    first = await ask(strict, lead)
    with pytest.raises(BadInput, match="Some fields"):
        await ask(strict, lead)
    with pytest.raises(BadInput) as silent:
        await decide(strict, first, "refused")
    await decide(strict, first, "refused", "No budget is named.")
    await decide(strict, await ask(strict, lead), "approved")

    assert silent.value.fields == {"comment": approvals.SAY_WHY}
    async with strict.office.database.read() as session:
        told = await approvals.of(session, "lead", lead.id)
    assert [one.approval.decision for one in told] == ["approved", "refused"]
    assert told[1].approval.comment == "No budget is named."


async def test_who_may_not_approve_does_not(strict: Desk) -> None:
    lead = await strict.add()
    approval = await ask(strict, lead)

    with pytest.raises(NotAllowed):
        await decide(strict, approval, "approved", may=False)


async def test_nothing_is_asked_where_nobody_may_answer(desk: Desk) -> None:
    await desk.make_strict("qualified", approval=True)

    with pytest.raises(BadInput) as refused:
        await ask(desk, await desk.add())
    assert refused.value.fields == {"": approvals.NOBODY}

"""Leads are kept like any entity, and go through the stages of their pipeline."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from callcenter.audit import Audit
from callcenter.crm.contacts.models import Contact
from callcenter.entity import files, saving
from callcenter.entity.files import Folder
from callcenter.errors import BadInput
from callcenter.server.body import MISSING
from callcenter.server.i18n import translate_to
from tests.fixtures.customers import NOW
from tests.leads.desk import Desk


async def test_a_new_lead_stands_in_the_first_stage_and_has_a_number(desk: Desk) -> None:
    lead = await desk.add()

    assert (lead.number, lead.stage_id) == ("L-2026-00001", desk.stage("new"))
    assert (lead.channel, lead.interest, lead.stage_at) == ("other", "unknown", NOW)
    assert await desk.events(lead) == [(None, "new")]


async def test_each_move_is_remembered(desk: Desk) -> None:
    lead = await desk.add()
    await desk.change(lead, stage_id=desk.stage("contacted"))
    lead = await desk.change(lead, stage_id=desk.stage("converted"))

    assert lead.closed_at == NOW
    assert await desk.events(lead) == [
        (None, "new"), ("new", "contacted"), ("contacted", "converted"),
    ]  # fmt: skip
    lead = await desk.change(lead, stage_id=desk.stage("qualified"))
    assert lead.closed_at is None


async def test_what_a_strict_process_lacks_is_said_in_the_readers_language(desk: Desk) -> None:
    await desk.make_strict("contacted", fields=["amount"], documents=1)
    lead = await desk.add()

    with pytest.raises(BadInput) as refused:
        await desk.change(lead, stage_id=desk.stage("qualified"))

    sentence = refused.value.fields["stage_id"]
    assert translate_to("en", sentence) == (
        "Before it can stand in “Qualified”: fill in “Amount”; attach files (at least 1)."
    )
    assert "«Интерес подтверждён»" in translate_to("ru", sentence)
    assert await desk.events(lead) == [(None, "new")]


async def test_what_is_missing_may_come_with_the_move_itself(desk: Desk) -> None:
    await desk.make_strict("contacted", fields=["amount"])
    lead = await desk.add()

    lead = await desk.change(lead, stage_id=desk.stage("contacted"), amount=5_000)
    assert lead.stage_id == desk.stage("contacted")
    with pytest.raises(BadInput) as refused:
        await desk.change(lead, amount=None)
    assert translate_to("en", refused.value.fields["amount"]).startswith("“Contacted” needs this.")


async def test_a_lead_leaves_its_stage_only_for_another(desk: Desk) -> None:
    lead = await desk.add()

    for name in ("stage_id", "pipeline_id"):
        with pytest.raises(BadInput) as refused:
            await desk.change(lead, **{name: None})
        assert refused.value.fields == {name: MISSING}
    assert await desk.events(lead) == [(None, "new")]


async def test_a_file_of_a_lead_stands_in_the_history_of_its_contact(
    desk: Desk, tmp_path: Path
) -> None:
    zoe = await desk.office.contact("Zoë")
    lead = await desk.add(contact_id=zoe.id)

    async with desk.office.database.write() as session:
        await files.attach(desk.deed(session), lead.id, Folder(tmp_path), "plan.pdf", b"plan")
        attached = select(Audit.contact_id).where(Audit.action == "attach")
        assert await session.scalar(attached) == zoe.id


async def test_what_is_lost_has_a_reason(desk: Desk) -> None:
    lead = await desk.add()

    with pytest.raises(BadInput) as refused:
        await desk.change(lead, stage_id=desk.stage("lost"))
    assert set(refused.value.fields) == {"lost_reason_id"}


async def test_a_lead_is_bound_to_the_one_contact_that_has_its_number_and_address(
    desk: Desk,
) -> None:
    zoe = await desk.office.contact("Zoë Müller", "+994502345678", email="zoe@example.az")
    await desk.office.contact("Ali Vəliyev", "+994502345678")

    assert (await desk.add(email="zoe@example.az")).contact_id == zoe.id
    assert (await desk.add(phone="+994502345678", email="zoe@example.az")).contact_id == zoe.id
    # Two have the number, and nobody the address: nobody guesses.
    shared = await desk.add(phone="+994502345678", email="other@example.az", person="Ali")
    assert (shared.contact_id, shared.person) == (None, "Ali")
    # What is known of him stays as he has it.
    assert zoe.name == "Zoë Müller"


async def test_a_customer_is_one_since_the_day_on_our_own_calendar(desk: Desk) -> None:
    zoe = await desk.office.contact("Zoë Müller")
    lead = await desk.add(contact_id=zoe.id)
    # It is one in the morning in Baku.
    at = NOW.replace(hour=21)

    async with desk.office.database.write() as session:
        deed = replace(desk.deed(session), at=at)
        await saving.change(deed, lead.id, {"stage_id": desk.stage("converted")}, None)
        since = (await session.get_one(Contact, zoe.id)).customer_since

    assert since == NOW.date() + timedelta(days=1)


async def test_a_won_lead_makes_a_customer_and_taking_it_back_undoes_that(desk: Desk) -> None:
    zoe = await desk.office.contact("Zoë Müller", lifecycle="prospect")
    first, second = [await desk.add(contact_id=zoe.id) for _ in range(2)]

    async def contact() -> tuple[bool, str | None, bool]:
        async with desk.office.database.read() as session:
            row = await session.get_one(Contact, zoe.id)
            return row.is_customer, row.lifecycle, row.customer_since is not None

    await desk.change(first, stage_id=desk.stage("converted"))
    await desk.change(second, stage_id=desk.stage("converted"))
    assert await contact() == (True, "customer", True)

    await desk.change(first, stage_id=desk.stage("qualified"))
    assert await contact() == (True, "customer", True)  # the other one is still won
    await desk.change(second, stage_id=desk.stage("qualified"))
    assert await contact() == (False, "prospect", False)


async def test_a_stranger_who_asked_twice_becomes_one_contact_with_both(desk: Desk) -> None:
    first, second = [await desk.add(person="Zoë", phone="+994502345678") for _ in range(2)]

    (won,) = await desk.win(first)
    second = await desk.stored(second)

    assert won.contact_id is not None
    assert second.contact_id == won.contact_id
    await desk.win(second)
    assert await desk.office.database.fetch("SELECT count(*) FROM contact") == [(1,)]


async def test_who_has_become_a_contact_meanwhile_is_not_made_again(desk: Desk) -> None:
    lead = await desk.add(person="Zoë", phone="+994502345678")
    zoe = await desk.office.contact("Zoë Müller", "+994502345678")

    (won,) = await desk.win(lead)

    assert won.contact_id == zoe.id


async def test_which_of_several_it_is_somebody_says_before_it_is_won(desk: Desk) -> None:
    lead = await desk.add(person="Zoë", phone="+994502345678")
    zoe = await desk.office.contact("Zoë Müller", "+994502345678")
    await desk.office.contact("Ali Vəliyev", "+994502345678")

    with pytest.raises(BadInput) as refused:
        await desk.win(lead)
    await desk.change(lead, contact_id=zoe.id)

    assert set(refused.value.fields) == {"contact_id"}
    assert [one.contact_id for one in await desk.win(lead)] == [zoe.id]

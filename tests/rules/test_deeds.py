"""What rules do: to the row, and to its customer; once, and never against what he wants."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select, update

from callcenter.crm.contacts.models import ContactPoint
from callcenter.db import new_id
from callcenter.entity import sharing
from callcenter.entity.models import Tag, Tagging
from callcenter.interactions.models import Interaction
from callcenter.leads import clock
from callcenter.leads.models import Lead
from callcenter.mail.models import Letter, MailAccount, Template
from callcenter.rules.calling import Calling
from callcenter.rules.reaching import CALL
from callcenter.rules.shapes import CallBack, Involve, MakeLead, Mark, Move, SendLetter, SendSms
from tests.fixtures.customers import NOW
from tests.rules.conftest import Rules


async def mailbox(rules: Rules) -> MailAccount:
    return await rules.office._add(
        MailAccount(
            id=new_id(NOW.timestamp()), name="Info", sender="Dalğa", address="info@dalga.example",
            created_at=NOW, updated_at=NOW,
        )
    )  # fmt: skip


async def template(rules: Rules, **facts: Any) -> Template:
    texts = {
        "en": {"subject": "Thank you, {{contact.name}}", "body": "We call back. {{company.name}}"},
        "az": {"subject": "Təşəkkürlər", "body": "Zəng edəcəyik."},
    }
    return await rules.office._add(
        Template(
            id=new_id(NOW.timestamp()), name="Thanks", texts=texts, created_at=NOW, updated_at=NOW,
            **facts,
        )
    )  # fmt: skip


async def reads(rules: Rules, **facts: Any) -> SendLetter:
    account, text = await mailbox(rules), await template(rules, **facts)
    return SendLetter(template_id=text.id, account_id=account.id)


async def errors(rules: Rules) -> list[str]:
    return [run.error or "" for run in await rules.runs() if run.status == "failed"]


async def test_a_letter_goes_to_who_asks_once_and_is_no_answer_of_a_person(
    sqlite_rules: Rules,
) -> None:
    rules = sqlite_rules
    await rules.rule(await reads(rules))
    lead = await rules.lead(person="Zoë", email="zoe@example.az")
    await rules.run()
    rules.follower = rules.another_node()
    await rules.run()

    (letter,) = await rules.all(Letter)
    (row,) = await rules.all(Interaction)
    assert letter.addresses["to"] == ["zoe@example.az"]
    assert (letter.state, letter.automatic) == ("waiting", True)
    assert (row.subject, row.body) == ("Thank you, Zoë", "We call back. Dalğa")
    assert row.lead_id == lead.id
    assert len(await rules.jobs("letter")) == 1
    # Its term runs on: nobody of ours has answered yet.
    async with rules.office.database.write() as session:
        assert await clock.settle(session, [lead.id]) == []


async def test_a_letter_is_written_in_the_language_of_its_reader(sqlite_rules: Rules) -> None:
    rules = sqlite_rules
    zoe = await rules.office.contact("Zoya", email="zoya@example.az", language="az")
    await rules.rule(await reads(rules))
    await rules.lead(contact_id=zoe.id)
    await rules.run()

    (row,) = await rules.all(Interaction)
    assert row.subject == "Təşəkkürlər"


async def test_who_wants_no_offers_is_sent_none_and_the_log_says_so(sqlite_rules: Rules) -> None:
    rules = sqlite_rules
    zoe = await rules.office.contact("Zoya", "0502345678", email="zoya@example.az")
    async with rules.office.database.write() as session:
        await session.execute(update(ContactPoint).values(opted_out_at=NOW))
    await rules.rule(await reads(rules, is_offer=True))
    await rules.rule(SendSms(text="Hello"))
    await rules.lead(contact_id=zoe.id)
    await rules.run()

    assert await rules.all(Interaction) == []
    assert await rules.jobs("letter") == await rules.jobs("sms") == []
    said = await errors(rules)
    assert len(said) == 2
    assert any("zoya@example.az wants no such letters" in each for each in said)
    assert "The customer wants to be told nothing." in said


async def test_no_program_answers_a_program(sqlite_rules: Rules) -> None:
    rules = sqlite_rules
    account, text = await mailbox(rules), await template(rules)
    zoe = await rules.office.contact("Zoya", email="zoya@example.az")
    row = await rules.interaction(kind="email", contact=zoe, direction="in")
    await rules.office._add(
        Letter(
            interaction_id=row.id, account_id=account.id, message_id="<1@x>", state="received",
            at=NOW, state_at=NOW, automatic=True,
        )
    )  # fmt: skip
    await rules.rule(
        SendLetter(template_id=text.id, account_id=account.id),
        entity="interaction", trigger="changed",
    )  # fmt: skip
    await rules.change(row, subject="Out of office")
    await rules.run()

    assert await errors(rules) == ["A letter that a program wrote is not answered by a program."]
    assert len(await rules.all(Letter)) == 1


async def test_an_sms_goes_to_the_number_that_works(sqlite_rules: Rules) -> None:
    rules = sqlite_rules
    await rules.rule(SendSms(text="Dear {{contact.name}}, we call back."))
    lead = await rules.lead(person="Zoë", phone="+994502345678")
    await rules.run()

    (job,) = await rules.jobs("sms")
    assert (job.payload["to"], job.payload["text"]) == (
        "+994502345678", "Dear Zoë, we call back.",
    )  # fmt: skip
    (row,) = await rules.all(Interaction)
    assert (row.kind, row.direction, row.lead_id) == ("sms", "out", lead.id)
    async with rules.office.database.write() as session:
        assert await clock.settle(session, [lead.id]) == []


async def test_what_cannot_be_sent_is_said_and_nothing_is_done(sqlite_rules: Rules) -> None:
    rules = sqlite_rules
    await rules.rule(SendSms(text="Hello"), CallBack())
    await rules.lead(person="Zoë")
    rules.has_sms = False
    await rules.lead(phone="+994502345678")
    await rules.run()

    assert await errors(rules) == ["No SMS provider is set up. Name one in the settings first."] * 2
    rules.has_sms = True
    await rules.lead(person="Zoë")
    await rules.run()
    assert "No phone number is known." in await errors(rules)
    assert await rules.all(Interaction) == []


async def test_a_call_is_planned_and_placed_at_its_time_if_its_person_is_free(
    sqlite_rules: Rules,
) -> None:
    rules = sqlite_rules
    boss = await rules.person("Boss")
    await rules.rule(CallBack(subject="Offer", after_min=30, whom=str(boss.id), ring=True))
    await rules.lead(phone="+994502345678")
    await rules.run()

    (row,) = await rules.all(Interaction)
    assert (row.kind, row.status, row.owner_id) == ("call", "planned", boss.id)
    assert row.start_at == row.remind_at == NOW + timedelta(minutes=30)
    calling = Calling(rules.office.database, lambda: rules.now, rules._state_of, rules._place)
    await rules.do(CALL, calling.place)
    assert rules.rung == []
    rules.at[boss.id] = "on-call"
    await rules.do(CALL, calling.place, minutes=31)
    assert rules.rung == []
    rules.at[boss.id] = "ready"
    await rules.do(CALL, calling.place, minutes=1)
    assert rules.rung == [(boss.id, "+994502345678")]
    await rules.do(CALL, calling.place, minutes=5)
    assert len(rules.rung) == 1


async def test_a_planned_call_that_was_made_meanwhile_is_not_placed(sqlite_rules: Rules) -> None:
    rules = sqlite_rules
    boss = await rules.person("Boss")
    await rules.rule(CallBack(after_min=30, whom=str(boss.id), ring=True))
    await rules.lead(phone="+994502345678")
    await rules.run()
    async with rules.office.database.write() as session:
        await session.execute(update(Interaction).values(status="held"))

    calling = Calling(rules.office.database, lambda: rules.now, rules._state_of, rules._place)
    await rules.do(CALL, calling.place, minutes=31)

    assert rules.rung == []


async def test_a_lead_is_made_of_an_interaction_that_belongs_to_none(sqlite_rules: Rules) -> None:
    rules = sqlite_rules
    zoe = await rules.office.contact("Zoya", "0502345678")
    await rules.rule(MakeLead(), entity="interaction", trigger="changed")
    row = await rules.interaction(kind="meeting", contact=zoe)
    await rules.change(row, subject="Wants a boiler")
    await rules.run()
    await rules.change(row, subject="Wants two boilers")
    await rules.run()

    (lead,) = await rules.all(Lead)
    assert (lead.subject, lead.contact_id, lead.channel) == ("Wants a boiler", zoe.id, "visit")
    stored = await rules.stored(Interaction, row.id)
    assert stored.lead_id == lead.id
    # Ids of one moment may begin anew at 0, so the order of runs is not asked.
    assert sorted(run.steps[0]["changed"] for run in await rules.runs()) == [False, True]


async def test_a_tag_is_put_on_and_taken_off(sqlite_rules: Rules) -> None:
    rules = sqlite_rules
    await rules.rule(Mark(name="VIP"), entity="contact")
    await rules.rule(
        Mark(name="vip", remove=True), entity="contact", trigger="changed", trigger_fields=["city"]
    )
    zoe = await rules.contact("Zoya")
    await rules.run()
    async with rules.office.database.read() as session:
        held = select(Tag.name).join(Tagging).where(Tagging.entity_id == zoe.id)
        assert list(await session.scalars(held)) == ["VIP"]

    await rules.change(zoe, "contact", city="Bakı")
    await rules.run()
    assert await rules.all(Tagging) == []


async def test_what_a_strict_process_refuses_a_rule_may_not_do_either(sqlite_rules: Rules) -> None:
    rules = sqlite_rules
    desk = rules.desk
    await desk.make_strict("qualified", fields=["amount"])
    stage = desk.stage("qualified")
    await rules.rule(Move(stage_id=stage), trigger="changed")
    lead = await rules.lead()
    await desk.change(lead, subject="Two boilers")
    await rules.run()

    (said,) = await errors(rules)
    assert "Before it can stand in" in said
    assert "stage_id" in said
    await desk.change(lead, amount=7)
    await rules.run()
    assert (await rules.stored(Lead, lead.id)).stage_id == stage


async def test_who_works_on_it_is_added_and_taken_out(sqlite_rules: Rules) -> None:
    rules = sqlite_rules
    boss = await rules.person("Boss")
    await rules.rule(Involve(user_id=boss.id))
    await rules.rule(Involve(user_id=boss.id, remove=True), trigger="changed")
    lead = await rules.lead()
    await rules.run()

    async def involved() -> list[int]:
        registry = rules.desk.registry
        async with rules.office.database.read() as session:
            shares = await sharing.shares_of(session, registry["lead"], lead.id)
            return [one.user_id for one in shares if one.user_id is not None]

    assert await involved() == [boss.id]
    await rules.desk.change(lead, subject="Two boilers")
    await rules.run()
    assert await involved() == []

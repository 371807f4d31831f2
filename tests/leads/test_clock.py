"""When a lead has to be answered, and what answers it."""

from datetime import datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from callcenter.crm.contacts.models import Contact
from callcenter.db import new_id
from callcenter.interactions.models import Interaction, Participant
from callcenter.leads import clock
from callcenter.leads.models import Lead
from tests.fixtures.customers import NOW, Office
from tests.leads.desk import Desk

HOUR = timedelta(hours=1)


async def said(office: Office, contact: Contact | None, at: datetime, **facts: Any) -> Interaction:
    row = Interaction(
        id=new_id(at.timestamp()), start_at=at, created_at=at, updated_at=at,
        **({"kind": "meeting", "status": "held"} | facts),
    )  # fmt: skip
    async with office.database.write() as session:
        session.add(row)
        await session.flush()
        if contact is not None:
            session.add(
                Participant(interaction_id=row.id, role="attendee", contact_id=contact.id, at=at)
            )
    return row


async def answered(office: Office, lead: Lead) -> datetime | None:
    async with office.database.write() as session:
        await clock.settle(session, [lead.id])
    async with office.database.read() as session:
        return (await session.get_one(Lead, lead.id)).first_response_at


async def test_a_lead_is_to_be_answered_within_the_working_time_of_its_pipeline(
    desk: Desk,
) -> None:
    lead = await desk.add()

    # It came on a Sunday; Monday's work begins at nine in Baku, and the pipeline gives half an hour.
    assert lead.respond_by == datetime.fromisoformat("2026-11-23T05:30:00+00:00")
    assert (await desk.add(channel="import")).respond_by is None


#: What is said, and whether it answers.
SAID: list[tuple[dict[str, Any], bool]] = [
    ({"kind": "meeting"}, True),
    ({"kind": "email", "direction": "out"}, True),
    ({"kind": "email", "direction": "in"}, False),  # he wrote again
    ({"kind": "meeting", "status": "planned"}, False),  # it has not taken place
    ({"kind": "meeting", "status": "missed"}, False),
    ({"kind": "note"}, False),  # nobody was talked with
    ({"kind": "task"}, False),
    ({"kind": "call", "direction": "out"}, True),
    ({"kind": "call", "direction": "out", "status": "missed"}, False),
]


async def test_what_answers_a_lead(desk: Desk) -> None:
    for facts, answers in SAID:
        contact = await desk.office.contact("Zoë Müller")
        lead = await desk.add(contact_id=contact.id)

        await said(desk.office, contact, NOW - HOUR, **facts)
        assert await answered(desk.office, lead) is None, facts
        await said(desk.office, contact, NOW + HOUR, **facts)
        assert await answered(desk.office, lead) == (NOW + HOUR if answers else None), facts


async def test_a_call_to_us_answers_if_somebody_took_it(desk: Desk) -> None:
    office = desk.office
    contact = await office.contact("Zoë Müller")
    lead = await desk.add(contact_id=contact.id)
    voicemail, talk = [
        await office.call("+994502345678", at=NOW + hours * HOUR, result=result)
        for hours, result in ((1, "voicemail"), (2, "answered"))
    ]
    async with office.database.write() as session:
        for call in (voicemail, talk):
            (await session.get_one(Interaction, call.id)).status = "held"
            (await session.get_one(Participant, (call.id, "from", 0))).contact_id = contact.id

    assert await answered(office, lead) == NOW + 2 * HOUR


async def test_who_is_on_the_line_as_the_lead_is_made_is_answered(desk: Desk) -> None:
    lead = await desk.add(person="Somebody")
    await said(desk.office, None, NOW - HOUR, kind="call", direction="in", lead_id=lead.id)

    assert await answered(desk.office, lead) == lead.created_at


Fact = tuple[str, str | None, str, int]
FACTS = st.lists(
    st.tuples(
        st.sampled_from(("meeting", "email", "note")),
        st.sampled_from(("in", "out", None)),
        st.sampled_from(("held", "planned")),
        st.integers(-3, 6),
    ),
    max_size=4,
)


def expected(facts: list[Fact]) -> int | None:
    """Say in other words what answers: the first talk, or letter of ours, since the lead came."""
    counts = [
        hour
        for kind, direction, status, hour in facts
        if status == "held" and hour >= 0
        and (kind == "meeting" or (kind == "email" and direction == "out"))
    ]  # fmt: skip
    return min(counts, default=None)


async def test_the_first_answer_is_the_same_in_whatever_order_it_is_heard(desk: Desk) -> None:
    drawn: list[list[Fact]] = []

    @settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
    @given(FACTS)
    def draw(facts: list[Fact]) -> None:
        drawn.append(facts)

    draw()
    for facts in drawn:
        contact = await desk.office.contact("Zoë Müller")
        lead = await desk.add(contact_id=contact.id)
        heard = None
        for kind, direction, status, hour in facts:
            at = NOW + hour * HOUR
            await said(desk.office, contact, at, kind=kind, direction=direction, status=status)
            heard = await answered(desk.office, lead)
        first = expected(facts)
        assert heard == (None if first is None else NOW + first * HOUR), facts


async def test_rounds_find_what_nobody_told_of(desk: Desk) -> None:
    contact = await desk.office.contact("Zoë Müller")
    lead, other = await desk.add(contact_id=contact.id), await desk.add()
    talk = await said(desk.office, contact, NOW + HOUR)

    async with desk.office.database.read() as session:
        assert await clock.waiting(session, NOW + 2 * HOUR) == [lead.id]
    assert await clock.touched(desk.office.database, talk.id) == [lead.id]
    assert other.first_response_at is None

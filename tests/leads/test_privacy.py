"""Who is forgotten is forgotten in his inquiries, too, and in what he sent by a form."""

from sqlalchemy import select

from callcenter.crm.privacy.erasing import erase
from callcenter.db import new_id
from callcenter.entity.models import File
from callcenter.leads.models import Lead
from callcenter.leads.webforms.models import Submission, WebForm
from tests.fixtures.customers import NOW, by
from tests.leads.desk import Desk


async def test_nothing_that_says_who_asked_is_left(desk: Desk) -> None:
    zoe = await desk.office.contact("Zoë Müller", "+994502345678")
    lead = await desk.add(
        contact_id=zoe.id, person="Zoë M.", phone="+994502345678", email="zoe@example.az",
        message="Zoë wants a boiler", amount=5_000,
    )  # fmt: skip
    made = {"created_at": NOW, "updated_at": NOW}
    async with desk.office.database.write() as session:
        form = WebForm(id=1, key="k", name="Site", secret="s", **made)
        session.add(form)
        await session.flush()
        session.add_all((
            Submission(
                id=2, form_id=1, at=NOW, status="made", lead_id=lead.id, ip="192.0.2.7",
                language="en", sent={"person": "Zoë M."}, utm={"page": "/zoe"},
            ),
            File(
                id=new_id(0), entity="lead", entity_id=lead.id, name="zoe.pdf", mime="x/y", size=1,
                sha256="ab", created_at=NOW,
            ),
        ))  # fmt: skip

    async with desk.office.database.write() as session:
        erased = await erase(session, zoe.id, NOW, by(desk.anna))

    async with desk.office.database.read() as session:
        kept = await session.get_one(Lead, lead.id)
        sent = await session.get_one(Submission, 2)
        files = list(await session.scalars(select(File)))
    assert (kept.person, kept.phone, kept.email, kept.message) == (None, None, None, None)
    assert kept.amount == 5_000
    assert (sent.sent, sent.utm, sent.ip, sent.status) == ({}, {}, "", "made")
    assert (files, erased.files) == ([], ["ab"])

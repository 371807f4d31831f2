"""Two contacts become one, nothing is lost, and it can be undone as far as nobody changed it since."""

from typing import Any

import pytest
from sqlalchemy import delete, select, update

from callcenter.audit import Audit
from callcenter.crm.contacts.models import Contact, ContactPoint, Relationship
from callcenter.crm.duplicates.models import Duplicate
from callcenter.crm.linker import link
from callcenter.crm.merging.forwarding import winner_of
from callcenter.crm.merging.undo import (
    FIELD_STAYS,
    FILTERS,
    OWN_FIELDS,
    ROWS_LOST,
    ROWS_STAY,
    WORDS,
    Kept,
)
from callcenter.db import new_id
from callcenter.entity.models import CustomField, Option, View
from callcenter.entity.rights import in_trash
from callcenter.entity.saving import restore
from callcenter.errors import (
    BadInput,
    MergedAlready,
    MergedMeanwhile,
    MergedOn,
    NotFound,
    UndoneAlready,
)
from callcenter.interactions.models import Participant
from callcenter.interactions.timeline import of_contact
from callcenter.leads.models import Lead
from callcenter.rules.models import Automation
from tests.crm.merging.office import REGISTRY, merging
from tests.fixtures.customers import NOW, Office, signed_in

ZOE, HOME, WORK = "+994502345678", "+994125551234", "+994557654321"


async def contact(office: Office, contact_id: int) -> Contact:
    async with office.database.read() as session:
        return await session.get_one(Contact, contact_id)


async def numbers(office: Office, contact_id: int) -> list[str]:
    """Return a contact's numbers in their order."""
    async with office.database.read() as session:
        query = select(ContactPoint.norm).where(ContactPoint.contact_id == contact_id)
        return list(await session.scalars(query.order_by(ContactPoint.position)))


async def callers(office: Office) -> dict[int, int | None]:
    """Return whose each call is."""
    async with office.database.read() as session:
        query = select(Participant.interaction_id, Participant.contact_id).where(
            Participant.role == "from"
        )
        return {row.interaction_id: row.contact_id for row in await session.execute(query)}


async def test_the_winner_has_all_that_was_the_losers(office: Office) -> None:
    done = await merging(office)
    nar = await office.contact("Nar MMC", kind="company")
    winner = await office.contact("Zoya Quliyeva", ZOE, HOME, city="Bakı")
    loser = await office.contact(
        "Zoya Guliyeva", WORK, ZOE, title="Direktor", city="Gəncə", company_id=nar.id
    )
    person = await office.contact("Kamran", company_id=loser.id)
    call = await office.call(WORK)
    await link(office.database, [call.id])

    made = await done.merge(winner.id, loser.id, city="loser")

    kept, gone = await contact(office, winner.id), await contact(office, loser.id)
    assert (kept.name, kept.city, kept.title, kept.company_id) == (
        "Zoya Quliyeva", "Gəncə", "Direktor", nar.id,
    )  # fmt: skip
    assert await numbers(office, winner.id) == [ZOE, HOME, WORK]
    assert await numbers(office, loser.id) == []
    assert await callers(office) == {call.id: winner.id}
    assert (await contact(office, person.id)).company_id == winner.id
    assert (gone.merged_into_id, gone.deleted_at) == (winner.id, NOW)
    assert (kept.version, gone.version) == (2, 2)
    assert (made.winner_id, made.loser_id, made.choices) == (winner.id, loser.id, {"city": "loser"})


async def test_a_merge_is_in_the_log_of_both(sqlite_office: Office) -> None:
    office = sqlite_office
    done = await merging(office)
    winner = await office.contact("Zoya")
    loser = await office.contact("Zoë", city="Bakı")

    await done.merge(winner.id, loser.id)

    async with office.database.read() as session:
        lines = (await session.scalars(select(Audit).order_by(Audit.seq, Audit.id))).all()
    assert [(line.entity_id, line.action, line.notable, line.diff) for line in lines] == [
        (winner.id, "edit", False, {"city": [None, "Bakı"], "version": [1, 2]}),
        (winner.id, "merge", True, {"merged": [None, "Zoë"]}),
        (loser.id, "merge", False, {"merged_into_id": [None, winner.id]}),
    ]
    assert {line.actor_id for line in lines} == {done.anna.id}


async def test_neither_works_for_the_other_any_more(sqlite_office: Office) -> None:
    office = sqlite_office
    done = await merging(office)
    company = await office.contact("Nar MMC", kind="company")
    person = await office.contact("Nar", company_id=company.id)
    second = await office.contact("Nar 2", company_id=person.id)

    before = await done.everything()
    into_person = await done.merge(person.id, company.id)
    assert (await contact(office, person.id)).company_id is None
    await done.undo(into_person.id)
    assert await done.everything() == before

    into_company = await done.merge(company.id, person.id, company_id="loser")
    assert (await contact(office, company.id)).company_id is None
    assert (await contact(office, second.id)).company_id == company.id
    await done.undo(into_company.id)
    assert await done.everything() == before


async def test_a_company_works_for_nobody(sqlite_office: Office) -> None:
    office = sqlite_office
    done = await merging(office)
    nar = await office.contact("Nar MMC", kind="company")
    company = await office.contact("Bar MMC", kind="company")
    person = await office.contact("Bar", company_id=nar.id, city="Bakı")

    with pytest.raises(BadInput):
        await done.merge(company.id, person.id, company_id="loser")
    with pytest.raises(BadInput):
        await done.merge(person.id, company.id, kind="loser")
    await done.merge(company.id, person.id)

    kept = await contact(office, company.id)
    assert (kept.kind, kept.company_id, kept.city) == ("company", None, "Bakı")


async def test_a_tie_between_the_two_is_none_any_more_and_one_employer_is_the_present_one(
    office: Office,
) -> None:
    done = await merging(office)
    nar = await office.contact("Nar MMC", kind="company")
    bar = await office.contact("Bar MMC", kind="company")
    winner = await office.contact("Zoya", company_id=nar.id)
    loser = await office.contact("Zoë", company_id=bar.id)
    async with office.database.write() as session:
        session.add(Option(id=7_000_001, list="tie", key="k", created_at=NOW, updated_at=NOW))
        await session.flush()
        for number, (one, other) in enumerate(
            ((winner, nar), (loser, bar), (winner, loser), (loser, winner)), 1
        ):
            session.add(
                Relationship(
                    id=number,
                    from_id=one.id,
                    to_id=other.id,
                    type_id=7_000_001,
                    is_primary=number < 3,
                )
            )
    before = await done.everything()

    made = await done.merge(winner.id, loser.id)

    async with office.database.read() as session:
        ties = (await session.scalars(select(Relationship).order_by(Relationship.id))).all()
    assert [(tie.from_id, tie.to_id, tie.is_primary) for tie in ties] == [
        (winner.id, nar.id, True), (winner.id, bar.id, False),
    ]  # fmt: skip
    assert await done.undo(made.id) == []
    assert await done.everything() == before


async def own_field(office: Office, entity: str, key: str, **facts: Any) -> None:
    async with office.database.write() as session:
        session.add(
            CustomField(
                id=new_id(NOW.timestamp()), entity=entity, key=key, type="reference",
                refers_to="contact", created_at=NOW, updated_at=NOW, **facts,
            )
        )  # fmt: skip


async def own_values(office: Office) -> dict[str, Any]:
    """Return what contacts and leads hold in fields of their own, by name."""
    async with office.database.read() as session:
        contacts = await session.execute(select(Contact.name, Contact.custom))
        leads = await session.execute(select(Lead.subject, Lead.custom))
        return {row[0]: row.custom for row in (*contacts, *leads)}


async def test_fields_of_ones_own_name_the_winner_too_and_nobody_names_itself(
    office: Office,
) -> None:
    done = await merging(office)
    await own_field(office, "contact", "friend")
    await own_field(office, "lead", "adviser")
    await own_field(office, "lead", "removed", deleted_at=NOW)
    await own_field(office, "gone_since", "friend")
    winner, loser, third = [await office.contact(name) for name in ("Zoya", "Zoë", "Third")]
    async with office.database.write() as session:
        for row, held in ((winner, {"friend": loser.id}), (loser, {"friend": winner.id}),
                          (third, {"friend": loser.id, "loser": loser.id})):  # fmt: skip
            (await session.get_one(Contact, row.id)).custom = held
        for place, held in enumerate(
            ({"adviser": loser.id, "x": 1}, {"adviser": third.id}, {"removed": loser.id})
        ):
            session.add(
                Lead(id=place + 1, number=str(place), subject=f"Lead {place}", custom=held,
                     created_at=NOW, updated_at=NOW, stage_at=NOW)
            )  # fmt: skip
    before = await done.everything()

    made = await done.merge(winner.id, loser.id)

    assert await own_values(office) == {
        "Zoya": {}, "Zoë": {"friend": winner.id},
        "Third": {"friend": winner.id, "loser": loser.id},
        "Lead 0": {"adviser": winner.id, "x": 1}, "Lead 1": {"adviser": third.id},
        "Lead 2": {"removed": winner.id},
    }  # fmt: skip
    assert await done.undo(made.id) == []
    assert await done.everything() == before

    again = await done.merge(winner.id, loser.id)
    async with office.database.write() as session:
        (await session.get_one(Lead, 1)).custom = {"adviser": third.id}
    assert await done.undo(again.id) == [Kept(ROWS_STAY, OWN_FIELDS, {"count": 1})]
    now = await own_values(office)
    assert (now["Lead 0"], now["Lead 2"]) == ({"adviser": third.id}, {"removed": loser.id})


async def test_kept_filters_ask_for_the_winner_and_after_an_undo_for_the_loser_again(
    office: Office,
) -> None:
    done = await merging(office)
    await own_field(office, "lead", "adviser")
    winner, loser, third = [await office.contact(name) for name in ("Nar", "NAR", "Third")]
    either = {"field": "company_id", "op": "in", "value": [winner.id, loser.id, third.id]}
    size = {"field": "debt", "op": "is", "value": loser.id}
    people = {"all": [size, {"any": [either]}]}
    leads = {"any": [{"field": "contact_id", "op": "is", "value": loser.id},
                     {"field": "custom.adviser", "op": "is_not", "value": loser.id},
                     {"field": "contact_id", "op": "empty"}]}  # fmt: skip
    moments = {"created_at": NOW, "updated_at": NOW}
    async with office.database.write() as session:
        owner = {"owner_id": done.anna.id}
        session.add(View(id=1, entity="contact", name="Nar", filter=people, **owner, **moments))
        session.add(View(id=2, entity="book", name="Books", filter=leads, **owner, **moments))
        session.add(Automation(id=3, entity="lead", name="Nar", condition=leads, **moments))
    before = await done.everything()

    made = await done.merge(winner.id, loser.id)

    async with office.database.read() as session:
        view, other = [await session.get_one(View, id_) for id_ in (1, 2)]
        rule = await session.get_one(Automation, 3)
    assert view.filter == {"all": [size, {"any": [either | {"value": [winner.id, third.id]}]}]}
    assert [line.get("value") for line in rule.condition["any"]] == [winner.id, winner.id, None]
    assert (view.version, rule.version, other.version, other.filter) == (2, 2, 1, leads)
    assert await done.undo(made.id) == []
    assert await done.everything() == before

    again = await done.merge(winner.id, loser.id)
    async with office.database.write() as session:
        (await session.get_one(View, 1)).filter = {"all": [size]}
    assert await done.undo(again.id) == [Kept(ROWS_STAY, FILTERS, {"count": 1})]
    async with office.database.read() as session:
        assert (await session.get_one(View, 1)).filter == {"all": [size]}
        assert (await session.get_one(Automation, 3)).condition == leads


async def test_what_is_pinned_stands_above_the_timeline_of_whoever_stays(
    sqlite_office: Office,
) -> None:
    done = await merging(sqlite_office)
    winner, loser = [await sqlite_office.contact(name) for name in ("Zoya", "Zoë")]
    call = await sqlite_office.call(ZOE)
    sees_all = signed_in(done.anna, interaction={"read": "all"})
    async with sqlite_office.database.write() as session:
        whose = {"interaction_id": call.id, "at": call.start_at, "pinned": True}
        session.add(Participant(role="cc", contact_id=loser.id, **whose))

    async def above(contact_id: int) -> list[int]:
        async with sqlite_office.database.read() as session:
            told = await of_contact(session, sees_all, contact_id)
        return [item.id for item in told.pinned]

    assert (await above(loser.id), await above(winner.id)) == ([call.id], [])
    made = await done.merge(winner.id, loser.id)
    assert (await above(loser.id), await above(winner.id)) == ([], [call.id])
    await done.undo(made.id)
    assert (await above(loser.id), await above(winner.id)) == ([call.id], [])


async def test_an_undo_leaves_a_caller_whom_somebody_chose_meanwhile(office: Office) -> None:
    done = await merging(office)
    winner = await office.contact("Zoya", ZOE)
    loser = await office.contact("Zoë", ZOE)
    chosen, let_be = await office.call(ZOE), await office.call(ZOE)
    await link(office.database, [chosen.id, let_be.id])
    before = await callers(office)
    made = await done.merge(winner.id, loser.id)
    merged = await callers(office)
    async with office.database.write() as session:
        await session.execute(
            update(Participant)
            .where(Participant.interaction_id == chosen.id, Participant.role == "from")
            .values(certainty="chosen")
        )

    await done.undo(made.id)

    assert before == {chosen.id: None, let_be.id: None}
    assert merged == {chosen.id: winner.id, let_be.id: winner.id}
    assert await callers(office) == {chosen.id: winner.id, let_be.id: None}


async def test_a_contact_is_not_merged_with_itself(sqlite_office: Office) -> None:
    done = await merging(sqlite_office)
    zoya = await sqlite_office.contact("Zoya")

    with pytest.raises(MergedAlready):
        await done.merge(zoya.id, zoya.id)


async def test_what_was_changed_while_somebody_chose_is_looked_at_again(
    sqlite_office: Office,
) -> None:
    done = await merging(sqlite_office)
    winner, loser = await sqlite_office.contact("Zoya"), await sqlite_office.contact("Zoë")

    with pytest.raises(MergedMeanwhile):
        await done.merge(winner.id, loser.id, seen=(1, 2))
    await done.merge(winner.id, loser.id, seen=(1, 1))


@pytest.mark.parametrize(
    "rights",
    [
        {"read": "all", "edit": "all"},
        {"read": "all", "delete": "all"},
        {"read": "all", "edit": "all", "delete": "own"},
    ],
)
async def test_who_may_not_delete_the_loser_or_edit_the_winner_merges_nothing(
    sqlite_office: Office, rights: dict[str, str]
) -> None:
    done = await merging(sqlite_office)
    winner, loser = await sqlite_office.contact("Zoya"), await sqlite_office.contact("Zoë")
    who = signed_in(done.anna, contact=rights)

    with pytest.raises(NotFound):
        await done.merge(winner.id, loser.id, who=who)
    made = await done.merge(winner.id, loser.id)
    if rights.get("delete") != "all":
        with pytest.raises(NotFound):
            await done.undo(made.id, who=who)


async def test_old_ids_lead_to_the_winner_however_often_it_was_merged(
    sqlite_office: Office,
) -> None:
    office = sqlite_office
    done = await merging(office)
    first, second, third = [await office.contact(name) for name in ("A", "B", "C")]
    await done.merge(second.id, first.id)
    await done.merge(third.id, second.id)

    async with office.database.read() as session:
        found = [await winner_of(session, each.id) for each in (first, second, third)]
        assert await winner_of(session, 5) is None

    assert found == [third.id, third.id, None]


async def test_an_undone_merge_leaves_everything_as_it_was(office: Office) -> None:
    done = await merging(office)
    winner, loser = await two(office)
    before = await done.everything()

    made = await done.merge(winner.id, loser.id, city="loser", name="loser")
    assert await done.everything() != before
    assert await done.undo(made.id) == []

    assert await done.everything() == before
    with pytest.raises(UndoneAlready):
        await done.undo(made.id)


async def test_an_undo_leaves_what_was_changed_since_and_says_so(office: Office) -> None:
    done = await merging(office)
    winner, loser = await two(office)
    other = await office.contact("Somebody else")
    made = await done.merge(winner.id, loser.id, city="loser", title="loser")
    first, second = await callers(office)
    async with office.database.write() as session:
        (await session.get_one(Contact, winner.id)).city = "Şəki"
        await session.execute(
            update(Participant)
            .where(Participant.interaction_id == first)
            .values(contact_id=other.id)
        )
        await session.execute(delete(ContactPoint).where(ContactPoint.norm == WORK))

    kept = await done.undo(made.id)

    assert kept == [
        Kept(FIELD_STAYS, REGISTRY.fields("contact")["city"].label, {"now": "Şəki"}),
        Kept(ROWS_STAY, WORDS["contact_point"], {"count": 1}),
        Kept(ROWS_STAY, WORDS["participant"], {"count": 1}),
    ]
    assert (await contact(office, winner.id)).city == "Şəki"
    assert (await contact(office, winner.id)).title is None
    assert await callers(office) == {first: other.id, second: loser.id}


async def test_what_is_there_twice_by_now_is_not_put_back(office: Office) -> None:
    done = await merging(office)
    winner, loser = await two(office)
    made = await done.merge(winner.id, loser.id)
    (dropped,) = made.snapshot["dropped"]
    async with office.database.write() as session:
        values = {"id": 7, "contact_id": loser.id, "kind": "phone", "value": ZOE, "norm": ZOE}
        session.add(ContactPoint(**values))

    kept = await done.undo(made.id)

    assert dropped["row"]["norm"] == ZOE
    assert kept == [Kept(ROWS_LOST, WORDS["contact_point"], {"count": 1})]


async def test_a_merged_contact_is_in_no_trash(sqlite_office: Office) -> None:
    done = await merging(sqlite_office)
    winner, loser = await two(sqlite_office)
    gone = await sqlite_office.contact("Gone", deleted_at=NOW)
    await done.merge(winner.id, loser.id)

    async with sqlite_office.database.write() as session:
        deed = done.deed(session)
        aside = select(Contact.id).where(in_trash(deed.entity, deed.who))
        assert list(await session.scalars(aside)) == [gone.id]
        with pytest.raises(NotFound):
            await restore(deed, loser.id)
        assert (await restore(deed, gone.id)).deleted_at is None


async def test_merges_are_undone_the_last_one_first(sqlite_office: Office) -> None:
    office = sqlite_office
    done = await merging(office)
    first, second, third = [await office.contact(name) for name in ("A", "B", "C")]
    early = await done.merge(second.id, first.id)
    late = await done.merge(third.id, second.id)

    with pytest.raises(MergedOn) as refused:
        await done.undo(early.id)
    assert refused.value.values == {"name": "B"}
    await done.undo(late.id)
    assert await done.undo(early.id) == []


async def test_the_pair_is_done_with_and_open_again_after_an_undo(sqlite_office: Office) -> None:
    office = sqlite_office
    done = await merging(office)
    winner, loser = await two(office)
    async with office.database.write() as session:
        session.add(
            Duplicate(
                id=1, a_id=winner.id, b_id=loser.id, score=90, reasons=[], basis="", found_at=NOW
            )
        )

    async def state() -> str:
        async with office.database.read() as session:
            return (await session.get_one(Duplicate, 1)).state

    made = await done.merge(loser.id, winner.id)
    assert await state() == "merged"
    await done.undo(made.id)
    assert await state() == "open"


async def test_there_is_nothing_to_undo_where_nothing_was_merged(sqlite_office: Office) -> None:
    done = await merging(sqlite_office)
    with pytest.raises(NotFound):
        await done.undo(5)


async def test_calls_of_a_number_that_both_had_are_the_winners_until_it_is_undone(
    office: Office,
) -> None:
    done = await merging(office)
    nar = await office.contact("Nar MMC", kind="company")
    winner = await office.contact("Zoya Quliyeva", ZOE, company_id=nar.id)
    loser = await office.contact("Zoë", ZOE)
    call = await office.call(ZOE)
    await link(office.database, [call.id])
    before = await done.everything()
    assert await callers(office) == {call.id: None}

    made = await done.merge(winner.id, loser.id)
    assert await callers(office) == {call.id: winner.id}
    assert (await contact(office, nar.id)).last_contact_at is not None

    assert await done.undo(made.id) == []
    assert await done.everything() == before


async def two(office: Office) -> tuple[Contact, Contact]:
    """Two contacts with numbers, one of them shared, and calls of the second."""
    winner = await office.contact("Zoya Quliyeva", ZOE, city="Bakı")
    loser = await office.contact("Zoë", WORK, ZOE, city="Gəncə", title="Direktor")
    calls = [await office.call(WORK), await office.call(WORK)]
    await link(office.database, [call.id for call in calls])
    return winner, loser


@pytest.fixture
def sqlite_office(sqlite_database: Any) -> Office:
    return Office(sqlite_database)

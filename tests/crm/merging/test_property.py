"""Whatever two contacts hold and however they hang together: merging and undoing changes nothing."""

from typing import Any, NamedTuple

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from callcenter.crm.contacts.models import Contact, Relationship
from callcenter.crm.duplicates.models import Duplicate
from callcenter.crm.linker import link
from callcenter.db import Database, new_id
from callcenter.entity.models import Option, Tag, Tagging
from callcenter.errors import BadInput
from tests.crm.merging.office import merging
from tests.fixtures.customers import NOW, Office

PHONES = ("+994502345678", "+994125551234", "+994557654321")
FIELDS = (
    "name",
    "is_supplier",
    "city",
    "title",
    "company_id",
    "kind",
    "birthday",
    "last_contact_at",
)
#: The two that are merged, and two that stand around them.
WINNER, LOSER, COMPANY, PERSON = range(4)
#: Ids of a kind of tie, and of tags.
KIND, TAGS = 7_000_001, (1, 2)


class Story(NamedTuple):
    facts: list[dict[str, Any]]
    phones: list[list[str]]
    employers: list[int | None]
    ties: list[tuple[int, int, bool]]
    tags: list[tuple[int, int]]
    calls: list[str]
    pair: str | None
    choices: dict[str, str]


facts = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(("person", "company")),
        "city": st.sampled_from((None, "Bakı", "Gəncə")),
        "title": st.sampled_from((None, "", "Direktor")),
        "is_supplier": st.booleans(),
        "tax_id": st.sampled_from((None, "1234567891")),
        "birthday": st.none() | st.dates(),
        "last_contact_at": st.none() | st.just(NOW),
        "custom": st.dictionaries(st.sampled_from("ab"), st.sampled_from((1, "x", [1], False))),
    }
)
stories = st.builds(
    Story,
    facts=st.lists(facts, min_size=4, max_size=4),
    phones=st.lists(st.lists(st.sampled_from(PHONES), unique=True), min_size=4, max_size=4),
    employers=st.lists(st.none() | st.integers(0, 3), min_size=4, max_size=4),
    ties=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.booleans()), max_size=6),
    tags=st.lists(st.tuples(st.integers(0, 3), st.sampled_from(TAGS))),
    calls=st.lists(st.sampled_from(PHONES), max_size=4),
    pair=st.none() | st.sampled_from(("open", "different")),
    choices=st.dictionaries(st.sampled_from(FIELDS), st.sampled_from(("winner", "loser"))),
)


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(story=stories)
async def test_a_merge_that_is_undone_leaves_every_table_as_it_was(
    sqlite_database: Database, story: Story
) -> None:
    office = Office(sqlite_database)
    done = await merging(office)
    ids = await told(office, story)
    before = await done.everything()

    try:
        made = await done.merge(ids[WINNER], ids[LOSER], **story.choices)
    except BadInput:
        # A company that works for somebody, by choice.
        assert await done.everything() == before
        return
    merged = await done.everything()
    kept = await done.undo(made.id)

    assert merged != before
    assert kept == []
    assert await done.everything() == before
    assert {each["id"] for each in merged["contact"]} == {each["id"] for each in before["contact"]}


async def told(office: Office, story: Story) -> list[int]:
    """Make the contacts of a story, with all that hangs on them; return their ids."""
    ids = []
    for place, (known, phones) in enumerate(zip(story.facts, story.phones, strict=True)):
        ids.append((await office.contact(f"Contact {place}", *phones, **known)).id)
    async with office.database.write() as session:
        await session.merge(
            Option(id=KIND, list="tie", key="knows", created_at=NOW, updated_at=NOW)
        )
        for tag in TAGS:
            await session.merge(Tag(id=tag, name=str(tag), fold=str(tag)))
        for contact_id, employer in zip(ids, story.employers, strict=True):
            if employer is not None and ids[employer] != contact_id:
                query = update(Contact).where(Contact.id == contact_id)
                await session.execute(query.values(company_id=ids[employer]))
        for one, other, primary in story.ties:
            if one != other:
                session.add(
                    Relationship(
                        id=new_id(NOW.timestamp()), from_id=ids[one], to_id=ids[other],
                        type_id=KIND, is_primary=primary,
                    )
                )  # fmt: skip
        for one, tag in dict.fromkeys(story.tags):
            session.add(
                Tagging(
                    id=new_id(NOW.timestamp()), tag_id=tag, entity="contact", entity_id=ids[one]
                )
            )
        if story.pair is not None:
            session.add(
                Duplicate(
                    id=new_id(NOW.timestamp()), a_id=ids[WINNER], b_id=ids[LOSER], score=90,
                    reasons=[], state=story.pair, basis="", found_at=NOW,
                )
            )  # fmt: skip
    calls = [await office.call(number) for number in story.calls]
    await link(office.database, [call.id for call in calls])
    return ids

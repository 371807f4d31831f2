"""A note saves by itself and never costs anybody a text."""

import pytest
from sqlalchemy import update

from callcenter.agents.models import User
from callcenter.errors import BadInput, ChangedMeanwhile, NotFound
from callcenter.interactions import notes
from callcenter.interactions.models import Interaction
from tests.fixtures.customers import NOW, Office, by, signed_in

EDITS_ALL = {"edit": "all"}


async def save(
    office: Office, user: User, call: Interaction, body: str, seen: int | None
) -> Interaction:
    who = signed_in(user, interaction=EDITS_ALL)
    async with office.database.write() as session:
        return await notes.save(session, who, call.id, body, seen, NOW, by(user))


async def test_a_saved_note_has_the_next_version(office: Office) -> None:
    anna, call = await office.user("Anna"), await office.call("0502345678")

    first = await save(office, anna, call, " Wants an offer ", 1)
    second = await save(office, anna, call, "Wants an offer by Friday", first.version)

    assert (first.version, first.body) == (2, "Wants an offer")
    assert (second.version, second.body) == (3, "Wants an offer by Friday")


async def test_saving_the_same_text_again_is_no_change(office: Office) -> None:
    anna, call = await office.user("Anna"), await office.call("0502345678")

    await save(office, anna, call, "Wants an offer", 1)
    # The answer was lost, so the browser sends it again.
    again = await save(office, anna, call, "Wants an offer", 1)

    assert again.version == 2


async def test_two_who_write_at_once_both_keep_their_text(office: Office) -> None:
    anna, orxan = await office.user("Anna"), await office.user("Orxan")
    call = await office.call("0502345678")
    await save(office, anna, call, "Anna's words", 1)

    with pytest.raises(ChangedMeanwhile) as conflict:
        await save(office, orxan, call, "Orxan's words", 1)

    assert conflict.value.values == {
        "who": "Anna", "field": "body", "theirs": "Anna's words", "mine": "Orxan's words",
    }  # fmt: skip
    async with office.database.read() as session:
        assert (await session.get_one(Interaction, call.id)).body == "Anna's words"


async def test_the_pbx_never_makes_a_note_conflict(office: Office) -> None:
    anna, call = await office.user("Anna"), await office.call("0502345678")
    async with office.database.write() as session:
        await session.execute(update(Interaction).values(revision=7, status="held"))

    assert (await save(office, anna, call, "Talked", 1)).version == 2


async def test_a_note_may_be_written_by_the_one_whose_phone_rang(office: Office) -> None:
    anna, orxan = await office.user("Anna"), await office.user("Orxan")
    call = await office.call("0502345678")
    await office.rang(call, anna)

    async with office.database.write() as session:
        own = signed_in(anna, interaction={"edit": "own"})
        await notes.save(session, own, call.id, "Anna's", 1, NOW, by(anna))
    async with office.database.write() as session:
        own = signed_in(orxan, interaction={"edit": "own"})
        with pytest.raises(NotFound):
            await notes.save(session, own, call.id, "Not Orxan's", 2, NOW, by(orxan))


async def test_a_note_has_an_end(office: Office) -> None:
    anna, call = await office.user("Anna"), await office.call("0502345678")

    with pytest.raises(BadInput) as refusal:
        await save(office, anna, call, "x" * (notes.LONGEST + 1), 1)

    assert refusal.value.fields == {"body": notes.TOO_LONG}


async def test_there_is_no_note_without_an_interaction(office: Office) -> None:
    anna = await office.user("Anna")
    with pytest.raises(NotFound):
        await save(office, anna, Interaction(id=5), "Nowhere", 1)

"""A note saves by itself and never costs anybody a text."""

import pytest
from sqlalchemy import update

from callcenter.agents.models import User
from callcenter.app.entities import ENTITIES
from callcenter.entity import saving
from callcenter.entity.registry import Registry
from callcenter.entity.saving import Deed
from callcenter.errors import ChangedMeanwhile, NotFound
from callcenter.interactions.description import INTERACTION
from callcenter.interactions.models import Interaction
from tests.fixtures.customers import NOW, Office, by, signed_in

EDITS_ALL = {"edit": "all"}


async def save(
    office: Office, user: User, call: Interaction, body: str, seen: int | None
) -> Interaction:
    return await save_as(office, user, EDITS_ALL, call, body, seen)


async def save_as(
    office: Office,
    user: User,
    rights: dict[str, str],
    call: Interaction,
    body: str,
    seen: int | None,
) -> Interaction:
    who = signed_in(user, interaction=rights)
    async with office.database.write() as session:
        deed = Deed(session, Registry(ENTITIES), INTERACTION, who, NOW, by(user))
        return await saving.change(deed, call.id, {"body": body}, seen)


async def test_a_saved_note_has_the_next_version(office: Office) -> None:
    anna, call = await office.user("Anna"), await office.call("0502345678")

    first = await save(office, anna, call, "Wants an offer", 1)
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

    own = {"edit": "own"}
    await save_as(office, anna, own, call, "Anna's", 1)
    with pytest.raises(NotFound):
        await save_as(office, orxan, own, call, "Not Orxan's", 2)


async def test_there_is_no_note_without_an_interaction(office: Office) -> None:
    anna = await office.user("Anna")
    with pytest.raises(NotFound):
        await save(office, anna, Interaction(id=5), "Nowhere", 1)

"""What people plan and write down: who takes part, when, and what belongs together."""

from datetime import timedelta

import pytest

from callcenter.errors import BadInput
from callcenter.interactions import description, participants
from callcenter.interactions.chains import bare
from callcenter.interactions.participants import Taking
from tests.fixtures.customers import NOW
from tests.interactions.diary import Diary, diary

__all__ = ["diary"]

LATER = NOW + timedelta(hours=2)


async def test_a_planned_meeting_is_its_makers_and_expected_at_its_time(diary: Diary) -> None:
    anna = await diary.office.user("Anna")

    meeting = await diary.add(anna, kind="meeting", start_at=LATER)

    assert (meeting.status, meeting.owner_id, meeting.due_at) == ("planned", anna.id, LATER)
    assert (meeting.priority, meeting.pinned, meeting.all_day) == ("normal", False, False)


async def test_a_task_that_says_only_by_when_stands_there_in_the_calendar(diary: Diary) -> None:
    task = await diary.add(
        await diary.office.user("Anna"), kind="task", start_at=None, due_at=LATER
    )
    assert (task.start_at, task.due_at) == (LATER, LATER)


async def test_what_is_moved_is_due_later_and_its_people_with_it(diary: Diary) -> None:
    anna = await diary.office.user("Anna")
    meeting = await diary.add(anna, Taking(text="Zoë"), start_at=NOW)

    moved = await diary.change(anna, meeting, start_at=LATER)

    assert (moved.start_at, moved.due_at) == (LATER, LATER)
    assert await diary.moments(meeting) == {LATER}


async def test_beginning_and_term_stay_apart_once_they_are(diary: Diary) -> None:
    anna = await diary.office.user("Anna")
    task = await diary.add(anna, kind="task", start_at=NOW, due_at=LATER)

    moved = await diary.change(anna, task, start_at=NOW + timedelta(hours=1))

    assert moved.due_at == LATER


async def test_what_is_written_down_is_over_and_called_by_its_first_line(diary: Diary) -> None:
    note = await diary.add(
        await diary.office.user("Anna"), kind="note", subject=None, body="\nWants red.\nNot blue."
    )
    assert (note.status, note.subject) == ("held", "Wants red.")


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({"subject": None}, {"subject"}),
        ({"start_at": None}, {"start_at"}),
        ({"end_at": NOW - timedelta(minutes=1)}, {"end_at"}),
        ({"status": "live"}, {"status"}),
        ({"thread_id": 5}, {"thread_id"}),
    ],
)
async def test_what_does_not_fit_is_said_by_field(
    diary: Diary, given: dict[str, object], wrong: set[str]
) -> None:
    anna = await diary.office.user("Anna")
    with pytest.raises(BadInput) as refusal:
        await diary.add(anna, **given)
    assert set(refusal.value.fields) == wrong


async def test_nobody_rewrites_what_the_telephone_system_says_of_a_call(diary: Diary) -> None:
    anna = await diary.office.user("Anna")
    call = await diary.office.call("0502345678")

    noted = await diary.change(anna, call, body="Wants an offer", priority="high")
    with pytest.raises(BadInput) as refusal:
        await diary.change(anna, call, start_at=LATER, status="planned")
    with pytest.raises(BadInput) as people:
        await diary.change(anna, call, participants=[Taking(text="Zoë")])

    assert (noted.body, noted.priority) == ("Wants an offer", "high")
    assert refusal.value.fields == dict.fromkeys(("start_at", "status"), description.OF_THE_PBX)
    assert people.value.fields == {"participants": participants.OF_A_CALL}


# ---------------------------------------------------------------- who takes part


async def test_people_take_part_by_link_or_by_word(diary: Diary) -> None:
    anna = await diary.office.user("Anna")
    zoe = await diary.office.contact("Zoë")

    meeting = await diary.add(
        anna, Taking(contact_id=zoe.id), Taking(user_id=anna.id),
        Taking(text="Somebody new", point="050 234 56 78"),
    )  # fmt: skip

    assert await diary.people(meeting) == [
        ("attendee", zoe.id, None, None, None),
        ("attendee", None, anna.id, None, None),
        ("attendee", None, None, "Somebody new", "+994502345678"),
    ]


@pytest.mark.parametrize(
    ("kind", "direction", "role"),
    [("email", "in", "from"), ("email", "out", "to"), ("sms", "out", "to"), ("call", "in", "from")],
)
async def test_the_customers_role_follows_from_the_direction(
    diary: Diary, kind: str, direction: str, role: str
) -> None:
    made = await diary.add(
        await diary.office.user("Anna"), Taking(text="Zoë", point="Zoe@Example.AZ"), kind=kind,
        direction=direction,
    )  # fmt: skip
    assert await diary.people(made) == [(role, None, None, "Zoë", "zoe@example.az")]


async def test_the_company_a_person_works_for_has_it_too_and_only_once(diary: Diary) -> None:
    anna = await diary.office.user("Anna")
    company = await diary.office.contact("Nar Mebel MMC", kind="company")
    people = [await diary.office.contact(name, company_id=company.id) for name in ("Zoë", "Orxan")]
    links = [Taking(contact_id=one.id) for one in people]

    met = await diary.add(anna, *links)
    with_it = await diary.add(anna, *links, Taking(contact_id=company.id))

    assert [one[:2] for one in await diary.people(met)][-1] == ("company", company.id)
    assert sum(one[1] == company.id for one in await diary.people(met)) == 1
    assert sum(one[1] == company.id for one in await diary.people(with_it)) == 1


async def test_the_same_people_again_are_no_change(diary: Diary) -> None:
    anna = await diary.office.user("Anna")
    meeting = await diary.add(anna, Taking(text="Zoë"))

    same = await diary.change(anna, meeting, participants=[Taking(text="Zoë")])
    other = await diary.change(
        anna, meeting, participants=[Taking(text="Zoë", response="accepted")]
    )

    assert (same.version, other.version) == (1, 2)


@pytest.mark.parametrize(
    "taking", [Taking(), Taking(contact_id=5), Taking(user_id=5), Taking(text=" ")]
)
async def test_nobody_can_take_part_who_is_nobody(diary: Diary, taking: Taking) -> None:
    with pytest.raises(BadInput) as refusal:
        await diary.add(await diary.office.user("Anna"), taking)
    assert set(refusal.value.fields) == {"participants"}


# ---------------------------------------------------------------- chains


async def test_what_follows_makes_a_chain_and_two_chains_can_become_one(diary: Diary) -> None:
    anna = await diary.office.user("Anna")
    first = await diary.add(anna)
    second = await diary.add(anna, thread_id=first.id)
    other = await diary.add(anna)
    after_other = await diary.add(anna, thread_id=other.id)

    await diary.change(anna, other, thread_id=second.id)

    chain = [await diary.stored(row) for row in (first, second, other, after_other)]
    assert {row.thread_id for row in chain} == {first.id}
    assert chain[0].version == 1


async def test_nothing_follows_itself(diary: Diary) -> None:
    anna = await diary.office.user("Anna")
    alone = await diary.add(anna)
    with pytest.raises(BadInput) as refusal:
        await diary.change(anna, alone, thread_id=alone.id)
    assert refusal.value.fields == {"thread_id": description.OWN_CHAIN}


@pytest.mark.parametrize(
    ("subject", "matter"),
    [
        ("Re: Offer", "Offer"),
        ("RE: Fwd: re[2]: Offer", "Offer"),
        ("Ответ: Предложение", "Предложение"),
        ("YNT: Teklif", "Teklif"),
        ("Reality check", "Reality check"),  # begins like an answer, and is none
        ("Re:", ""),
    ],
)
def test_a_subject_without_the_marks_of_an_answer(subject: str, matter: str) -> None:
    assert bare(subject) == matter

"""The caller is who the number says, and nobody else."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from callcenter.crm.lookup import EXACT, MOST, SUFFIX, Found, who_is
from callcenter.db import Database
from callcenter.phone.withheld import WITHHELD
from tests.fixtures.customers import NOW, REGIONS, Office
from tests.test_phone import WITHHELD as WITHHELD_AS_SENT


def names(found: Found) -> list[str]:
    return [candidate.name for candidate in found.candidates]


@pytest.mark.parametrize(
    "caller",
    ["0502345678", "+994502345678", "994502345678", "00994502345678", "(050) 234-56-78"],
)
async def test_a_known_number_is_known_however_the_trunk_writes_it(
    office: Office, caller: str
) -> None:
    zoe = await office.contact("Zoë Müller", "050 234 56 78")

    found = await who_is(office.database, caller, REGIONS)

    assert (found.match, found.contact_id) == ("one", zoe.id)
    assert found.candidates[0].certainty == "known"
    assert found.candidates[0].reasons == ("exact",)


async def test_any_number_of_a_contact_leads_to_it(office: Office) -> None:
    zoe = await office.contact("Zoë", "0502345678", "0125551234", "0552345678")

    for caller in ("0502345678", "0125551234", "0552345678"):
        assert (await who_is(office.database, caller, REGIONS)).contact_id == zoe.id


async def test_a_shared_number_is_nobodys_until_somebody_chooses(office: Office) -> None:
    await office.contact("Aygün", "0502345678")
    await office.contact("Orxan", "0502345678")

    found = await who_is(office.database, "0502345678", REGIONS)

    assert (found.match, found.contact_id) == ("many", None)
    assert names(found) == ["Aygün", "Orxan"]


async def test_of_several_the_likeliest_comes_first_with_its_reasons(office: Office) -> None:
    anna = await office.user("Anna")
    await office.contact("Nar Mebel", "0125551234", kind="company")
    await office.contact("Second number", "0501111111", "0125551234")
    await office.contact("First number", "0125551234")
    await office.contact("Spoken last", "0125551234", last_contact_at=NOW)
    await office.contact("Spoken before", "0125551234", last_contact_at=NOW - timedelta(days=1))
    await office.contact("Anna's own", "0125551234", owner_id=anna.id)

    found = await who_is(office.database, "0125551234", REGIONS, user_id=anna.id)

    assert [(each.name, each.reasons) for each in found.candidates] == [
        ("Anna's own", ("mine", "exact", "primary", "person")),
        ("Spoken last", ("spoken-last", "exact", "primary", "person")),
        ("Spoken before", ("exact", "primary", "person")),
        ("First number", ("exact", "primary", "person")),
        ("Nar Mebel", ("exact", "primary")),
        ("Second number", ("exact", "person")),
    ]


async def test_the_same_last_digits_are_only_a_maybe(office: Office) -> None:
    await office.contact("Zoë", "+49 50 234 56 78 90")

    found = await who_is(office.database, "+7 950 234 56 78 90"[:-1], REGIONS)
    assert found.candidates == ()

    await office.contact("Orxan", "+90 550 234 56 78")
    found = await who_is(office.database, "+7 950 234 56 78", REGIONS)
    assert (found.match, found.contact_id) == ("none", None)
    assert names(found) == ["Orxan"]
    assert found.candidates[0].certainty == "maybe"
    assert found.candidates[0].reasons == ("last-digits",)


@pytest.mark.parametrize(
    "caller",
    [
        "90502345678",  # the PBX's own prefix for an outside line
        "#31#0502345678",
        "0994502345678",
        "1234#994502345678",  # a carrier's
    ],
)
async def test_what_stands_before_a_number_leaves_it_a_maybe(office: Office, caller: str) -> None:
    await office.contact("Zoë", "050 234 56 78")

    found = await who_is(office.database, caller, REGIONS)

    assert (found.match, found.contact_id, names(found)) == ("none", None, ["Zoë"])
    assert found.candidates[0].certainty == "maybe"


async def test_of_a_whole_company_on_one_number_ones_own_customer_comes_first(
    office: Office,
) -> None:
    anna = await office.user("Anna")
    for one in range(MOST + 5):
        await office.contact(f"Colleague {one:02}", "0125551234")
    await office.contact("Zoë", "0125551234", owner_id=anna.id)

    found = await who_is(office.database, "0125551234", REGIONS, user_id=anna.id)

    assert (names(found)[0], len(found.candidates)) == ("Zoë", MOST)


async def test_a_maybe_is_not_asked_for_where_the_number_is_known(office: Office) -> None:
    await office.contact("Same digits", "+90 550 234 56 78")
    known = await office.contact("Same number", "+7 950 234 56 78")

    found = await who_is(office.database, "+7 950 234 56 78", REGIONS)

    assert found.contact_id == known.id
    assert names(found) == ["Same number"]


async def test_one_contact_with_a_number_twice_is_still_one(office: Office) -> None:
    zoe = await office.contact("Zoë", "0125551234", "012 555 12 34 ext. 7")

    assert (await who_is(office.database, "0125551234", REGIONS)).contact_id == zoe.id


async def test_the_company_is_named_beside_its_people(office: Office) -> None:
    company = await office.contact("Bakı Ticarət MMC", kind="company")
    await office.contact("Zoë", "0502345678", company_id=company.id, title="Direktor")

    found = await who_is(office.database, "0502345678", REGIONS)

    assert (found.candidates[0].company, found.candidates[0].title) == (
        "Bakı Ticarət MMC", "Direktor",
    )  # fmt: skip


async def test_a_deleted_contacts_numbers_match_no_call(office: Office) -> None:
    await office.contact("Gone", "0502345678", deleted_at=NOW)

    found = await who_is(office.database, "0502345678", REGIONS)

    assert (found.match, found.candidates) == ("none", ())


async def test_our_own_numbers_and_extensions_are_no_customers(office: Office) -> None:
    await office.contact("Our switchboard", "0124041000")
    own = {"+994124041000", "1001"}

    for caller in ("0124041000", "1001"):
        found = await who_is(office.database, caller, REGIONS, is_own=own.__contains__)
        assert (found.match, found.candidates) == ("internal", ())


async def test_a_short_code_is_found_exactly_and_never_by_its_last_digits(office: Office) -> None:
    emergency = await office.contact("Ambulance", "103")
    await office.contact("Zoë", "0502345103")

    assert (await who_is(office.database, "103", REGIONS)).contact_id == emergency.id
    assert (await who_is(office.database, "5103", REGIONS)).candidates == ()


async def test_nonsense_is_nobody(office: Office) -> None:
    found = await who_is(office.database, "letters", REGIONS)
    assert (found.match, found.number.kind) == ("none", "nonsense")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.sampled_from([*sorted(WITHHELD), *WITHHELD_AS_SENT]), st.text(max_size=12))
async def test_a_withheld_number_matches_nobody_whatever_is_stored(
    sqlite_database: Database, caller: str, stored: str
) -> None:
    office = Office(sqlite_database)
    for value in (caller, stored, "+994502345678", "0"):
        await office.contact("Somebody", value)

    found = await who_is(sqlite_database, caller, REGIONS)

    assert (found.match, found.candidates) == ("withheld", ())


async def test_no_number_matches_nobody(office: Office) -> None:
    await office.contact("No number either", "")
    assert (await who_is(office.database, None, REGIONS)).match == "withheld"
    assert (await who_is(office.database, "<unknown>", REGIONS)).candidates == ()


async def test_a_look_up_on_sqlite_is_done_before_anything_else_can_happen(
    sqlite_database: Database,
) -> None:
    await Office(sqlite_database).contact("Zoë", "0502345678")
    asking = who_is(sqlite_database, "0502345678", REGIONS)

    with pytest.raises(StopIteration) as answer:
        asking.send(None)

    assert answer.value.value.match == "one"


@pytest.mark.parametrize(
    ("sql", "asked", "index"),
    [
        (EXACT, ("+994502345678",), "ix_contact_point_norm"),
        (SUFFIX, ("876543205", "876543205:"), "ix_contact_point_rev"),
    ],
)
async def test_a_look_up_reads_an_index_and_never_a_table(
    sqlite_database: Database, sql: str, asked: tuple[str, ...], index: str
) -> None:
    plan = await sqlite_database.fetch(f"EXPLAIN QUERY PLAN {sql}", *asked)
    steps = [row[3] for row in plan]
    assert any(index in step for step in steps)
    assert not [step for step in steps if step.startswith("SCAN")]

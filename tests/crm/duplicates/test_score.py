"""Two contacts are proposed as one for reasons a person can check; less than that is chance."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.crm.duplicates.score import TELLING, Facts, Reason, compare

#: A VÖEN and an INN whose digits add up.
VOEN, INN = "1500006621", "7707083893"
PHONE, OTHER = "+994501234567", "+994551112233"


def person(name: str = "", **facts: object) -> Facts:
    return _facts("person", name, facts)


def company(name: str = "", **facts: object) -> Facts:
    return _facts("company", name, facts)


def _facts(kind: str, name: str, facts: dict[str, object]) -> Facts:
    several = {
        key: frozenset(str(facts.pop(key)).split())
        for key in ("phones", "emails", "messengers")
        if key in facts
    }
    return replace(Facts(kind=kind, name=name), **several, **facts)


#: one, other, are they proposed, the codes of the reasons
CASES = [
    # Numbers
    (person("Leyla Əliyeva", phones=PHONE), person("Orxan Kərimov", phones=PHONE), False, "phone other-name"),
    (person(phones=PHONE), person(phones=PHONE), False, "phone"),
    (person(phones=f"{PHONE} {OTHER}"), person(phones=f"{OTHER} {PHONE}"), False, "phone phone"),
    (person("Leyla Əliyeva", phones=PHONE), person("Лейла Алиева", phones=PHONE), True, "phone sound"),
    (person("Leyla Əliyeva", phones=PHONE), person("Əliyeva Leyla", phones=PHONE), True, "phone name"),
    (person("Leyla Əliyeva", phones=PHONE), person("Leyla Əliyeva", phones=OTHER), False, "name"),
    # A family on one number: the same family name is not the same person.
    (person("Rəşad Əliyev", phones=PHONE), person("Rəşad Vəliyev", phones=PHONE), False, "phone similar"),
    (person("Orxan Əliyev", phones=PHONE), person("Leyla Əliyeva", phones=PHONE), False, "phone"),
    # Colleagues on the office's line
    (person("Leyla Əliyeva", phones=PHONE, employer="Nar MMC", city="Bakı"),
     person("Orxan Kərimov", phones=PHONE, employer="NAR", city="Baki"), False, "phone other-name employer city"),
    # E-mail
    (person("Leyla Əliyeva", emails="leyla@nar.az"), person("L. Aliyeva", emails="leyla@nar.az"), False, "email"),
    (person("Leyla Əliyeva", emails="leyla@nar.az"), person("Leyla Aliyeva", emails="leyla@nar.az"), True, "email sound"),
    (person("Leyla Əliyeva", emails="info@nar.az"), person("Orxan Kərimov", emails="info@nar.az"), False, "email other-name"),
    (person("Leyla Əliyeva", emails="leyla@nar.az"), person("Lela Əliyeva", emails="leyla@nar.az"), True, "email similar"),
    (person("Leyla", phones=PHONE, emails="l@nar.az"), person("Ofis", phones=PHONE, emails="l@nar.az"), True, "phone email other-name"),
    # Names
    (person("Leyla Əliyeva", employer="Nar MMC"), person("Лейла Алиева", employer="«Nar»"), True, "sound employer"),
    (person("Leyla Əliyeva", city="Bakı"), person("Leyla Əliyeva", city="Baku"), False, "name"),
    (person("Rəşad Əliyev Məmməd oğlu", phones=PHONE), person("Rəşad Əliyev", phones=PHONE), True, "phone part"),
    (person("Leyla"), person("Leyla Əliyeva"), False, ""),
    (person("Leyla Əliyeva", birthday=date(1990, 5, 1)), person("Leyla Əliyeva", birthday=date(1990, 5, 1)), True, "birthday name"),
    (person("Leyla Əliyeva", birthday=date(1990, 5, 1), phones=PHONE),
     person("Leyla Əliyeva", birthday=date(1961, 2, 3), phones=PHONE), True, "phone other-birthday name"),
    (person("Leyla Əliyeva", employer="Nar"), person("Leyla Əliyeva", employer="Nar", country="TR"), True, "name employer"),
    (person("Leyla", phones=PHONE), person("Лейла", phones=PHONE), True, "phone part"),
    (person("Leyla", employer="Nar"), person("Leyla", employer="Nar"), False, "part employer"),
    # Messengers
    (person("Leyla Əliyeva", messengers="telegram:leyla"), person("Лейла Алиева", messengers="telegram:leyla"), True, "messenger sound"),
    # Tax ids
    (company("Nar MMC", tax_id="1234567891"), company("Yeni Nar Mebel", tax_id="1234567891"), True, "tax-id"),
    (company("Nar MMC", tax_id="1234567891"), company("NAR ASC", tax_id="9876543210"), False, "other-tax-id name"),
    # A brand here, the legal name there: the number that adds up is near certainty, any other is not.
    (company("Nar MMC", tax_id="1234567891"), company("Другое", tax_id="1234567891"), False, "tax-id other-name"),
    (company("Nar MMC", tax_id=VOEN), company("Bravo Supermarket", tax_id=VOEN), True, "tax-id other-name"),
    (person("Leyla Əliyeva", tax_id=VOEN), person("Orxan Kərimov", tax_id=VOEN), True, "tax-id other-name"),
    (company("Nar MMC", tax_id=VOEN), person("Orxan Kərimov", tax_id=VOEN), False, "tax-id other-name other-kind"),
    (person("Leyla Əliyeva", tax_id=VOEN, birthday=date(1990, 5, 1)),
     person("Orxan Kərimov", tax_id=VOEN, birthday=date(1961, 2, 3)), False, "tax-id other-birthday other-name"),
    # Branches of one company have its tax id on purpose, and a code of their own.
    (company("ООО «Каспий»", tax_id=INN, branch_code="770701001"), company("ООО «Каспий» Казань", tax_id=INN, branch_code="165502001"), False, "other-branch"),
    (company("ООО «Каспий»", tax_id=INN, registration_no="1027700132195", branch_code="770701001", phones=PHONE),
     company("ООО «Каспий»", tax_id=INN, registration_no="1027700132195", branch_code="165502001", phones=PHONE), False, "phone other-branch name"),
    (company("Каспий", tax_id=INN, branch_code="770701001"), company("Ромашка", tax_id=INN, branch_code="770701001"), True, "tax-id other-name"),
    (company("Каспий", tax_id=INN, branch_code="770701001"), company("Ромашка", tax_id=INN), True, "tax-id other-name"),
    (company("Каспий", branch_code="770701001"), company("Ромашка", branch_code="165502001"), False, "other-name"),
    (company("Nar", registration_no="77"), company("Другое", registration_no="77"), False, "registration-no other-name"),
    # Companies
    (company("Neftçi MMC"), company("“NEFTÇİ” ASC"), True, "name"),
    (company("ООО «Каспий Трейд»"), company("Kaspiy Treyd LLC"), True, "name"),
    (company("Neftchi LLC"), company("Нефтчи"), True, "name"),
    (company("Guliyev LLC"), company("Quliyev MMC"), False, "sound"),
    (company("Guliyev LLC", city="Bakı"), company("Quliyev MMC", city="Bakı"), True, "sound city"),
    (company("Neftçi MMC", country="AZ"), company("Neftçi", country="TR"), False, "name other-country"),
    (company("Bakı Tikinti MMC"), company("Bakı Ticarət MMC"), False, ""),
    (company("Nar Mebel MMC", phones=PHONE), company("Nar Nebel MMC", phones=PHONE), True, "phone similar"),
    (company("Nar", other_names=frozenset({"Narınc Bağ MMC"})), company("Narınc Bağ"), True, "name"),
    (company("Nar", other_names=frozenset({"Narınc Bağ MMC"})), company("Bakı Ticarət"), False, "other-name"),
    (company("Studio 54"), company("Studio 77"), False, "other-name"),
    # One of many: numbered by whoever has no better name for them.
    (company("Mağaza1", phones=PHONE), company("Mağaza2", phones=PHONE), False, "phone"),
    (company("Mağaza 12 Bakı", phones=PHONE), company("Mağaza 21 Bakı", phones=PHONE), False, "phone"),
    (person("Operator101 Sumqayıt", phones=PHONE), person("Operator102 Sumqayıt", phones=PHONE), False, "phone"),
    (person("0:0"), person("Nar Bağ"), False, "other-name"),
    # A person and the company are two, unless all the rest agrees.
    (company("Nar MMC", phones=PHONE, emails="info@nar.az"), person("Leyla Əliyeva", phones=PHONE, emails="info@nar.az"), False, "phone email other-name other-kind"),
    (company("ИП Рашад Алиев", phones=PHONE), person("Rəşad Əliyev", phones=PHONE), True, "phone sound other-kind"),
    # Blanks
    (person(), person(), False, ""),
    (person("«»", tax_id=""), company("-", tax_id=""), False, "other-kind"),
    (person("Leyla Əliyeva", city="", country=""), person("", city="", country=""), False, ""),
    (person(phones="", emails=""), person(phones="", emails=""), False, ""),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other", "proposed", "codes"), CASES)
def test_contacts_are_proposed_for_what_they_share(
    one: Facts, other: Facts, proposed: bool, codes: str
) -> None:
    there, back = compare(one, other), compare(other, one)

    assert [reason.code for reason in there.reasons] == codes.split()
    assert there.suggests is proposed
    assert (back.score, back.suggests) == (there.score, there.suggests)


def test_a_reason_says_what_is_the_same() -> None:
    verdict = compare(
        person("Leyla Əliyeva", phones=PHONE, emails="x@nar.az"),
        person("Leyla Əliyeva", phones=PHONE, emails="x@nar.az"),
    )

    assert verdict.reasons == (Reason("phone", PHONE), Reason("email", "x@nar.az"), Reason("name"))
    assert verdict.score == 100


words = st.text(max_size=12)
facts = st.builds(
    Facts,
    kind=st.sampled_from(("person", "company")),
    name=words | st.sampled_from(("Leyla Əliyeva", "Лейла Алиева", "Nar MMC", "")),
    phones=st.frozensets(st.sampled_from((PHONE, OTHER, ""))),
    emails=st.frozensets(st.sampled_from(("a@nar.az", "b@nar.az", ""))),
    other_names=st.frozensets(st.sampled_from(("Nar MMC", "Bağ", ""))),
    messengers=st.frozensets(st.sampled_from(("telegram:a", ""))),
    tax_id=st.sampled_from(("", "1234567891", "9876543210")),
    branch_code=st.sampled_from(("", "1", "2")),
    registration_no=st.sampled_from(("", "1", "2")),
    birthday=st.none() | st.sampled_from((date(1990, 5, 1), date(1961, 2, 3))),
    employer=st.sampled_from(("", "Nar MMC", "«Nar»")),
    country=st.sampled_from(("", "AZ", "TR")),
    city=words,
)


@given(facts, facts)
def test_nothing_is_proposed_without_a_word_on_who_it_is(one: Facts, other: Facts) -> None:
    there, back = compare(one, other), compare(other, one)

    assert (there.score, there.suggests) == (back.score, back.suggests)
    assert 0 <= there.score <= 100
    if there.suggests:
        assert {reason.code for reason in there.reasons} & TELLING


@given(facts)
def test_what_is_blank_is_like_nothing(one: Facts) -> None:
    assert not compare(one, Facts(kind=one.kind)).reasons

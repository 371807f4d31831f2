"""Tax ids are known by their digits, and a wrong one is answered with what to do."""

import pytest

from callcenter.crm import tax_ids
from callcenter.crm.tax_ids import NOT_DIGITS, OF_NO_COUNTRY, SENTENCES, NoTaxId, read


@pytest.mark.parametrize(
    ("text", "kind", "country", "found"),
    [
        ("1400057421", None, "AZ", ("az_voen", "1400057421")),
        ("140 005 7421", None, "AZ", ("az_voen", "1400057421")),  # as on a letterhead
        ("364262121", None, "AZ", ("az_voen", "0364262121")),  # a spreadsheet ate the zero
        ("4540536920", None, "TR", ("tr_vkn", "4540536920")),
        ("17291716060", None, "TR", ("tr_tckn", "17291716060")),  # eleven digits: a person
        ("7707083893", None, "RU", ("ru_inn", "7707083893")),
        ("500100732259", None, "RU", ("ru_inn", "500100732259")),  # an entrepreneur
        ("1027700132195", None, "RU", ("ru_ogrn", "1027700132195")),
        ("204378869", None, "GE", ("ge_id", "204378869")),
        ("050140002287", None, "KZ", ("kz_bin", "050140002287")),
        ("303347303", None, "UZ", ("uz_stir", "303347303")),
        ("7707-083-893", "ru_inn", "AZ", ("ru_inn", "7707083893")),  # the kind counts more
        ("1027700132195", None, None, ("ru_ogrn", "1027700132195")),  # only Russia has such
        ("DE 136695976", None, "DE", ("other", "DE 136695976")),  # nothing is known of it
        ("whatever", "other", "AZ", ("other", "whatever")),
    ],
)
def test_a_tax_id_has_one_form(
    text: str, kind: str | None, country: str | None, found: tuple[str, str]
) -> None:
    assert read(text, kind, country) == found


@pytest.mark.parametrize(
    ("text", "kind", "country", "sentence"),
    [
        ("1400057423", None, "AZ", SENTENCES["az_voen"]),  # neither a company nor a person
        ("1400057521", None, "AZ", SENTENCES["az_voen"]),  # two digits changed places
        ("140005742", None, "AZ", SENTENCES["az_voen"]),  # one digit short
        ("4540536921", None, "TR", SENTENCES["tr_vkn"]),
        ("17291716061", None, "TR", SENTENCES["tr_tckn"]),
        ("7707083894", "ru_inn", None, SENTENCES["ru_inn"]),
        ("20437886", None, "GE", SENTENCES["ge_id"]),
        ("05014000228", None, "KZ", SENTENCES["kz_bin"]),
        ("3033473", None, "UZ", SENTENCES["uz_stir"]),
        ("AZ1400057421", None, "AZ", NOT_DIGITS),
        ("12345", None, None, OF_NO_COUNTRY),
    ],
)
def test_a_wrong_tax_id_is_answered_with_a_sentence(
    text: str, kind: str | None, country: str | None, sentence: str
) -> None:
    with pytest.raises(NoTaxId) as refused:
        read(text, kind, country)
    assert refused.value.sentence == sentence


def test_a_russian_registration_number_has_to_add_up() -> None:
    assert tax_ids.registration_problem("1027700132195", "ru_inn") is None
    assert tax_ids.registration_problem("1027700132196", "ru_inn") == SENTENCES["ru_ogrn"]
    assert tax_ids.registration_problem("anything", "az_voen") is None


def test_an_account_number_that_looks_like_an_iban_has_to_be_one() -> None:
    assert tax_ids.account_problem("AZ21 NABZ 0000 0000 1370 1000 1944") is None
    assert tax_ids.account_problem("AZ22 NABZ 0000 0000 1370 1000 1944") == tax_ids.NO_IBAN
    assert tax_ids.account_problem("40702810938000060473") is None

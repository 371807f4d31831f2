"""Each column goes to the field its heading means, in whichever language or product."""

from dataclasses import replace

import pytest

from callcenter.entity.description import Field, Virtual
from callcenter.entity.importing.headings import plain
from callcenter.entity.importing.mapping import (
    FIELD,
    PROBLEM,
    ROW,
    Column,
    fingerprint,
    guess,
    product_of,
)
from callcenter.server.i18n import translate_to
from tests.entity.shelf import BOOK


async def nothing(_session: object, _ids: object) -> dict[int, str]:
    return {}


PHONE = Field(
    name="phone", label="Phone", type="phone", aliases=("Mobile phone", "Work phone", "Fax"),
    virtual=Virtual(load=nothing, part="points", form=lambda text, heading: (text, heading)),
)  # fmt: skip
FIELDS = {field.name: field for field in (*BOOK.fields, PHONE)}


def fields_of(*header: str, remembered: dict[str, str] | None = None) -> list[str]:
    found = guess(header, [], BOOK, FIELDS, remembered)
    return [column.field for column in found.columns]


@pytest.mark.parametrize(
    "header",
    [
        ("Name", "Phone"), ("Ad", "Telefon"), ("Имя", "Телефон"), ("NAME:", "phone *"),
        ("name", "Work phone"), ("AD", "TELEFON"),
    ],
)  # fmt: skip
def test_a_label_in_any_language_or_an_alias_names_the_field(header: tuple[str, ...]) -> None:
    assert fields_of(*header) == ["name", "phone"]


def test_a_field_is_filled_by_one_column_a_list_by_several() -> None:
    assert fields_of("Name", "name", "Phone", "Mobile phone") == ["name", "", "phone", "phone"]


def test_a_date_column_tells_the_order_it_is_written_in() -> None:
    found = guess(["Bought"], [["04/25/2026"]], BOOK, FIELDS, None)

    assert found.columns == [Column(heading="Bought", field="bought", order="mdy")]


def test_what_was_chosen_for_the_same_headings_before_goes_first() -> None:
    remembered = {plain("Name"): "", plain("Title"): "name"}

    assert fields_of("Name", "Title", "Phone", remembered=remembered) == ["", "name", ""]
    assert fingerprint(["Name", "Title"]) == fingerprint([" title ", "NAME"])
    assert fingerprint(["Name"]) != fingerprint(["Name", "Title"])


def test_rows_that_were_refused_come_back_with_the_choice_made_for_the_file() -> None:
    words = [translate_to("az", word) for word in (ROW, FIELD, PROBLEM)]

    assert fingerprint([*words, "Title", "Tel"]) == fingerprint(["Title", "Tel"])
    assert fields_of(*words, "Title", "Tel", remembered={plain("Title"): "name"}) == [
        "", "", "", "name", "",
    ]  # fmt: skip


def test_a_known_products_export_goes_by_its_own_map() -> None:
    exports = {"Kitabxana": {"Kod": "", "Başlıq": "name", "Həcm": "pages", "Tarix": "bought"}}
    entity = replace(BOOK, exports=exports)

    found = guess(["Kod", "Başlıq", "Həcm", "Tarix", "Phone"], [], entity, FIELDS, None)

    assert found.product == "Kitabxana"
    assert [column.field for column in found.columns] == ["", "name", "pages", "bought", "phone"]
    assert product_of([plain("Kod"), plain("Başlıq")], entity) == ""

"""Exports of other products find their fields by themselves."""

import pytest

from callcenter.app.entities import ENTITIES
from callcenter.crm.contacts.peers import EXPORTS
from callcenter.entity.importing.mapping import guess

CONTACT = next(entity for entity in ENTITIES if entity.name == "contact")
FIELDS = {field.name: field for field in CONTACT.fields}

FILES = {
    "EspoCRM": (
        "id;name;deleted;salutationName;firstName;lastName;accountName;title;emailAddress;"
        "phoneNumber;addressCity;addressCountry;description;createdAt;assignedUserName",
        ["external_id", "name", "", "salutation", "given_name", "family_name", "company_id",
         "title", "email", "phone", "city", "country", "description", "", "owner_id"],
    ),
    "SuiteCRM": (
        "First Name;Last Name;ID;Salutation;Title;Account Name;Email Address;Mobile;Office Phone;"
        "Primary Address City;Primary Address Country;Birthdate;Date Created;Assigned To;Description",
        ["given_name", "family_name", "external_id", "salutation", "title", "company_id", "email",
         "phone", "phone", "city", "country", "birthday", "", "owner_id", "description"],
    ),
    "Bitrix24": (
        "ID;Обращение;Имя;Отчество;Фамилия;Дата рождения;Дата создания;Источник;Рабочий телефон;"
        "Мобильный телефон;Рабочий e-mail;Компания;Должность;Комментарий;Ответственный",
        ["external_id", "salutation", "given_name", "middle_name", "family_name", "birthday", "",
         "source_id", "phone", "phone", "email", "company_id", "title", "description", "owner_id"],
    ),
    "amoCRM": (
        "ID;Тип;Полное имя контакта;Имя;Фамилия;Компания контакта;Ответственный за контакт;"
        "Дата создания контакта;Теги контакта;Рабочий телефон;Мобильный телефон;Рабочий email;Должность",
        ["external_id", "kind", "name", "given_name", "family_name", "company_id", "owner_id", "",
         "", "phone", "phone", "email", "title"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("product", FILES)
def test_a_known_products_columns_find_their_fields(product: str) -> None:
    header, fields = FILES[product]

    found = guess(header.split(";"), [], CONTACT, FIELDS, None)

    assert found.product == product
    assert [column.field for column in found.columns] == fields


@pytest.mark.parametrize("product", EXPORTS)
def test_a_map_leads_to_fields_that_there_are(product: str) -> None:
    targets = {name for name in EXPORTS[product].values() if name}

    assert targets <= FIELDS.keys()
    assert not [name for name in targets if not FIELDS[name].writable]

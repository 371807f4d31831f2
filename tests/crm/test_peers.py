"""Exports of other products find their fields by themselves."""

import pytest

from callcenter.app.entities import ENTITIES
from callcenter.crm.contacts.peers import EXPORTS
from callcenter.entity.description import Entity
from callcenter.entity.facts import with_facts
from callcenter.entity.importing.mapping import guess

CONTACT = next(entity for entity in ENTITIES if entity.name == "contact")
FIELDS = with_facts({field.name: field for field in CONTACT.fields})

# As each product heads its files; what follows a heading is where it goes.
FILES = {
    "EspoCRM": """id=external_id;name=name;deleted=;salutationName=salutation;firstName=given_name;
        lastName=family_name;accountName=company_id;title=title;description=description;
        emailAddress=email;phoneNumber=phone;phoneNumberMobile=phone;doNotCall=;
        addressStreet=address;addressCity=city;addressState=region;addressCountry=country;
        addressPostalCode=address:postal_code;createdAt=;modifiedAt=;assignedUserName=owner_id""",
    "EspoCRM Accounts": """id=external_id;name=name;website=website;emailAddress=email;
        phoneNumber=phone;type=;industry=industry_id;sicCode=tax_id;billingAddressStreet=address;
        billingAddressCity=city;billingAddressState=region;billingAddressCountry=country;
        billingAddressPostalCode=address:postal_code;shippingAddressStreet=address;
        shippingAddressCity=;description=description;createdAt=;assignedUserName=owner_id""",
    "SuiteCRM": """First Name=given_name;Last Name=family_name;ID=external_id;Salutation=salutation;
        Job Title=title;Department=;Account Name=company_id;Email Address=email;
        Non Primary E-mails=email;Mobile=phone;Office Phone=phone;Home=phone;Other Phone=phone;
        Fax=phone;Primary Address Street=address;Primary Address City=city;
        Primary Address State=region;Primary Address Postal Code=address:postal_code;
        Primary Address Country=country;Alternate Address Street=address;
        Alternate Address City=;Birthdate=birthday;Date Created=;Date Modified=;
        Assigned to=owner_id;Description=description;Lead Source=source_id;Do Not Call=""",
    "SuiteCRM Accounts": """Name=name;ID=external_id;Website=website;Email Address=email;
        Office Phone=phone;Phone Alternate=phone;Fax=phone;Billing Street=address;
        Billing City=city;Billing State=region;Billing Postal Code=address:postal_code;
        Billing Country=country;Shipping Street=address;Shipping City=;Annual Revenue=;Employees=;
        Industry=industry_id;SIC Code=tax_id;Account Type=;Date Created=;Assigned to=owner_id""",
    "Bitrix24": """ID=external_id;Обращение=salutation;Имя=given_name;Отчество=middle_name;
        Фамилия=family_name;Дата рождения=birthday;Дата создания=;Источник=source_id;
        Рабочий телефон=phone;Мобильный телефон=phone;Номер факса=phone;Телефон для рассылок=phone;
        Рабочий e-mail=email;Частный e-mail=email;Контакт Telegram=telegram;Компания=company_id;
        Улица, номер дома=address;Населенный пункт=city;Почтовый индекс=address:postal_code;
        Должность=title;Комментарий=description;Тип контакта=;Ответственный=owner_id;Экспорт=""",
    "Bitrix24 Companies": """ID=external_id;Название компании=name;Тип компании=;
        Сфера деятельности=industry_id;Кол-во сотрудников=;Годовой оборот=;Рабочий телефон=phone;
        Рабочий e-mail=email;Корпоративный сайт=website;Комментарий=description;
        Ответственный=owner_id""",
    "amoCRM": """ID=external_id;Тип=kind;Полное имя контакта=name;Имя=given_name;
        Фамилия=family_name;Название компании=company_id;Ответственный=owner_id;
        Дата создания контакта=;Кем создан контакт=;Сделки=;Дата редактирования=;
        Кем редактирован=;Теги=tags;Примечание 1=description;Примечание 2=;Примечание 3=;
        Рабочий телефон=phone;Рабочий прямой телефон=phone;Мобильный телефон=phone;Факс=phone;
        Домашний телефон=phone;Другой телефон=phone;Рабочий email=email;Личный email=email;
        Другой email=email;Web=website;Адрес=address;Город=city;Источник=source_id;
        Должность=title;Товар=;Skype=""",
}
LEADS = {
    "Bitrix24": """ID=external_id;Название лида=subject;Обращение=;Имя=person;Фамилия=person;
        Отчество=person;Рабочий телефон=phone;Мобильный телефон=phone;Рабочий e-mail=email;
        Название компании=company;Комментарий=message;Стадия=;Товар=product;
        Возможная сумма=amount;Валюта=currency;Источник=source_id;Ответственный=owner_id""",
    "amoCRM": """ID=external_id;Название сделки=subject;Бюджет ₼=amount;Ответственный=owner_id;
        Дата создания сделки=;Теги=;Примечание=message;Этап сделки=;Воронка=;
        Полное имя контакта=person;Компания контакта=company;Рабочий телефон=phone;
        Рабочий email=email;Источник=source_id""",
}
LEAD = next(entity for entity in ENTITIES if entity.name == "lead")


@pytest.mark.parametrize(
    ("entity", "product", "file"),
    [
        *((CONTACT, product, file) for product, file in FILES.items()),
        *((LEAD, product, file) for product, file in LEADS.items()),
    ],
    ids=[*FILES, *(f"{product} leads" for product in LEADS)],
)
def test_a_known_products_columns_find_their_fields(
    entity: Entity, product: str, file: str
) -> None:
    goes = dict(pair.strip().rsplit("=", 1) for pair in file.split(";"))
    fields = with_facts({field.name: field for field in entity.fields})

    found = guess(list(goes), [], entity, fields, None)

    assert found.product == product
    assert {column.heading: column.field for column in found.columns} == goes


@pytest.mark.parametrize("product", EXPORTS)
def test_a_map_leads_to_fields_that_there_are(product: str) -> None:
    targets = {name for name in EXPORTS[product].values() if name}

    assert targets <= FIELDS.keys()
    assert not [name for name in targets if not FIELDS[name].writable]

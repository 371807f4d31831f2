"""How the exports of other products call what a contact has: {product: {heading: field}}.

A field "" is a column to leave out: their own times and counters mean nothing here. Headings
are compared without case, spaces and marks, so "First Name" and "first_name" are the same one.
`docs/how-to/import-and-export.md` tells how each product makes its file.
"""

from collections.abc import Mapping
from typing import Final

_ESPOCRM: Final = {
    "id": "external_id", "salutationName": "salutation", "firstName": "given_name",
    "middleName": "middle_name", "lastName": "family_name", "accountName": "company_id",
    "title": "title", "emailAddress": "email", "phoneNumber": "phone",
    "phoneNumberMobile": "phone", "phoneNumberOffice": "phone", "phoneNumberHome": "phone",
    "phoneNumberFax": "phone", "phoneNumberOther": "phone",
    "website": "website", "addressStreet": "address", "addressCity": "city", "addressState": "region",
    "addressCountry": "country", "description": "description", "sicCode": "tax_id",
    "assignedUserName": "owner_id", "doNotCall": "", "createdAt": "", "modifiedAt": "",
    "createdByName": "", "modifiedByName": "", "campaignName": "", "industry": "industry_id",
}  # fmt: skip
_SUITECRM: Final = {
    "id": "external_id", "salutation": "salutation", "first_name": "given_name",
    "last_name": "family_name", "account_name": "company_id", "title": "title",
    "email_address": "email", "email1": "email", "email_addresses_non_primary": "email",
    "phone_mobile": "phone", "mobile": "phone", "phone_work": "phone", "office_phone": "phone",
    "phone_home": "phone", "phone_other": "phone", "phone_fax": "phone", "Home": "phone",
    "Other Phone": "phone", "Fax": "phone", "Assistant Phone": "", "Job Title": "title",
    "Other Email": "email", "Birthdate": "birthday",
    "primary_address_street": "address", "alt_address_street": "address",
    "primary_address_city": "city", "primary_address_state": "region",
    "primary_address_country": "country", "description": "description", "birthdate": "birthday",
    "lead_source": "source_id", "assigned_user_name": "owner_id", "assigned_to": "owner_id",
    "website": "website", "sic_code": "tax_id", "date_entered": "", "date_modified": "",
    "date_created": "", "modified_user_id": "", "created_by": "", "deleted": "", "do_not_call": "",
    "assigned_user_id": "", "reports_to_id": "", "campaign_id": "", "account_id": "",
}  # fmt: skip
_BITRIX24: Final = {
    "ID": "external_id", "Обращение": "salutation", "Имя": "given_name", "Отчество": "middle_name",
    "Фамилия": "family_name", "Дата рождения": "birthday", "Должность": "title",
    "Компания": "company_id", "Название компании": "name", "Рабочий телефон": "phone",
    "Мобильный телефон": "phone", "Номер факса": "phone", "Домашний телефон": "phone",
    "Другой телефон": "phone", "Рабочий e-mail": "email", "Частный e-mail": "email",
    "Другой e-mail": "email", "Корпоративный сайт": "website", "Личная страница": "website",
    "Telegram": "telegram", "Комментарий": "description", "Источник": "source_id",
    "Ответственный": "owner_id", "Город": "city", "Регион": "region", "Страна": "country",
    "Дата создания": "", "Дата изменения": "", "Кем создан": "", "Кем изменен": "", "Фотография": "",
    "Доступен для всех": "", "Участвует в экспорте контактов": "", "Дополнительно об источнике": "",
}  # fmt: skip
_AMOCRM: Final = {
    "ID": "external_id", "Тип": "kind", "Наименование": "name", "Полное имя контакта": "name",
    "Имя": "given_name", "Фамилия": "family_name", "Название компании": "company_id",
    "Компания": "company_id", "Компания контакта": "company_id", "Должность": "title",
    "Рабочий телефон": "phone", "Рабочий прямой телефон": "phone", "Мобильный телефон": "phone",
    "Факс": "phone", "Домашний телефон": "phone", "Другой телефон": "phone",
    "Рабочий email": "email", "Личный email": "email", "Другой email": "email", "Web": "website",
    "Ответственный": "owner_id", "Ответственный за контакт": "owner_id",
    "Примечание": "description", "Примечание 1": "description", "Дата создания": "",
    "Дата создания контакта": "", "Кем создан": "", "Сделки": "", "Теги": "", "Теги контакта": "",
    "Дата редактирования": "", "Кем редактирован": "", "Ближайшая задача": "",
}  # fmt: skip

EXPORTS: Final[Mapping[str, Mapping[str, str]]] = {
    "EspoCRM": _ESPOCRM, "SuiteCRM": _SUITECRM, "Bitrix24": _BITRIX24, "amoCRM": _AMOCRM,
}  # fmt: skip

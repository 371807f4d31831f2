"""How the exports of other products call what a contact has: {product: {heading: field}}.

A field "" is a column to leave out: their own times and counters mean nothing here. Headings
are compared without case, spaces and marks, so "First Name" and "first_name" are the same one.
`docs/how-to/import-and-export.md` tells how each product makes its file.

Where the headings come from. EspoCRM: `entityDefs/Contact.json` and `Account.json` of its source;
it writes the names of fields. SuiteCRM: `include/export_utils.php`, which writes the labels of
`modules/{Contacts,Accounts}/language/en_us.lang.php`, or the names of fields without a label.
Bitrix24 and amoCRM are no public source: Bitrix24's are the titles of `crm.contact.fields` in its
REST documentation and those of its import template, amoCRM's are the headings that public importers
of its files read, in their order. Both write Russian; in amoCRM "Тип" tells people from companies.
"""

from collections.abc import Mapping
from typing import Final

_ESPOCRM: Final = {
    "id": "external_id", "name": "name", "salutationName": "salutation", "firstName": "given_name",
    "middleName": "middle_name", "lastName": "family_name", "accountName": "company_id",
    "title": "title", "emailAddress": "email", "phoneNumber": "phone",
    "phoneNumberMobile": "phone", "phoneNumberOffice": "phone", "phoneNumberHome": "phone",
    "phoneNumberFax": "phone", "phoneNumberOther": "phone",
    "website": "website", "addressStreet": "address", "addressPostalCode": "address:postal_code",
    "addressCity": "city", "addressState": "region", "addressCountry": "country",
    "description": "description", "sicCode": "tax_id", "assignedUserName": "owner_id",
    "industry": "industry_id",
    "doNotCall": "", "createdAt": "", "modifiedAt": "", "createdByName": "", "modifiedByName": "",
    "campaignName": "", "deleted": "", "accountIsInactive": "", "accountType": "", "teamsNames": "",
    "createdById": "", "modifiedById": "", "assignedUserId": "", "accountId": "", "campaignId": "",
}  # fmt: skip
_ESPOCRM_ACCOUNTS: Final = {
    "id": "external_id", "name": "name", "website": "website", "emailAddress": "email",
    "phoneNumber": "phone", "phoneNumberOffice": "phone", "phoneNumberFax": "phone",
    "phoneNumberMobile": "phone", "phoneNumberOther": "phone", "industry": "industry_id",
    "sicCode": "tax_id", "billingAddressStreet": "address",
    "billingAddressPostalCode": "address:postal_code", "billingAddressCity": "city",
    "billingAddressState": "region", "billingAddressCountry": "country",
    "shippingAddressStreet": "address", "shippingAddressPostalCode": "address:postal_code",
    "shippingAddressCity": "", "shippingAddressState": "", "shippingAddressCountry": "",
    "description": "description", "assignedUserName": "owner_id", "type": "", "deleted": "",
    "createdAt": "", "modifiedAt": "", "createdByName": "", "modifiedByName": "",
    "campaignName": "", "teamsNames": "", "assignedUserId": "", "createdById": "",
    "modifiedById": "",
}  # fmt: skip
_SUITECRM: Final = {
    "id": "external_id", "salutation": "salutation", "first_name": "given_name",
    "last_name": "family_name", "account_name": "company_id", "title": "title",
    "Job Title": "title", "email_address": "email", "email1": "email", "Other Email": "email",
    "email_addresses_non_primary": "email", "Non Primary E-mails": "email",
    "phone_mobile": "phone", "mobile": "phone", "phone_work": "phone", "office_phone": "phone",
    "phone_home": "phone", "Home": "phone", "phone_other": "phone", "Other Phone": "phone",
    "phone_fax": "phone", "Fax": "phone",
    "primary_address_street": "address", "alt_address_street": "address",
    "Alternate Address Street": "address", "primary_address_postalcode": "address:postal_code",
    "Primary Address Postal Code": "address:postal_code",
    "alt_address_postalcode": "address:postal_code",
    "Alternate Address Postal Code": "address:postal_code",
    "primary_address_city": "city", "primary_address_state": "region",
    "primary_address_country": "country", "description": "description", "birthdate": "birthday",
    "lead_source": "source_id", "assigned_user_name": "owner_id", "assigned_to": "owner_id",
    "alt_address_city": "", "alt_address_state": "", "alt_address_country": "",
    "Alternate Address City": "", "Alternate Address State": "", "Alternate Address Country": "",
    "Assistant": "", "Assistant Phone": "", "assistant": "", "phone_assistant": "",
    "department": "", "date_entered": "", "date_modified": "", "date_created": "",
    "modified_user_id": "", "Modified By": "", "created_by": "", "deleted": "", "do_not_call": "",
    "assigned_user_id": "", "Assigned User": "", "reports_to_id": "", "campaign_id": "",
    "account_id": "", "Photo": "", "portal_user_type": "",
}  # fmt: skip
_SUITECRM_ACCOUNTS: Final = {
    "id": "external_id", "name": "name", "Account Name": "name", "website": "website",
    "email_address": "email", "email1": "email", "email_addresses_non_primary": "email",
    "Non Primary E-mails": "email", "phone_office": "phone", "Office Phone": "phone",
    "phone_alternate": "phone", "Phone Alternate": "phone", "Alternate Phone": "phone",
    "phone_fax": "phone", "Phone Fax": "phone", "Fax": "phone", "industry": "industry_id",
    "sic_code": "tax_id", "billing_address_street": "address", "Billing Street": "address",
    "billing_address_postalcode": "address:postal_code",
    "Billing Postal Code": "address:postal_code", "billing_address_city": "city",
    "Billing City": "city", "billing_address_state": "region", "Billing State": "region",
    "billing_address_country": "country", "Billing Country": "country",
    "shipping_address_street": "address", "Shipping Street": "address",
    "shipping_address_postalcode": "address:postal_code",
    "Shipping Postal Code": "address:postal_code",
    "shipping_address_city": "", "Shipping City": "", "shipping_address_state": "",
    "Shipping State": "", "shipping_address_country": "", "Shipping Country": "",
    "description": "description", "assigned_user_name": "owner_id", "assigned_to": "owner_id",
    "account_type": "", "Type": "", "annual_revenue": "", "employees": "", "ownership": "",
    "rating": "", "ticker_symbol": "", "parent_id": "", "Parent Account ID": "", "campaign_id": "",
    "date_entered": "", "date_created": "", "date_modified": "", "modified_user_id": "",
    "Modified By Id": "", "created_by": "", "Created By Id": "", "deleted": "",
    "assigned_user_id": "", "Assigned User": "",
}  # fmt: skip
_BITRIX24_BOTH: Final = {
    "ID": "external_id", "Адрес": "", "Улица, номер дома": "address", "Улица": "address",
    "Квартира, офис, комната, этаж": "", "Квартира": "",
    "Почтовый индекс": "address:postal_code", "Индекс": "address:postal_code",
    "Населенный пункт": "city", "Город": "city", "Район": "", "Регион": "region",
    "Область": "region", "Страна": "country", "Рабочий телефон": "phone",
    "Мобильный телефон": "phone", "Номер факса": "phone", "Домашний телефон": "phone",
    "Номер пейджера": "", "Телефон для рассылок": "phone", "Другой телефон": "phone",
    "Корпоративный сайт": "website", "Личная страница": "website", "Другой сайт": "website",
    "Страница Facebook": "", "Страница ВКонтакте": "", "Страница LiveJournal": "",
    "Микроблог Twitter": "", "Рабочий e-mail": "email", "Частный e-mail": "email",
    "E-mail для рассылок": "email", "Другой e-mail": "email", "Контакт Telegram": "telegram",
    "Telegram": "telegram", "Контакт Facebook": "", "Контакт ВКонтакте": "", "Контакт Skype": "",
    "Контакт Viber": "", "Комментарии Instagram": "", "Контакт Битрикс24 Network": "",
    "Контакт Битрикс24.Network": "", "Онлайн-чат": "", "Контакт Открытая линия": "",
    "Контакт ICQ": "", "Контакт MSN/Live!": "", "Контакт Jabber": "", "Другой контакт": "",
    "Связанный пользователь": "", "Комментарий": "description", "Ответственный": "owner_id",
    "Дата создания": "", "Дата изменения": "", "Кем создан": "", "Кем изменен": "",
    "Доступен для всех": "",
}  # fmt: skip
_BITRIX24: Final = _BITRIX24_BOTH | {
    "Обращение": "salutation", "Имя": "given_name", "Отчество": "middle_name",
    "Фамилия": "family_name", "Имя, Фамилия": "", "Дата рождения": "birthday",
    "Фотография": "", "Должность": "title", "Компания": "company_id", "Тип контакта": "",
    "Источник": "source_id", "Дополнительно об источнике": "", "Экспорт": "",
    "Участвует в экспорте контактов": "",
}  # fmt: skip
_BITRIX24_COMPANIES: Final = _BITRIX24_BOTH | {
    "Название компании": "name", "Логотип": "", "Тип компании": "",
    "Сфера деятельности": "industry_id", "Кол-во сотрудников": "", "Годовой оборот": "",
    "Валюта": "", "Банковские реквизиты": "", "Фактический адрес": "", "Юридический адрес": "",
    "Моя компания": "",
}  # fmt: skip
_AMOCRM: Final = {
    "ID": "external_id", "Тип": "kind", "Наименование": "name", "Полное имя контакта": "name",
    "Имя": "given_name", "Отчество": "middle_name", "Фамилия": "family_name",
    "Название компании": "company_id", "Компания": "company_id", "Компания контакта": "company_id",
    "Должность": "title", "Рабочий телефон": "phone", "Рабочий прямой телефон": "phone",
    "Мобильный телефон": "phone", "Факс": "phone", "Домашний телефон": "phone",
    "Другой телефон": "phone", "Рабочий email": "email", "Личный email": "email",
    "Другой email": "email", "Web": "website", "Адрес": "address", "Город": "city",
    "Источник": "source_id", "Ответственный": "owner_id", "Ответственный за контакт": "owner_id",
    "Теги": "tags", "Теги контакта": "tags", "Примечание": "description",
    "Примечание 1": "description", "Примечание 2": "", "Примечание 3": "", "Примечание 4": "",
    "Примечание 5": "", "Дата создания": "", "Дата создания контакта": "", "Кем создан": "",
    "Кем создан контакт": "", "Сделки": "", "Дата редактирования": "", "Кем редактирован": "",
    "Ближайшая задача": "", "Товар": "", "Skype": "", "ICQ": "", "Jabber": "", "Google Talk": "",
    "MSN": "", "Другой IM": "", "Пользовательское соглашение": "",
}  # fmt: skip

EXPORTS: Final[Mapping[str, Mapping[str, str]]] = {
    "EspoCRM": _ESPOCRM, "EspoCRM Accounts": _ESPOCRM_ACCOUNTS, "SuiteCRM": _SUITECRM,
    "SuiteCRM Accounts": _SUITECRM_ACCOUNTS, "Bitrix24": _BITRIX24,
    "Bitrix24 Companies": _BITRIX24_COMPANIES, "amoCRM": _AMOCRM,
}  # fmt: skip

#: What each row of an export is that has no column to say it: {product: {field: value}}.
SAID: Final[Mapping[str, Mapping[str, str]]] = {
    product: {"kind": "company"}
    for product in ("EspoCRM Accounts", "SuiteCRM Accounts", "Bitrix24 Companies")
}

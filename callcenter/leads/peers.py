"""How the exports of other products call what a lead has: {product: {heading: field}}.

A field "" is a column to leave out: their stages are not ours, and their own times and counters
mean nothing here. Headings are compared as those of contacts are (`crm.contacts.peers`, which
says where they come from). Bitrix24's are those of its template for leads, `lead.csv`; what amoCRM
calls a deal (“сделка”) is what is called a lead here.
"""

from collections.abc import Mapping
from typing import Final

_ESPOCRM: Final = {
    "id": "external_id", "name": "person", "firstName": "person", "middleName": "person",
    "lastName": "person", "salutationName": "", "title": "", "accountName": "company",
    "emailAddress": "email", "phoneNumber": "phone", "phoneNumberMobile": "phone",
    "phoneNumberOffice": "phone", "phoneNumberHome": "phone", "phoneNumberOther": "phone",
    "phoneNumberFax": "", "status": "", "source": "source_id", "campaignName": "campaign",
    "opportunityAmount": "amount", "opportunityAmountCurrency": "currency",
    "opportunityAmountConverted": "", "description": "message", "addressState": "region",
    "addressCity": "", "addressStreet": "", "addressCountry": "", "addressPostalCode": "",
    "website": "", "industry": "", "doNotCall": "", "assignedUserName": "owner_id", "createdAt": "",
    "modifiedAt": "", "convertedAt": "", "createdByName": "", "modifiedByName": "",
    "createdAccountName": "", "createdContactName": "", "createdOpportunityName": "",
    "teamsNames": "",
}  # fmt: skip
_SUITECRM: Final = {
    "id": "external_id", "first_name": "person", "last_name": "person", "salutation": "",
    "title": "", "department": "", "account_name": "company", "email_address": "email",
    "email1": "email", "Other Email": "email", "phone_mobile": "phone", "mobile": "phone",
    "phone_work": "phone", "office_phone": "phone", "phone_home": "phone", "Home": "phone",
    "phone_other": "phone", "Other Phone": "phone", "phone_fax": "", "Fax": "",
    "Assistant Phone": "", "status": "", "status_description": "", "lead_source": "source_id",
    "lead_source_description": "", "refered_by": "", "campaign_name": "campaign",
    "campaign_id": "", "opportunity_amount": "amount", "opportunity_name": "subject",
    "description": "message", "primary_address_state": "region", "primary_address_city": "",
    "primary_address_street": "", "primary_address_country": "", "website": "",
    "assigned_user_name": "owner_id", "assigned_to": "owner_id", "assigned_user_id": "",
    "date_entered": "", "date_modified": "", "date_created": "", "modified_user_id": "",
    "created_by": "", "deleted": "", "do_not_call": "", "converted": "", "contact_id": "",
    "account_id": "", "opportunity_id": "", "reports_to_id": "", "birthdate": "",
}  # fmt: skip

_BITRIX24: Final = {
    "ID": "external_id", "Название лида": "subject", "Обращение": "", "Имя": "person",
    "Отчество": "person", "Фамилия": "person", "Имя, Фамилия": "person", "Дата рождения": "",
    "Адрес": "", "Улица, номер дома": "", "Квартира, офис, комната, этаж": "",
    "Населенный пункт": "", "Район": "", "Регион": "region", "Почтовый индекс": "", "Страна": "",
    "Рабочий телефон": "phone", "Мобильный телефон": "phone", "Номер факса": "",
    "Домашний телефон": "phone", "Номер пейджера": "", "Телефон для рассылок": "phone",
    "Другой телефон": "phone", "Корпоративный сайт": "", "Личная страница": "",
    "Рабочий e-mail": "email", "Частный e-mail": "email", "E-mail для рассылок": "email",
    "Другой e-mail": "email", "Название компании": "company", "Должность": "",
    "Комментарий": "message", "Стадия": "", "Статус": "", "Дополнительно о стадии": "",
    "Дополнительно о статусе": "", "Товар": "product", "Цена": "", "Количество": "",
    "Возможная сумма": "amount", "Сумма": "amount", "Валюта": "currency", "Источник": "source_id",
    "Дополнительно об источнике": "", "Доступен для всех": "", "Ответственный": "owner_id",
    "Связанный пользователь": "", "Дата создания": "", "Дата изменения": "", "Кем создан": "",
    "Кем изменен": "", "UTM Campaign": "campaign", "UTM Source": "", "UTM Medium": "",
}  # fmt: skip
_AMOCRM: Final = {
    "ID": "external_id", "Название сделки": "subject", "Бюджет": "amount", "Бюджет ₽": "amount",
    "Бюджет ₼": "amount", "Бюджет ₺": "amount", "Бюджет руб.": "amount",
    "Ответственный": "owner_id", "Дата создания сделки": "", "Кем создана сделка": "",
    "Дата редактирования": "", "Кем редактирована": "", "Дата закрытия": "", "Теги": "",
    "Примечание": "message", "Примечание 2": "", "Примечание 3": "", "Примечание 4": "",
    "Примечание 5": "", "Этап сделки": "", "Воронка": "", "Полное имя контакта": "person",
    "Компания контакта": "company", "Ответственный за контакт": "", "Компания": "",
    "Рабочий телефон": "phone", "Рабочий прямой телефон": "phone", "Мобильный телефон": "phone",
    "Факс": "", "Домашний телефон": "phone", "Другой телефон": "phone", "Рабочий email": "email",
    "Личный email": "email", "Другой email": "email", "Город": "", "Источник": "source_id",
    "Должность": "", "Товар": "product", "utm_campaign": "campaign", "utm_source": "",
    "utm_medium": "", "utm_content": "", "utm_term": "",
}  # fmt: skip

EXPORTS: Final[Mapping[str, Mapping[str, str]]] = {
    "EspoCRM": _ESPOCRM, "SuiteCRM": _SUITECRM, "Bitrix24": _BITRIX24, "amoCRM": _AMOCRM,
}  # fmt: skip

"""How the exports of other products call what a lead has: {product: {heading: field}}.

A field "" is a column to leave out: their stages are not ours, and their own times and counters
mean nothing here. Headings are compared as those of contacts are (`crm.contacts.peers`).
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

EXPORTS: Final[Mapping[str, Mapping[str, str]]] = {"EspoCRM": _ESPOCRM, "SuiteCRM": _SUITECRM}

"""What a template says of one reader, and of whoever writes."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.agents.models import User
from callcenter.crm.contacts.models import Contact
from callcenter.mail import templates

Values = Mapping[str, Mapping[str, str]]


async def values_for(
    session: AsyncSession, contact: Contact | None, user: User | None, company: str, at: datetime
) -> Values:
    """Return the values; what is not known of somebody is not there. `company` is our own name."""
    employer = await session.get(Contact, contact.company_id or 0) if contact else None
    return {
        "contact": {
            name: str(getattr(contact, name, None) or "")
            for name in templates.VALUES["contact"]
            if name != "company"
        } | {"company": employer.name if employer else ""},
        "user": {"name": user.name if user else "", "email": (user.email if user else None) or ""},
        "company": {"name": company},
        "today": {"date": at.strftime("%d.%m.%Y")},
    }  # fmt: skip

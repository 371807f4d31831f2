"""Letters that the installation writes by itself: those of a rule, from a template.

They are marked as automatic in their headers, so that no program answers them; and letters written
by a program are never answered by one.
"""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from callcenter.crm.contacts.models import Contact
from callcenter.entity.saving import Deed
from callcenter.errors import BadInput
from callcenter.interactions.models import Interaction
from callcenter.mail import sending, templates, writing
from callcenter.mail.filling import Values
from callcenter.mail.models import Letter, MailAccount, Template
from callcenter.mail.writing import Typed


def _(message: str) -> str:
    return message


NO_TEMPLATE: Final = _("The template is no longer there. Choose another one.")
FROM_A_PROGRAM: Final = _("A letter that a program wrote is not answered by a program.")


class Automatic(NamedTuple):
    """From where the house writes, and whose matter it is: what the interaction is given."""

    account: MailAccount | None
    given: Mapping[str, Any]


class Reader(NamedTuple):
    name: str
    address: str
    contact: Contact | None


async def check_not_automatic(deed: Deed, interaction_id: int) -> None:
    """Refuse to go on of what another program wrote. Raises BadInput."""
    letter = await deed.session.get(Letter, interaction_id)
    if letter is not None and letter.automatic:
        raise BadInput({"": FROM_A_PROGRAM})


async def send(
    deed: Deed,
    template_id: int,
    by_itself: Automatic,
    reader: Reader,
    values: Values,
    public_url: str,
    language: str,
) -> Interaction:
    """Have a letter sent, in the language of its reader. Raises BadInput."""
    template = await deed.session.get(Template, template_id)
    if template is None or not template.active:
        raise BadInput({"template_id": NO_TEMPLATE})
    account = by_itself.account
    if account is None or not account.active or account.deleted_at is not None:
        raise BadInput({"account_id": writing.NO_ACCOUNT})
    wanted = (reader.contact.language if reader.contact else None) or ""
    text = templates.in_language(template.texts, wanted, language)
    typed = Typed(
        account_id=account.id, to=reader.address, cc="",
        subject=" ".join(templates.fill(text["subject"], values).split()),
        body=templates.fill(text["body"], values).strip(), source_id=None, forward=False,
        quote=False, template_id=template.id,
    )  # fmt: skip
    row = await writing.store(
        deed, typed, writing.checked(typed), account, public_url, by_itself.given
    )
    await sending.post(deed.session, row.id, deed.at)
    return row

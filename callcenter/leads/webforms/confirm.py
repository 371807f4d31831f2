"""The letter that tells who asked that his words have arrived: of a template, or a few words."""

from collections.abc import Callable
from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy.ext.asyncio import AsyncSession

from callcenter import jobs
from callcenter.agents.models import User
from callcenter.db import Database
from callcenter.leads.models import Lead
from callcenter.leads.webforms.models import Submission, WebForm
from callcenter.leads.webforms.reading import text_in
from callcenter.mail import templates
from callcenter.mail.models import Template
from callcenter.post import smtp
from callcenter.post.letters import Letter, domain_of, message_id
from callcenter.post.smtp import Account, PostError

#: A letter of a machine, which no other machine answers.
_HEADERS: Final = {"Auto-Submitted": "auto-replied"}

_LONGEST_NAME: Final = 60
_NO_NAME: Final = ("/", "@", "www.", "\n")


class Words(NamedTuple):
    subject: str
    text: str


class Confirm:
    """The handler of these jobs; `account` is the installation's own, None if it has none.

    `company` is what the installation calls itself.
    """

    def __init__(
        self,
        database: Database,
        account: Callable[[], Account | None],
        company: Callable[[], str],
        now: Callable[[], datetime],
    ) -> None:
        self._database, self._account = database, account
        self._company, self._now = company, now

    async def send(self, job: jobs.Job) -> None:
        account = self._account()
        letter = await self._letter(job.payload["submission"], account)
        if account is None or letter is None:
            return
        try:
            await smtp.send(account, letter)
        except PostError as error:
            if error.permanent:
                raise jobs.GiveUp(error.says) from error
            raise

    async def _letter(self, submission_id: int, account: Account | None) -> Letter | None:
        async with self._database.read() as session:
            row = await session.get_one(Submission, submission_id)
            form = await session.get_one(WebForm, row.form_id)
            lead = await session.get(Lead, row.lead_id) if row.lead_id else None
            if lead is None or not lead.email or account is None:
                return None
            words = await self._words(session, form, lead, row.language)
        if not words.text:
            return None
        return Letter(
            to=(lead.email,), subject=words.subject or form.name, text=words.text,
            message_id=message_id(f"form-{row.id}", domain_of(account.sender)), headers=_HEADERS,
        )  # fmt: skip

    async def _words(
        self, session: AsyncSession, form: WebForm, lead: Lead, language: str
    ) -> Words:
        template = await session.get(Template, form.template_id) if form.template_id else None
        if template is None or not template.active:
            return Words(text_in(form.title, language), text_in(form.confirmation, language))
        told = templates.in_language(template.texts, language, form.language)
        owner = await session.get(User, lead.owner_id) if lead.owner_id else None
        # What he says himself: nothing that we keep is told to whoever writes down an address.
        name = _as_name(lead.person)
        given, _, family = name.partition(" ")
        values = {
            "contact": {
                "name": name, "given_name": given, "family_name": family,
                "company": _as_name(lead.company),
            },
            "user": {"name": owner.name, "email": owner.email or ""} if owner else {},
            "company": {"name": self._company()},
            "today": {"date": self._now().strftime("%d.%m.%Y")},
        }  # fmt: skip
        subject = " ".join(templates.fill(told["subject"], values).split())
        return Words(subject, templates.fill(told["body"], values).strip())


def _as_name(text: str | None) -> str:
    """Return a name; what is none is left out, or machines would send their own words by our letters."""
    told = text or ""
    return "" if len(told) > _LONGEST_NAME or any(mark in told for mark in _NO_NAME) else told

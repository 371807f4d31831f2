"""The letter that tells who asked that his words have arrived."""

from collections.abc import Callable
from typing import Final

from callcenter import jobs
from callcenter.db import Database
from callcenter.leads.models import Lead
from callcenter.leads.webforms.models import Submission, WebForm
from callcenter.leads.webforms.reading import text_in
from callcenter.post import smtp
from callcenter.post.letters import Letter, domain_of, message_id
from callcenter.post.smtp import Account, PostError

#: A letter of a machine, which no other machine answers.
_HEADERS: Final = {"Auto-Submitted": "auto-replied"}


class Confirm:
    """The handler of these jobs; `account` is the installation's own, None if it has none."""

    def __init__(self, database: Database, account: Callable[[], Account | None]) -> None:
        self._database, self._account = database, account

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
        text = text_in(form.confirmation, row.language)
        if lead is None or not lead.email or not text or account is None:
            return None
        return Letter(
            to=(lead.email,), subject=text_in(form.title, row.language) or form.name, text=text,
            message_id=message_id(f"form-{row.id}", domain_of(account.sender)), headers=_HEADERS,
        )  # fmt: skip

"""Who does which kind of job."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from callcenter.diary import guests
from callcenter.interactions import guests_told, overdue, series
from callcenter.jobs import Handler, Job, leases
from callcenter.leads import answers
from callcenter.leads import overdue as late_leads
from callcenter.leads.webforms import keeping
from callcenter.leads.webforms.confirm import Confirm
from callcenter.mail import sending as letter_sending
from callcenter.mail.inviting import Invitations
from callcenter.notices import sending
from callcenter.post import sms

if TYPE_CHECKING:
    from callcenter.app.house import House


class Chores:
    def __init__(self, house: "House") -> None:
        self._house = house

    def handlers(self) -> Mapping[str, Handler]:
        house, letterhead = self._house, self._letterhead()
        notes = sending.Sender(house.database, letterhead)
        letters = letter_sending.Sender(
            house.database, house.settings, house.now, house.letter_changed
        )
        invitations = Invitations(
            house.database, house.settings, letterhead, house.now, house.letter_changed
        )
        return {
            **house.rules.handlers(),
            "forget-jobs": self._forget_jobs,
            guests.LETTER: invitations.letter,
            guests_told.JOB: invitations.settle,
            answers.KIND: house.answers.round,
            keeping.KIND: house.form_leads.do,
            keeping.CONFIRM: Confirm(
                house.database,
                lambda: house.postman.account,
                lambda: house.branding.brand.name,
                house.now,
            ).send,
            late_leads.KIND: house.late_leads.tell,
            letter_sending.KIND: letters.letter,
            letter_sending.COPY: letters.copy,
            "notice-letter": notes.letter,
            "notice-sms": notes.message,
            "overdue": self._tell_overdue,
            series.JOB: self._come_again,
            sms.JOB: sms.sender(lambda: house.sms),
        }

    def _letterhead(self) -> sending.House:
        """Return what letters of the installation say of it."""
        house = self._house
        return sending.House(
            account=lambda: house.postman.account, provider=lambda: house.sms,
            company=lambda: house.branding.brand.name,
            address=lambda: house.settings.public_url.rstrip("/") or house.address.rstrip("/"),
            language=lambda: house.branding.brand.language or house.settings.language,
        )  # fmt: skip

    async def _tell_overdue(self, _job: Job) -> None:
        house = self._house
        async with house.database.write() as session:
            await overdue.tell(session, house.now(), house.zone)
        await house.teller.tell()

    async def _forget_jobs(self, _job: Job) -> None:
        async with self._house.database.write() as session:
            await leases.forget(session, self._house.now())

    async def _come_again(self, job: Job) -> None:
        async with self._house.database.write() as session:
            await series.passed(session, job.payload["id"], self._house.now())

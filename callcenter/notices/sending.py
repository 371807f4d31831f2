"""E-mails and SMS that bring notices to people who are not looking at a page.

A job takes everything that is waiting for its person by then, so that what comes together is one
letter. It records what it took before it sends: if it is repeated after a failure, the letter is
the same, with the same Message-ID. What has been read in the meantime is not sent at all.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.orm import InstrumentedAttribute

from callcenter.agents.models import User
from callcenter.db import Database
from callcenter.jobs import GiveUp, Job
from callcenter.notices import notices, wishes
from callcenter.notices.kinds import KINDS
from callcenter.notices.models import Notification
from callcenter.notices.notices import Told
from callcenter.post import sms, smtp
from callcenter.post.letters import Letter, domain_of, message_id
from callcenter.post.sms import Provider, Sms
from callcenter.post.smtp import Account, PostError
from callcenter.server.i18n import languages, translate_to

#: A letter names so many, and says how many more there are.
NAMED = 20


def _(message: str) -> str:
    return message


SOMEBODY = _("A colleague")
CHOICES = _("What you are told by letter is your choice: {url}")
NO_MAIL = "No mail server is set up: see smtp_url in the settings."


@dataclass(frozen=True)
class House:
    """What letters say of the installation, as it is when they are written."""

    account: Callable[[], Account | None]
    provider: Callable[[], Provider | None]
    company: Callable[[], str]
    #: Where links lead: "https://crm.example.az".
    address: Callable[[], str]
    language: Callable[[], str]


class Sender:
    """Handlers of the jobs that the teller writes down."""

    def __init__(self, database: Database, house: House) -> None:
        self._database, self._house = database, house

    async def letter(self, job: Job) -> None:
        account = self._house.account()
        if account is None:
            raise GiveUp(NO_MAIL)
        person, told = await self._take(job, Notification.letter)
        if person is None or not person.email or not told:
            return
        language = person.locale or self._house.language()
        letter = Letter(
            to=(person.email,),
            subject=subject_of(told, language),
            text=text_of(told, language, self._house.address()),
            message_id=message_id(f"notices.{job.id}", domain_of(account.sender)),
            headers={"Auto-Submitted": "auto-generated"},
        )
        try:
            await smtp.send(account, letter)
        except PostError as error:
            if error.permanent:
                raise GiveUp(error.says) from error
            raise

    async def message(self, job: Job) -> None:
        person, told = await self._take(job, Notification.sms)
        if person is None or not told:
            return
        async with self._database.read() as session:
            wished = (await wishes.of(session, [person.id])).get(person.id, wishes.NONE)
        if wished.sms_to:
            language = person.locale or self._house.language()
            text = f"{self._house.company()}: {subject_of(told, language)}"
            await sms.send_now(
                self._house.provider(), Sms(to=wished.sms_to, text=text, id=f"notices-{job.id}")
            )

    async def _take(
        self, job: Job, place: InstrumentedAttribute[int | None]
    ) -> tuple[User | None, Sequence[Told]]:
        """Note what goes into this job's letter; return for whom it is, and what is still new."""
        user_id = job.payload["user_id"]
        own = Notification.user_id == user_id
        async with self._database.write() as session:
            # A letter that was sent already, for all we know, takes nothing more along.
            begun = select(Notification.id).where(own, place == job.id).limit(1)
            if await session.scalar(begun) is None:
                waiting = update(Notification).where(own, place == 0)
                await session.execute(waiting.values({place: job.id}))
            person = await session.get(User, user_id)
            told = await notices.those(session, user_id, place == job.id)
        is_here = person is not None and person.active and person.deleted_at is None
        return person if is_here else None, told


def subject_of(told: Sequence[Told], language: str) -> str:
    """Return what came as one line: the thing itself, or how many there are."""
    if len(told) == 1:
        return line_of(told[0], language)
    catalogue = languages()[language].catalogue
    count = catalogue.ngettext("%(num)s new notice", "%(num)s new notices", len(told))
    return count % {"num": len(told)}


def line_of(told: Told, language: str) -> str:
    who = told.by or translate_to(language, SOMEBODY)
    says = translate_to(language, KINDS[told.notice.kind].says).replace("{who}", who)
    return f"{says}: {told.notice.text}" if told.notice.text else says


def text_of(told: Sequence[Told], language: str, address: str) -> str:
    """Return the letter's text, with a way to each thing and to one's own choices."""
    parts = [
        f"{line_of(each, language)}\n{address}/notices/{each.notice.id}" for each in told[:NAMED]
    ]
    if len(told) > NAMED:
        parts.append(f"{subject_of(told, language)}\n{address}/notices?show=new")
    parts.append(translate_to(language, CHOICES, url=f"{address}/notices/choices"))
    return "\n\n".join(parts) + "\n"

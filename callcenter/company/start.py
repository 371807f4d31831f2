"""The first steps of a new installation: what there is to do, what is done, what was skipped.

Whether a step is done follows from what there is, so nobody has to tick it; a skipped one can be
taken up again at any time.
"""

from typing import Any

import msgspec
from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.agents.models import Device, User
from callcenter.calls.models import PbxRow
from callcenter.company import details, kept, look, pictures
from callcenter.company.industries import applying
from callcenter.crm.contacts.models import Contact
from callcenter.db import Setting


def _(message: str) -> str:
    return message


KEY = "start"


class Start(msgspec.Struct, frozen=True, kw_only=True):
    """What was said of the first steps; `closed` hides them."""

    skipped: list[str] = []
    closed: bool = False


class Step(msgspec.Struct, frozen=True):
    key: str
    label: str
    tells: str
    #: Where it is done.
    leads_to: str


STEPS = (
    Step(
        "company", _("Name your company"),
        _("Name, country and the language of pages; they stand on every page and in mails."),
        "/admin/company",
    ),
    Step(
        "look", _("Make it look like yours"),
        _("Logo, colours and letters, with a preview."), "/admin/look",
    ),
    Step(
        "pbx", _("Connect your Asterisk"),
        _("Its address, an AMI account, and which of its endpoints are trunks."), "/admin/pbx/new",
    ),
    Step(
        "people", _("Add your colleagues"),
        _("Who signs in, in which role and team."), "/admin/people/new",
    ),
    Step(
        "phones", _("Give them phones"),
        _("Choose a person, then the phone; shared phones are for hot desks."), "/admin/people",
    ),
    Step(
        "industry", _("Begin with what your industry needs"),
        _("Lists, fields and stages for shops, clinics, banks, hotels and others; taken back with one click."),
        "/admin/industries",
    ),
    Step(
        "lists", _("Look through the lists"),
        _("Where customers come from, industries, results of calls: change what does not fit."),
        "/admin/lists",
    ),
    Step(
        "customers", _("Bring your customers in"),
        _("From a file of your old system, or one by one."), "/imports",
    ),
)  # fmt: skip
KEYS = frozenset(step.key for step in STEPS)


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """How far it is: each step "done", "skipped" or "open"."""

    states: dict[str, str]

    @property
    def done(self) -> int:
        return sum(state == "done" for state in self.states.values())

    @property
    def left(self) -> int:
        return sum(state == "open" for state in self.states.values())


async def progress(session: AsyncSession, start: Start) -> Progress:
    done = await _done(session)
    added = await kept.read(session, applying.KEY, applying.Industries)
    done["industry"] = bool(added.added)
    return Progress(
        states={
            step.key: "done" if done.get(step.key) else _otherwise(step.key, start)
            for step in STEPS
        }
    )


async def is_begun(session: AsyncSession, start: Start) -> bool:
    """Tell whether anybody has set anything up, or wants no first steps."""
    begun = exists().where(Setting.key == details.KEY) | exists(select(PbxRow.id))
    return start.closed or bool(await session.scalar(select(begun)))


async def _done(session: AsyncSession) -> dict[str, bool]:
    """Return what there is, asked in one question."""
    kept = [look.KEY, *map(pictures.key_of, pictures.SIZES)]
    people = select(func.count()).select_from(User).where(User.active).scalar_subquery()
    facts: dict[str, ColumnElement[Any]] = {
        "company": exists().where(Setting.key == details.KEY),
        "look": exists().where(Setting.key.in_(kept)),
        "pbx": exists(select(PbxRow.id)),
        "people": people > 1,
        "phones": exists().where(Device.to_at.is_(None)),
        "customers": exists().where(Contact.deleted_at.is_(None)),
    }
    row = (await session.execute(select(*facts.values()))).one()
    return dict(zip(facts, row, strict=True))


def _otherwise(key: str, start: Start) -> str:
    return "skipped" if key in start.skipped else "open"

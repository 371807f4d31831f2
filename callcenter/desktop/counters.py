"""How much there is, and how much of it is late: each number leads to the list it counts."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.diary import loose
from callcenter.diary.loose import Finder
from callcenter.interactions import expected
from callcenter.leads import open_ones
from callcenter.mail import letter_pages
from callcenter.server.identity import Identity, may


def _(message: str) -> str:
    return message


class Counter(NamedTuple):
    """`label` is a message id; more than `most` are told as "99+"."""

    name: str
    label: str
    link: str
    number: int
    most: int
    #: Whether it asks for something to be done.
    is_warning: bool = False


_EXPECTED: Final = "/interactions/expected?whose=me"
_LEADS: Final = "/leads?own=1&f=owner_id~is~me&f=closed_at~empty"
_WAITING: Final = f"{_LEADS}&f=respond_by~filled&f=first_response_at~empty"


async def of(
    session: AsyncSession, who: Identity, now: datetime, finders: Sequence[Finder], *, leads: bool
) -> list[Counter]:
    """Return the counters of somebody's day; those of leads if there are `leads` in this house."""
    planned, late = await expected.counts(session, who, expected.Wanted(owner_id=who.user_id), now)
    counters = [
        Counter("planned", _("Planned"), _EXPECTED, planned, expected.MOST),
        Counter("overdue", _("Overdue"), f"{_EXPECTED}&when=overdue", late, expected.MOST, True),
        Counter(
            "loose", _("Without next action"), "/next-actions",
            await loose.count(session, who, now, finders), loose.MOST, True,
        ),
        Counter(
            "letters", _("Letters to answer"), "/mail?box=answer",
            await letter_pages.count_to_answer(session, who), letter_pages.MOST, True,
        ),
    ]  # fmt: skip
    if leads and may(who, "lead", "read") != "none":
        own, waiting = await open_ones.counts(session, who)
        counters += [
            Counter("leads", _("My open leads"), _LEADS, own, open_ones.MOST),
            Counter("waiting", _("Leads to answer"), _WAITING, waiting, open_ones.MOST, True),
        ]
    return counters

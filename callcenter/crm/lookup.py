"""Which contacts a number belongs to, and how sure that is.

The same full number is *known*; the same last nine digits are a second try, only ever
*maybe*: a guess is shown, never written down. A withheld number matches nobody, and
neither does one of our own. Several contacts may share a number, so the answer is a
ranked list, each with the codes of its reasons:

mine           this person's own contact
spoken-last    the one of them who was in touch last
exact          the same number
last-digits    the same last digits
primary        it is the contact's first number
person         a person, where a company has the number too

This is asked while a phone rings: driver SQL, and on SQLite not a single hop.
"""

from collections.abc import Callable, Sequence
from typing import Literal

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import aliased

from callcenter import phone
from callcenter.crm.contacts.access import seen_as, visible_to
from callcenter.crm.contacts.models import Contact
from callcenter.db import Database, Row
from callcenter.interactions import covering
from callcenter.live.protocol import Candidate
from callcenter.phone import Number
from callcenter.server.identity import Identity, may

_Company = aliased(Contact)

#: A suffix is as good as a number only if it is long.
LAST_DIGITS = 9
LEAST_DIGITS = 7
MOST = 20
#: So many owners of one number are ranked before the likeliest are told: a switchboard stands on
#: the cards of a whole company.
RANKED = 200

Match = Literal["one", "many", "none", "withheld", "internal"]

_SHOWN = """
    SELECT c.id, c.name, c.kind, c.title, c.owner_id, c.last_contact_at, p.position, k.name
    FROM contact_point AS p
    JOIN contact AS c ON c.id = p.contact_id
    LEFT JOIN contact AS k ON k.id = c.company_id
"""
EXACT = f"{_SHOWN} WHERE p.norm = ?1 AND c.deleted_at IS NULL LIMIT {RANKED}"
SUFFIX = f"""
    {_SHOWN} WHERE p.kind = 'phone' AND p.rev >= ?1 AND p.rev < ?2 AND c.deleted_at IS NULL
    LIMIT {RANKED}
"""


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """Who a number may be. `match` is "one" only if it is certain."""

    match: Match
    number: Number
    candidates: tuple[Candidate, ...] = ()

    @property
    def contact_id(self) -> int | None:
        """The contact, if there is exactly one and it is certain."""
        return self.candidates[0].contact_id if self.match == "one" else None


async def who_is(
    database: Database,
    raw: str | None,
    regions: Sequence[str],
    *,
    user_id: int | None = None,
    is_own: Callable[[str], bool] = lambda _norm: False,
) -> Found:
    """Return the contacts that `raw`, as the PBX or a person wrote it, may belong to.

    `user_id` is the one who asks: own contacts come first. `is_own` tells the numbers and
    extensions of our own house.
    """
    number = phone.read(raw or "", regions)
    if number.kind == "withheld":
        return Found(match="withheld", number=number)
    if number.kind == "nonsense":
        # "9" for an outside line, or what a carrier puts there, makes nonsense of a number.
        behind = phone.last_digits(raw or "")
        candidates = await _maybe(database, behind, user_id, least=LAST_DIGITS)
        return Found(match="none", number=number, candidates=candidates)
    if is_own(number.norm):
        return Found(match="internal", number=number)
    if exact := await database.fetch(EXACT, number.norm):
        candidates = ranked(exact, user_id, "exact")
        return Found(
            match="one" if len(candidates) == 1 else "many", number=number, candidates=candidates
        )
    candidates = await _maybe(database, phone.backwards(number.norm), user_id, least=LEAST_DIGITS)
    return Found(match="none", number=number, candidates=candidates)


async def seen_by(database: Database, who: Identity, found: Found) -> Found:
    """Return what `who` may be told of an answer: contacts he may not see are left out.

    Of several, the one that is left is not certain to be the one.
    """
    candidates = await visible(database, who, found.candidates)
    match = found.match if candidates or not found.candidates else "none"
    return msgspec.structs.replace(found, match=match, candidates=candidates)


async def visible(
    database: Database, who: Identity, candidates: tuple[Candidate, ...]
) -> tuple[Candidate, ...]:
    """Return those whom `who` may see, without what his role covers."""
    if candidates and may(who, "contact", "read") != "all":
        ids = [one.contact_id for one in candidates]
        query = (
            select(Contact.id, _Company.id)
            .select_from(Contact)
            .outerjoin(_Company, (_Company.id == Contact.company_id) & seen_as(_Company, who))
            .where(Contact.id.in_(ids), visible_to(who))
        )
        async with database.read() as session:
            seen = {row[0]: row[1] for row in await session.execute(query)}
        candidates = tuple(
            msgspec.structs.replace(one, company=one.company if seen[one.contact_id] else None)
            for one in candidates
            if one.contact_id in seen
        )
    return tuple(_covered(one, who) for one in candidates)


def _covered(one: Candidate, who: Identity) -> Candidate:
    if not who.fields.get("contact"):
        return one
    return msgspec.structs.replace(
        one,
        title=covering.text(one.title, covering.level("title", who)),
        company=covering.text(one.company, covering.level("company_id", who)),
    )


async def _maybe(
    database: Database, digits: str, user_id: int | None, *, least: int
) -> tuple[Candidate, ...]:
    """Return who has a number that ends so; `digits` go from the last to the first."""
    end = digits[:LAST_DIGITS]
    if len(end) < least or not end.isdigit():
        return ()
    # ":" is the character after "9".
    return ranked(await database.fetch(SUFFIX, end, f"{end}:"), user_id, "last-digits")


def ranked(
    rows: Sequence[Row], user_id: int | None, found_by: Literal["exact", "last-digits"]
) -> tuple[Candidate, ...]:
    """Return the likeliest contacts of `rows`, each once, the best first."""
    contacts = {row[0]: row for row in sorted(rows, key=lambda row: -row[6])}
    latest = max((row[5] for row in contacts.values() if row[5] is not None), default=None)
    companies = any(row[2] == "company" for row in contacts.values())

    def reasons(row: Row) -> tuple[str, ...]:
        several = len(contacts) > 1
        true = {
            "mine": user_id is not None and row[4] == user_id,
            "spoken-last": several and latest is not None and row[5] == latest,
            found_by: True,
            "primary": several and row[6] == 0,
            "person": several and companies and row[2] == "person",
        }
        return tuple(reason for reason, holds in true.items() if holds)

    def rank(row: Row) -> tuple[bool, int, bool, bool, str]:
        mine = user_id is not None and row[4] == user_id
        return (not mine, -(row[5] or 0), row[6] != 0, row[2] == "company", row[1])

    return tuple(
        Candidate(
            contact_id=row[0],
            name=row[1],
            company=row[7],
            title=row[3],
            certainty="known" if found_by == "exact" else "maybe",
            reasons=reasons(row),
        )
        for row in sorted(contacts.values(), key=rank)[:MOST]
    )

"""Finding contacts by whatever somebody types: words of a name, a number, an address, a tax id.

Words match beginnings of words, in any order and any spelling that folds to the same
letters; where those are few, names that sound like it follow (`crm.sounds`), then addresses
that begin so. A number is found written in any form, from its beginning or by its last digits;
a tax id or a registration number whole. Ranking a common name inside the database costs a
second among millions, so at most `MOST` matches are taken as they come and ranked here: one's
own contacts first, then names that begin with what was typed, then who was in touch last.
"""

import re
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Select,
    column,
    exists,
    false,
    func,
    literal_column,
    or_,
    select,
    table,
    text,
    true,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from callcenter import phone
from callcenter.crm.contacts import common_names
from callcenter.crm.contacts.access import CONTACT, visible_to
from callcenter.crm.contacts.models import Contact, ContactPoint
from callcenter.crm.contacts.points import email_norm
from callcenter.crm.names import beginning, begins_with_each, fold
from callcenter.crm.sounds import begun, marked, words_of
from callcenter.crm.tax_ids import LONGEST
from callcenter.entity.rights import granted, listed
from callcenter.interactions import covering
from callcenter.server.identity import Identity, may

MOST = 200
#: Where so many are found, nothing less likely is looked for.
ENOUGH = 50
#: Fewer digits than this are a word, not a number; fewer than the other, no last digits.
LEAST_DIGITS = 3
LEAST_LAST_DIGITS = 4
#: Shorter words are not looked up, since half of all names have one that begins so.
LEAST_LETTERS = 2
#: Kinds of points that are found by their beginning, beside numbers.
ADDRESSES: Final = ("email", "telegram")

_NUMBER = re.compile(r"[\d\s+()./-]+")
_NOT_A_DIGIT = re.compile(r"\D")
#: What may be the beginning of an address, or of somebody's name in a messenger.
_ADDRESS = re.compile(r"[\w.+-]{3,}", re.ASCII)
contact_search = table("contact_search", column("rowid"))
#: The beginning of a word, as SQLite's index is asked for it.
_PREFIX = '"{}"*'
#: What PostgreSQL's index is over.
TEXT: ColumnElement[Any] = literal_column(
    "to_tsvector('simple', contact.fold || ' ' || contact.phon)"
)


class Asked(NamedTuple):
    """What a contact has of what was typed: one of its points, or one of its papers."""

    point: ColumnElement[bool]
    papers: Sequence[ColumnElement[bool]] = ()


async def ids_of(
    session: AsyncSession, who: Identity, typed: str, regions: Sequence[str]
) -> list[int]:
    """Return the ids of contacts that `who` may see, at most `MOST`, the likeliest first."""
    if (points := _with_such_a_point(who, typed, regions)) is not None:
        return _ranked(await _having(session, who, points), who, ())
    if not (words := fold(typed).split()):
        return []
    everything = may(who, "contact", "read") == "all"
    if everything and _is_common(session, words):
        common = await common_names.named(session, words, MOST)
        if len(common) >= ENOUGH:
            return _ranked(common, who, words)
    found = _ranked(await _rows(session, who, _spelled(session, words, who)), who, words)
    if len(found) < ENOUGH and (terms := _by_sound(typed)) is not None:
        alike = _with_words(session, terms, everything=everything)
        found += _ranked(await _rows(session, who, alike), who, words)
    if len(found) < ENOUGH and (theirs := _address(who, typed)) is not None:
        found += _ranked(await _having(session, who, theirs), who, ())
    return list(dict.fromkeys(found))


def _is_common(session: AsyncSession, words: Sequence[str]) -> bool:
    """Tell whether the words may be so common that the index of words would take too long."""
    are_words = all(len(word) >= LEAST_LETTERS and word.isalpha() for word in words)
    return bool(words) and are_words and session.get_bind().dialect.name == "postgresql"


async def _rows(
    session: AsyncSession, who: Identity, matching: ColumnElement[bool]
) -> Sequence[Any]:
    """Return some of the contacts that match, as they come."""
    rows = await session.execute(
        select(Contact.id, Contact.fold, Contact.owner_id, Contact.last_contact_at)
        .where(matching, visible_to(who))
        .limit(MOST)
    )
    return rows.all()


async def _having(session: AsyncSession, who: Identity, asked: Asked) -> Sequence[Any]:
    """Return some of the contacts that have such a point or paper, as they come.

    Among very many, the first ones may all be others'. Then one's own are looked through instead:
    the longer way where few match, and the only short one where nearly all do.
    """
    points = _some(select(ContactPoint.contact_id).where(asked.point))
    papers = [_some(select(Contact.id).where(paper)) for paper in asked.papers]
    if may(who, "contact", "read") == "all":
        return await _rows(session, who, Contact.id.in_(union_all(points, *papers)))
    first = (await session.scalars(points)).all()
    if len(first) < MOST:
        found = [await _rows(session, who, Contact.id.in_(first))]
    else:
        of_contact = ContactPoint.contact_id == Contact.id
        has_one: ColumnElement[bool] = exists(
            select(ContactPoint.id).where(of_contact, asked.point)
        )
        _seen, ways = await listed(session, CONTACT, who)
        # By one way after the other: of two at once no index answers.
        along = [way.condition for way in ways] or [true()]
        found = [await _rows(session, who, has_one & condition) for condition in along]
    found += [await _rows(session, who, paper) for paper in asked.papers]
    return list({row.id: row for rows in found for row in rows}.values())


def _ranked(rows: Sequence[Any], who: Identity, words: Sequence[str]) -> list[int]:
    """Return the ids, the likeliest first; of `words` the short ones are checked here."""
    begins = " ".join(words)
    ranked = sorted(
        (row for row in rows if _has_short_words(row.fold, words)),
        key=lambda row: (
            row.owner_id != who.user_id,
            not row.fold.startswith(begins),
            -(row.last_contact_at.timestamp() if row.last_contact_at else 0),
            row.fold,
        ),
    )
    return [row.id for row in ranked]


def _with_such_a_point(who: Identity, typed: str, regions: Sequence[str]) -> Asked | None:
    """Return the e-mail, number or tax id that was typed; None if it is none of these."""
    if "@" in typed.strip()[1:]:
        email = ContactPoint.norm == (norm := email_norm(typed))
        if not _is_covered("email", who):
            email = _begins(norm)
        return Asked(email & (ContactPoint.kind == "email"))
    digits = _NOT_A_DIGIT.sub("", typed)
    whole = phone.read(typed, regions)
    is_written_so = len(digits) >= LEAST_DIGITS and _NUMBER.fullmatch(typed)
    if not is_written_so and whole.kind != "e164":
        return None
    number = _number(typed, digits, whole, regions)
    if _is_covered("phone", who):
        number = ContactPoint.norm == (whole.norm or digits)
    return Asked(number, _papers(who, digits))


def _papers(who: Identity, digits: str) -> list[ColumnElement[bool]]:
    """Return the conditions for this tax id or registration number, if `who` may read them."""
    return [
        paper == digits
        for paper in (Contact.tax_id, Contact.registration_no)
        if len(digits) <= LONGEST and granted("contact", paper.key, who) in ("read", "write")
    ]


def _spelled(session: AsyncSession, words: Sequence[str], who: Identity) -> ColumnElement[bool]:
    """Return the condition for names that have all these words."""
    long = [word for word in words if len(word) >= LEAST_LETTERS]
    if not long:
        return _between(Contact.fold, words[0])
    everything = may(who, "contact", "read") == "all"
    return _with_words(session, [(word,) for word in long], everything=everything)


def _address(who: Identity, typed: str) -> Asked | None:
    """Return an e-mail or messenger's name that begins with what was typed; None if none can."""
    start = typed.strip().removeprefix("@")
    kinds = [kind for kind in ADDRESSES if not _is_covered(kind, who)]
    if not kinds or not _ADDRESS.fullmatch(start):
        return None
    return Asked(_begins(start.lower()) & ContactPoint.kind.in_(kinds))


def _is_covered(kind: str, who: Identity) -> bool:
    """Tell whether points of a kind are only found whole: parts would tell them bit by bit."""
    return covering.level_of(kind, who) in ("hidden", "masked")


def _by_sound(typed: str) -> list[tuple[str, ...]] | None:
    """Return, for each word of a name, what may stand for it: its letters or how it sounds.

    None if sound adds nothing, because no word is long enough.
    """
    if any(letter.isdigit() or letter == "@" for letter in typed):
        return None
    heard = begun(typed)
    if not any(heard):
        return None
    spelled = map(fold, words_of(typed))
    return [
        (word, *map(marked, keys))
        for word, keys in zip(spelled, heard, strict=True)
        if len(word) >= LEAST_LETTERS
    ]


def _with_words(
    session: AsyncSession, terms: Sequence[Sequence[str]], *, everything: bool
) -> ColumnElement[bool]:
    """Return the condition that for each of `terms` some word begins like one of its readings."""
    terms = [kept for readings in terms if (kept := [*filter(None, map(beginning, readings))])]
    if not terms:
        return false()
    if session.get_bind().dialect.name == "postgresql":
        asked = " & ".join(f"({_either(term, '{}:*', ' | ')})" for term in terms)
        return TEXT.op("@@")(func.to_tsquery(text("'simple'"), asked))
    asked = " AND ".join(f"({_either(term, _PREFIX, ' OR ')})" for term in terms)
    found = select(contact_search.c.rowid).where(
        text("contact_search MATCH :words").bindparams(words=asked)
    )
    # Who may see everything needs no more than the first matches; for others the matches they
    # may not see must not crowd out theirs.
    return Contact.id.in_(found.limit(MOST) if everything else found)


def _either(readings: Sequence[str], form: str, between: str) -> str:
    return between.join(form.format(word) for word in readings)


def _number(
    typed: str, digits: str, whole: phone.Number, regions: Sequence[str]
) -> ColumnElement[bool]:
    conditions = [_begins(beginning) for beginning in phone.beginnings(typed, regions)]
    conditions.append(ContactPoint.norm == (whole.norm or digits))
    if len(digits) >= LEAST_LAST_DIGITS:
        last = digits.lstrip("0")[::-1]
        conditions.append((ContactPoint.kind == "phone") & _between(ContactPoint.rev, last))
    return or_(*conditions)


def _some(query: Select[int]) -> Select[int]:
    """Return `query` for the first matches, in a form that may stand in a union."""
    return select(query.limit(MOST).subquery().c[0])


def _begins(norm: str) -> ColumnElement[bool]:
    return _between(ContactPoint.norm, norm)


def _between(where: InstrumentedAttribute[Any], beginning: str) -> ColumnElement[bool]:
    """Return the condition that a text begins so, as a range, which an index can answer."""
    end = beginning[:-1] + chr(ord(beginning[-1]) + 1)
    return (where >= beginning) & (where < end)


def _has_short_words(folded: str, words: Sequence[str]) -> bool:
    short = [word for word in words if len(word) < LEAST_LETTERS]
    return begins_with_each(folded, short)

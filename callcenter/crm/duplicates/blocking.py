"""Which contacts are worth comparing: those found by an index under one of a few keys.

Same number, same address, same tax id, names of the same sound. Each key gives a limited number of
contacts, so that a number that hundreds share costs no more than any other; what they have
in common is for `score` to say.
"""

from collections.abc import Sequence
from itertools import combinations
from typing import Final

from sqlalchemy import Select, func, select, text, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.crm.contacts import common_names
from callcenter.crm.contacts.models import Contact, ContactPoint
from callcenter.crm.contacts.search import TEXT, contact_search
from callcenter.crm.duplicates.facts import PHONES
from callcenter.crm.duplicates.score import Facts, compared_names
from callcenter.crm.names import fold
from callcenter.crm.sounds import marked, sounds, words_of

#: So many contacts are looked at for each number or address.
OF_POINT: Final = 20
OF_NAME: Final = 50
#: So many numbers and addresses of one contact, names, and words of a name, are looked up.
POINTS: Final = 12
WORDS: Final = 4
NAMES: Final = 3


async def candidates(
    session: AsyncSession, facts: Facts, *, without: int | None = None
) -> list[int]:
    """Return the ids of contacts that may be the one with these facts, `without` itself."""
    found: dict[int, None] = {}
    if queries := [*_by_points(facts), *_by_papers(facts)]:
        found |= dict.fromkeys(await session.scalars(union_all(*queries)))
    for name in compared_names(facts)[:NAMES]:
        found |= dict.fromkeys(await _by_name(session, facts.kind, name))
    found.pop(-1 if without is None else without, None)
    return list(found)


def _by_points(facts: Facts) -> list[Select[int]]:
    norms = [
        *((PHONES, norm) for norm in sorted(facts.phones - {""})),
        *((("email",), norm) for norm in sorted(facts.emails - {""})),
        *(((kind,), norm) for kind, _, norm in (each.partition(":") for each in facts.messengers)),
    ]
    return [
        select(
            select(ContactPoint.contact_id)
            .join(Contact, Contact.id == ContactPoint.contact_id)
            .where(
                ContactPoint.norm == norm,
                ContactPoint.kind.in_(kinds),
                Contact.deleted_at.is_(None),
            )
            .limit(OF_POINT)
            .subquery()
            .c.contact_id
        )
        for kinds, norm in norms[:POINTS]
    ]


def _by_papers(facts: Facts) -> list[Select[int]]:
    asked = ((Contact.tax_id, facts.tax_id), (Contact.registration_no, facts.registration_no))
    return [
        select(
            select(Contact.id)
            .where(column == value, Contact.deleted_at.is_(None))
            .limit(OF_POINT)
            .subquery()
            .c.id
        )
        for column, value in asked
        if value
    ]


async def _by_name(session: AsyncSession, kind: str, name: str) -> Sequence[int]:
    """Return contacts whose names have the same words, two of them at least if it is a person."""
    terms = _terms(name)
    if not terms or (kind == "person" and len(terms) == 1):
        return ()
    if session.get_bind().dialect.name == "postgresql":
        spelled = dict.fromkeys(fold(name).split()[:WORDS])
        common = await common_names.called(session, list(spelled), OF_NAME)
        if len(common) == OF_NAME:
            return common
    return (await session.scalars(_with_words(session, terms))).all()


def _with_words(session: AsyncSession, terms: list[tuple[str, ...]]) -> Select[int]:
    """Return the look-up in the index of words."""
    # A middle name or a patronymic is written by one office and left out by the next.
    together = list(combinations(terms, 2)) if len(terms) > 2 else [terms]
    if session.get_bind().dialect.name == "postgresql":
        asked = " | ".join(_all(words, " & ", " | ", "{}") for words in together)
        matching = TEXT.op("@@")(func.to_tsquery(text("'simple'"), asked))
        return select(Contact.id).where(matching, Contact.deleted_at.is_(None)).limit(OF_NAME)
    asked = " OR ".join(_all(words, " AND ", " OR ", '"{}"') for words in together)
    found = (
        select(contact_search.c.rowid)
        .where(text("contact_search MATCH :words").bindparams(words=asked))
        .limit(OF_NAME)
    )
    return select(Contact.id).where(Contact.id.in_(found), Contact.deleted_at.is_(None))


def _terms(name: str) -> list[tuple[str, ...]]:
    """Return, for each word, what it may be known by in the index."""
    words = zip(words_of(name), sounds(name), strict=True)
    terms = (tuple(map(marked, keys)) or (fold(word),) for word, keys in words)
    return [term for term in dict.fromkeys(terms) if all(term)][:WORDS]


def _all(
    words: tuple[tuple[str, ...], ...] | list[tuple[str, ...]], both: str, either: str, form: str
) -> str:
    readings = (either.join(form.format(key) for key in keys) for keys in words)
    return "(" + both.join(f"({reading})" for reading in readings) + ")"

"""What stands around the demo's customers: legal details, addresses, ties, preferences, tags.

The tax ids are made up, and have the shape and the check digits of real ones.
"""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.crm.contacts.models import Address, Contact, Preference, Relationship
from callcenter.crm.contacts.ties import TYPES
from callcenter.db import new_id
from callcenter.demo.customers import Customer
from callcenter.entity.models import Option, Tag, Tagging
from callcenter.entity.tags import fold

_TAX: Final = {
    "AZ": ("az_voen", ("0364262121", "4056086561", "9857229691", "4859480751", "5826980131", "1829139071", "7811358661")),
    "TR": ("tr_vkn", ("7365894301", "8280814141")),
    "RU": ("ru_inn", ("6083778353", "8999133036")),
    "GE": ("ge_id", ("204000917",)),
}  # fmt: skip
_STREETS: Final = {
    "AZ": "Nizami küç. 42", "TR": "İstiklal Cad. 18", "RU": "ул. Садовая, 7",
    "GE": "Rustaveli Ave 12",
}  # fmt: skip
_PREFERS: Final = (
    "Yalnız saat 11-dən sonra zəng edin",
    "WhatsApp ilə yazmağı xoşlayır",
    "Çatdırılmanı anbara, ikinci girişə istəyir",
    "Просит счета на русском языке",
    "Siparişleri cuma günü onaylıyor",
)
_TAGS: Final = (
    ("VIP", "green"),
    ("Topdan alıcı", "blue"),
    ("Tender 2026", None),
    ("Gecikən ödəniş", "red"),
)
_ROLES: Final = ("is_customer", "is_supplier", "is_carrier", "is_dealer", "is_competitor")


async def furnish(
    session: AsyncSession, made: Sequence[Customer], ids: Sequence[int], now: datetime
) -> None:
    """Add it all to customers that stand; the same for the same customers."""
    dice = random.Random(7)
    companies = [(place, each) for place, each in enumerate(made) if each.kind == "company"]
    await _legal(session, companies, ids)
    await _insert(session, Address, _addresses(companies, ids), now)
    await _insert(session, Relationship, await _ties(session, dice, made, ids, now), now)
    await _insert(session, Preference, _preferences(dice, made, ids, now), now)
    await _tag(session, dice, made, ids, now)


async def _legal(
    session: AsyncSession, companies: Sequence[tuple[int, Customer]], ids: Sequence[int]
) -> None:
    used = dict.fromkeys(_TAX, 0)
    for number, (place, company) in enumerate(companies):
        kind, numbers = _TAX[company.country]
        tax_id = numbers[used[company.country] % len(numbers)]
        used[company.country] += 1
        await session.execute(
            update(Contact)
            .where(Contact.id == ids[place])
            .values(
                legal_name=company.name, tax_id=tax_id, tax_kind=kind, lifecycle="customer",
                **{_ROLES[0 if number % 3 else number % len(_ROLES)]: True},
            )
        )  # fmt: skip


def _addresses(
    companies: Sequence[tuple[int, Customer]], ids: Sequence[int]
) -> list[dict[str, Any]]:
    return [
        {
            "contact_id": ids[place], "kind": kind, "country": company.country,
            "city": company.city, "street": _STREETS[company.country],
        }
        for place, company in companies
        for kind in ("legal", "delivery")[: 1 + place % 2]
    ]  # fmt: skip


async def _ties(
    session: AsyncSession,
    dice: random.Random,
    made: Sequence[Customer],
    ids: Sequence[int],
    now: datetime,
) -> list[dict[str, Any]]:
    kinds = {
        key: id_
        for id_, key in await session.execute(
            select(Option.id, Option.key).where(Option.list == TYPES)
        )
    }
    ties: list[dict[str, Any]] = []
    for place, person in enumerate(made):
        if person.company is not None:
            since = (now - timedelta(days=dice.randint(200, 3000))).date()
            ties.append(
                _tie(ids[place], ids[person.company], kinds["works_for"], person.title, since, True)
            )
            if dice.random() < 0.15:
                former = (person.company + 1) % 6
                tie = _tie(ids[place], ids[former], kinds["works_for"], "Mütəxəssis", None, False)
                ties.append({**tie, "until": since})
    people = [place for place, each in enumerate(made) if each.kind == "person"]
    for kind in ("relative_of", "friend_of", "recommended") * 6:
        one, other = dice.sample(people, 2)
        tie = _tie(ids[one], ids[other], kinds[kind], None, None, False)
        ties.append({**tie, "strength": dice.randint(2, 5)})
    ties += [
        _tie(ids[0], ids[3], kinds["supplies"], None, None, False),
        _tie(ids[1], ids[0], kinds["partner_of"], None, None, False),
        _tie(ids[2], ids[3], kinds["competes_with"], None, None, False),
    ]
    return ties


def _tie(
    one: int, other: int, kind: int, title: str | None, since: Any, is_primary: bool
) -> dict[str, Any]:
    return {
        "from_id": one, "to_id": other, "type_id": kind, "title": title, "since": since,
        "until": None, "is_primary": is_primary, "strength": None,
    }  # fmt: skip


def _preferences(
    dice: random.Random, made: Sequence[Customer], ids: Sequence[int], now: datetime
) -> list[dict[str, Any]]:
    rows = []
    for place in range(0, len(made), 3):
        at = now - timedelta(days=dice.randint(5, 300))
        ended = at + timedelta(days=3) if dice.random() < 0.3 else None
        rows.append(
            {"contact_id": ids[place], "text": dice.choice(_PREFERS), "at": at, "ended_at": ended}
        )
    return rows


async def _tag(
    session: AsyncSession,
    dice: random.Random,
    made: Sequence[Customer],
    ids: Sequence[int],
    now: datetime,
) -> None:
    tags = [
        {"id": new_id(now.timestamp()), "name": name, "fold": fold(name), "color": color}
        for name, color in _TAGS
    ]
    await session.execute(insert(Tag), tags)
    await _insert(
        session, Tagging,
        [
            {"tag_id": dice.choice(tags)["id"], "entity": "contact", "entity_id": ids[place]}
            for place in range(0, len(made), 2)
        ],
        now,
    )  # fmt: skip


async def _insert(
    session: AsyncSession, model: Any, rows: list[dict[str, Any]], now: datetime
) -> None:
    await session.execute(insert(model), [{"id": new_id(now.timestamp()), **row} for row in rows])

"""Fills an empty database with the demo's office, customers and past."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import Table, insert, update
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter import phone
from callcenter.agents import devices, passwords, people, roles, teams
from callcenter.calls import pbxs
from callcenter.calls.models import PbxRow
from callcenter.company import details, kept
from callcenter.crm.contacts.models import Contact, ContactPoint, searchable
from callcenter.db import Base, Database, new_id
from callcenter.demo import (
    around,
    correspondence,
    customers,
    happening,
    inquiries,
    invited,
    past,
    plans,
    told,
)
from callcenter.interactions import touch
from callcenter.interactions.models import Interaction
from callcenter.server.actor import SYSTEM

PASSWORD = "demo-office"  # noqa: S105  # the demo's own, printed at its start
CUSTOMERS = 140


COMPANY = details.Details(
    name="Dalğa Servis", legal_name="Dalğa Servis MMC", country="AZ", city="Bakı",
    address="Neftçilər prospekti 153", phone="+994 12 555 01 00", email="info@dalga.example",
)  # fmt: skip


#: Of every ten customers: what each is to us.
_STAGES = ("new", "prospect", *("customer",) * 5, "prospect", "former", "new")


class Worker(msgspec.Struct, frozen=True):
    """One of the demo's people; `extension` is the phone they sit at."""

    login: str
    name: str
    role: str
    extension: str | None = None


OFFICE = (
    Worker("admin", "Nərgiz Abdullayeva", "admin"),
    Worker("zerife", "Zərifə Kazımova", "supervisor", "1006"),
    Worker("aygun", "Aygün Əliyeva", "agent", "1001"),
    Worker("resad", "Rəşad Hüseynov", "agent", "1002"),
    Worker("gunel", "Günel Şirinova", "agent", "1003"),
    Worker("orxan", "Orxan Məmmədov", "agent", "1004"),
    Worker("leyla", "Leyla Quliyeva", "agent", "1005"),
)


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """Where the pretend PBX listens, and as whom we log in."""

    host: str
    port: int
    user: str
    secret: str


async def fill(database: Database, data: Path, account: Account, now: datetime) -> None:
    """Make the office, its customers and two weeks of calls, in one transaction."""
    async with database.write() as session:
        pbx = await _pbx(session, data, account, now)
        agents = await _office(session, pbx, now)
        await kept.change(session, details.KEY, COMPANY, None, now, SYSTEM)
        known = await _customers(session, agents, now)
        await _past(session, past.rows(pbx.id, known, agents, now))
        await _plans(session, plans.rows(known, agents, now), now)
        await told.add(session, [agent.user_id for agent in agents], now)
        await inquiries.add(session, known, agents, now)
        await correspondence.add(session, data, now)
        await invited.add(session, "aygun", now)
        await happening.add(session, now)


def recordings(data: Path) -> Path:
    """Return where the pretend PBX leaves the sound of its calls."""
    return data / "recordings"


async def _pbx(session: AsyncSession, data: Path, account: Account, now: datetime) -> PbxRow:
    form = pbxs.PbxForm(
        name="Demo", host=account.host, port=account.port, tls=False, username=account.user,
        secret=account.secret, trunks=["PJSIP/trunk"], region="AZ", time_zone="Asia/Baku",
        dial_context="click2call", dial_format="national", dial_prefix="", active=True,
        recordings_at=str(recordings(data).resolve()),
    )  # fmt: skip
    return await pbxs.add(session, form, data, now, SYSTEM)


async def _office(session: AsyncSession, pbx: PbxRow, now: datetime) -> list[past.Agent]:
    keys = await roles.seed(session, now)
    team = await teams.add(session, teams.TeamForm(name="Müştəri xidməti"), now, SYSTEM)
    secret = await passwords.hashed(PASSWORD)
    agents = []
    for worker in OFFICE:
        person = await people.add(session, _person(worker, keys, team.id), now, SYSTEM)
        person.password_hash = secret
        if worker.extension:
            device = await devices.assign(
                session, user_id=person.id, pbx_id=pbx.id, endpoint=f"PJSIP/{worker.extension}",
                extension=worker.extension, at=now - timedelta(days=past.DAYS + 1), by=SYSTEM,
            )  # fmt: skip
            if worker.role == "agent":
                agents.append(past.Agent(person.id, device.endpoint))
    return agents


def _person(worker: Worker, keys: dict[str, Any], team_id: int) -> people.PersonForm:
    return people.PersonForm(
        login=worker.login, name=worker.name, role_id=keys[worker.role].id, team_id=team_id,
        time_zone="Asia/Baku", email=f"{worker.login}@dalga.example",
    )  # fmt: skip


async def _customers(
    session: AsyncSession, agents: list[past.Agent], now: datetime
) -> list[past.Customer]:
    made = customers.make(CUSTOMERS)
    made += customers.again(made)
    began = now - timedelta(days=400)
    rows = [
        _contact(customer, new_id((began + timedelta(hours=place)).timestamp()), began)
        for place, customer in enumerate(made)
    ]
    ids = [row["id"] for row in rows]
    for customer, row in zip(made, rows, strict=True):
        row["company_id"] = None if customer.company is None else ids[customer.company]
    for place, row in enumerate(rows):
        row["owner_id"] = agents[place % len(agents)].user_id if place % 5 else None
        row["lifecycle"] = _STAGES[place % len(_STAGES)]
    await session.execute(insert(Contact), rows)
    await session.execute(insert(ContactPoint), list(_points(made, ids, now)))
    await around.furnish(session, made, ids, now)
    return [
        past.Customer(row["id"], customer.phones[0], row["company_id"])
        for customer, row in zip(made, rows, strict=True)
        if customer.kind == "person" and customer.phones
    ]


def _contact(customer: customers.Customer, contact_id: int, at: datetime) -> dict[str, Any]:
    return {
        "id": contact_id, "kind": customer.kind, "name": customer.name,
        "given_name": customer.given_name, "family_name": customer.family_name,
        "title": customer.title, "language": customer.language, "country": customer.country,
        "city": customer.city, "custom": {}, "version": 1, "created_at": at, "updated_at": at,
        **searchable(customer.name),
    }  # fmt: skip


def _points(made: list[customers.Customer], ids: list[int], now: datetime) -> list[dict[str, Any]]:
    rows = []
    for contact_id, customer in zip(ids, made, strict=True):
        for place, number in enumerate(customer.phones):
            rows.append(
                {
                    "id": new_id(now.timestamp()), "contact_id": contact_id, "kind": "phone",
                    "value": phone.display(number), "norm": number,
                    "rev": phone.backwards(number), "ext": "",
                    "label": "mobile" if customer.kind == "person" else "main",
                    "position": place, "country": customer.country, "valid": True,
                }
            )  # fmt: skip
        if customer.email:
            rows.append(
                {
                    "id": new_id(now.timestamp()), "contact_id": contact_id, "kind": "email",
                    "value": customer.email, "norm": customer.email, "rev": None, "ext": "",
                    "label": "work", "position": len(customer.phones), "country": None,
                    "valid": True,
                }
            )  # fmt: skip
    return rows


async def _past(session: AsyncSession, rows: past.Rows) -> None:
    for table, made in rows.items():
        if made:
            target: Table = Base.metadata.tables[table]
            await session.execute(insert(target), made)
    latest: dict[int, datetime] = {}
    for row in rows["participant"]:
        if row["contact_id"] is not None:
            latest[row["contact_id"]] = max(latest.get(row["contact_id"], row["at"]), row["at"])
    for contact_id, at in latest.items():
        await session.execute(
            update(Contact).where(Contact.id == contact_id).values(last_contact_at=at)
        )


async def _plans(session: AsyncSession, rows: past.Rows, now: datetime) -> None:
    for table, made in rows.items():
        await session.execute(insert(Base.metadata.tables[table]), made)
    for row in rows["interaction"]:
        planned = await session.get_one(Interaction, row["id"])
        await touch.follow(session, planned, {}, now)

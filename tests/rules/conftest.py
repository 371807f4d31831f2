"""An office where rules run over leads."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from callcenter import audit
from callcenter.agents import roles
from callcenter.agents.models import Team, User
from callcenter.app.entities import registry_of
from callcenter.audit import Audit
from callcenter.calls.commands import Caller, PlaceCall
from callcenter.crm.contacts.models import Contact
from callcenter.db import Database, Setting, new_id
from callcenter.entity import saving
from callcenter.entity.models import CustomField
from callcenter.entity.saving import Deed
from callcenter.errors import AgentHasNoPhone
from callcenter.interactions.models import Interaction
from callcenter.interactions.participants import Taking
from callcenter.jobs import Handler, Job, Later
from callcenter.leads.models import Lead
from callcenter.notices.models import Notification
from callcenter.process import seeds
from callcenter.rules import giving, shapes
from callcenter.rules.following import STATE, Follower
from callcenter.rules.means import Means
from callcenter.rules.models import Assignment, Automation, AutomationRun
from callcenter.rules.terms import Terms
from tests.fixtures.customers import NOW, Office, by, signed_in
from tests.leads.desk import ALL, Desk


@dataclass
class Rules:
    """Rules over leads on a real database; the clock and who is there are the test's."""

    office: Office
    desk: Desk
    team: Team
    now: datetime = NOW
    #: What each person is at, by `agents.states`.
    at: dict[int, str] = field(default_factory=dict)
    #: Whose phones were rung, and with which number.
    rung: list[tuple[int, str]] = field(default_factory=list)
    #: Who has no phone.
    without_phone: set[int] = field(default_factory=set)

    #: Whether somebody sends messages for us.
    has_sms: bool = True

    def __post_init__(self) -> None:
        self.means = Means(
            state_of=self._state_of, has_sms=lambda: self.has_sms, company=lambda: "Dalğa",
            public_url="https://crm.example.az", language="en",
        )  # fmt: skip
        database, registry = self.office.database, self.desk.registry
        self.follower = self.another_node()
        self.terms = Terms(
            database, registry, lambda: self.now, self._state_of, self._place, lambda: None
        )

    def another_node(self) -> Follower:
        """Return what reads the stream on another node, or here after a restart."""
        return Follower(self.office.database, self.desk.registry, lambda: self.now, self.means)

    def _state_of(self, user_id: int) -> str:
        return self.at.get(user_id, "off")

    async def _place(self, caller: Caller, wish: PlaceCall) -> None:
        if caller.user_id in self.without_phone:
            raise AgentHasNoPhone(name=caller.name)
        self.rung.append((caller.user_id, wish.number or ""))

    async def person(self, name: str, state: str = "ready") -> User:
        user = await self.office.user(name, team_id=self.team.id)
        self.at[user.id] = state
        return user

    async def rule(self, *actions: shapes.Action, name: str = "Rule", **facts: Any) -> Automation:
        row = Automation(
            id=new_id(NOW.timestamp()), name=name, entity=facts.pop("entity", "lead"),
            actions=shapes.written(actions), created_at=NOW, updated_at=NOW,
            **({"condition": {"all": []}} | facts),
        )  # fmt: skip
        return await self.office._add(row)

    async def added_field(self, entity: str, key: str, kind: str) -> None:
        """Add a field as administrators do."""
        await self.office._add(
            CustomField(
                id=new_id(NOW.timestamp()), entity=entity, key=key, label={"en": key}, type=kind,
                created_at=NOW, updated_at=NOW,
            )
        )  # fmt: skip
        await self.desk.registry.load(self.office.database)

    async def lead(self, **given: Any) -> Lead:
        """Add a lead that belongs to nobody, as a form on a website does."""
        lead = await self.desk.add(**given)
        async with self.office.database.write() as session:
            await session.execute(update(Lead).where(Lead.id == lead.id).values(owner_id=None))
        return lead

    def deed(self, session: Any, entity: str) -> Deed:
        """Return somebody of ours who may do anything."""
        registry, anna = self.desk.registry, self.desk.anna
        who = signed_in(anna, lead=ALL, contact=ALL, interaction=ALL)
        return Deed(session, registry, registry[entity], who, self.now, by(anna))

    async def contact(self, name: str) -> Contact:
        async with self.office.database.write() as session:
            given = {"kind": "person", "name": name}
            return await saving.create(self.deed(session, "contact"), given)  # type: ignore[no-any-return]

    async def interaction(self, kind: str, contact: Contact, direction: str = "in") -> Interaction:
        given = {
            "kind": kind, "subject": "Wants", "direction": direction, "status": "held",
            "start_at": NOW, "participants": [Taking(role="from", contact_id=contact.id)],
        }  # fmt: skip
        async with self.office.database.write() as session:
            return await saving.create(self.deed(session, "interaction"), given)  # type: ignore[no-any-return]

    async def change(self, row: Any, entity: str = "interaction", **given: Any) -> None:
        async with self.office.database.write() as session:
            await saving.change(self.deed(session, entity), row.id, given, None)

    async def run(self) -> None:
        """Let all rules run that the changes until now concern."""
        while await self.follower.step():
            pass

    async def due(self, **later: float) -> None:
        """Do the jobs of what was given that are due by now, or some time later."""
        await self.do(giving.TERM, self.terms.term, **later)
        await self.do(giving.SWEEP, self.terms.sweep)
        await self.do(giving.RING, self.terms.ring)

    async def do(self, kind: str, handler: Handler, **later: float) -> None:
        """Do the jobs of a kind that are due by now, or some time later."""
        self.now += timedelta(**later)
        async with self.office.database.read() as session:
            jobs = list(
                await session.scalars(
                    select(Job)
                    .where(Job.run_at <= self.now, Job.done_at.is_(None), Job.kind == kind)
                    .order_by(Job.run_at, Job.id)
                )
            )
        for job in jobs:
            values: dict[str, Any] = {"done_at": self.now}
            try:
                await handler(job)
            except Later as put_off:
                values = {"run_at": put_off.until}
            async with self.office.database.write() as session:
                await session.execute(update(Job).where(Job.id == job.id).values(**values))

    # What came of it.

    async def owner(self, lead: Lead) -> int | None:
        async with self.office.database.read() as session:
            return (await session.get_one(Lead, lead.id)).owner_id

    async def stored(self, kind: Any, row_id: int) -> Any:
        async with self.office.database.read() as session:
            return await session.get_one(kind, row_id)

    async def all(self, kind: Any) -> list[Any]:
        async with self.office.database.read() as session:
            return list(
                await session.scalars(select(kind).order_by(kind.__table__.primary_key.columns[0]))
            )

    async def assignments(self) -> list[tuple[int | None, str | None]]:
        return [(row.user_id, row.ended) for row in await self.all(Assignment)]

    async def told(self, kind: str) -> list[int]:
        """Return who was told of something of a kind."""
        return [row.user_id for row in await self.all(Notification) if row.kind == kind]

    async def looked_until(self, rule: Automation) -> datetime | None:
        async with self.office.database.read() as session:
            return (await session.get_one(Automation, rule.id)).looked_until

    async def jobs(self, kind: str) -> list[Job]:
        return [job for job in await self.all(Job) if job.kind == kind]

    async def runs(self) -> list[AutomationRun]:
        return await self.all(AutomationRun)

    async def changes(self, lead: Lead) -> list[Audit]:
        return [row for row in await self.all(Audit) if row.entity_id == lead.id]


@pytest.fixture
async def rules(office: Office) -> Rules:
    return await made(office)


@pytest.fixture
async def sqlite_rules(sqlite_database: Database) -> Rules:
    """The same where the engines do not differ."""
    return await made(Office(sqlite_database))


async def made(office: Office) -> Rules:
    async with office.database.write() as session:
        await seeds.seed(session, NOW)
        await roles.seed(session, NOW)
    registry = registry_of(("AZ",))
    await registry.load(office.database)
    team = await office._add(
        Team(id=9, name="Sales", queue_names=[], created_at=NOW, updated_at=NOW)
    )
    desk = Desk(office, registry, await office.user("Anna"))
    async with office.database.write() as session:
        after = str(await audit.newest(session))
        session.add(Setting(key=STATE, value={"after": after}, updated_at=NOW))
    return Rules(office, desk, team)

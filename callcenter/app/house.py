"""Every room, built and wired to the others."""

import asyncio
from collections.abc import Callable, Collection, Coroutine, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from aiohttp import web

from callcenter import audit, jobs, phone
from callcenter.agents.desks import Desks
from callcenter.agents.device_map import DeviceMap
from callcenter.agents.keeper import Keeper
from callcenter.agents.mail import Postman
from callcenter.agents.roles import seed
from callcenter.agents.sign_in import SignIn
from callcenter.app.chores import Chores
from callcenter.app.entities import STAGED, entities
from callcenter.app.floor import OnTheFloor, render_part
from callcenter.app.phones import OwnPhones
from callcenter.app.ruling import Ruling
from callcenter.app.second_account import CallLogs
from callcenter.app.telephony import Telephony
from callcenter.app.traces import Traces
from callcenter.app.work import WORK
from callcenter.bus.memory import MemoryBus
from callcenter.calls.board import Board, LiveCall
from callcenter.calls.commands import Switchboard
from callcenter.calls.links import Links
from callcenter.calls.lost import end_lost_calls
from callcenter.calls.phases import leg_changes
from callcenter.calls.repair import Repairs
from callcenter.calls.repaired import Store
from callcenter.calls.requests import Requests
from callcenter.calls.resume import take_up_open_calls
from callcenter.calls.writer import Writer
from callcenter.company.branding import Branding
from callcenter.crm.contacts import ties_in_files
from callcenter.crm.contacts.for_calls import ForCalls
from callcenter.crm.duplicates.scan import scanner
from callcenter.crm.finding import texts
from callcenter.crm.linker import Linker
from callcenter.db import Database, alone
from callcenter.desktop.telling import Telling
from callcenter.entity import seeds
from callcenter.entity.admin.indexes import Indexes
from callcenter.entity.importing.store import Store as Files
from callcenter.entity.importing.working import Imports
from callcenter.entity.registry import Registry
from callcenter.errors import PbxUnreachable
from callcenter.events import (
    CallEvent,
    ContactChanged,
    ContactsBroughtIn,
    DescriptionsChanged,
    InteractionChanged,
    PersonChanged,
    RequestSettled,
    SeatChanged,
    SessionsEnded,
)
from callcenter.interactions import reminders
from callcenter.interactions.participants import PARTICIPANTS
from callcenter.leads import answers, open_ones
from callcenter.leads import overdue as late_leads
from callcenter.leads.webforms import keeping
from callcenter.live.dress import dress
from callcenter.live.hub import Hub
from callcenter.live.protocol import Day, Dialled, Link, OpenLead, SeatNews, Snapshot, State
from callcenter.mail.boxes import Boxes
from callcenter.notices.teller import Teller
from callcenter.post import sms
from callcenter.process import seeds as process_seeds
from callcenter.process.pipelines import Pipelines
from callcenter.screenpop.card import Cards
from callcenter.screenpop.dispatch import Dispatch
from callcenter.server.identity import Identity
from callcenter.settings import Settings
from callcenter.stats.callers import Callers
from callcenter.stats.feed import TOPIC, FloorFeed
from callcenter.stats.today import Today
from callcenter.stats.unheard import Unheard, UnheardSpans

log = structlog.get_logger()

#: Calls that are still being written get so long to be stored before the service ends.
DRAIN_S = 5.0
#: How often the moment until which each PBX was heard is stored.
REMEMBER_S = 10.0


class House:
    """Every room, built and wired. `open` fills them from the database; `work` is what they do."""

    def __init__(self, settings: Settings, database: Database, clock: Callable[[], float]) -> None:
        self.settings = settings
        self.database = database
        self.clock = clock
        self.zone = ZoneInfo(settings.time_zone)
        #: Where people open it; known once it listens.
        self.address = ""
        self.errands: set[asyncio.Task[None]] = set()
        self.bus = bus = MemoryBus()
        self.regions = phone.Regions(settings.region_list)
        PARTICIPANTS.regions = self.regions
        self.pipelines = Pipelines(STAGED)
        self.registry = Registry(
            entities(self.regions, self.pipelines, settings.time_zone),
            [self.pipelines.load, ties_in_files.words],
        )
        self.registry.zone = self.zone
        self.devices = DeviceMap(database, bus, lambda pbx, raw: self.read_number(pbx, raw).norm)
        self.sign_in = SignIn(database, bus, settings.session_h)
        self.branding = Branding(database, bus, self.registry, self.spawn, self.regions)
        self._build_records()
        self._build_calls()
        self._build_screens()
        self._build_states()
        self._build_work()
        bus.listen(lambda _: self.spawn(self._descriptions_changed()), DescriptionsChanged)
        bus.listen(
            lambda event: self.hub.check_sessions(event.user_id), SessionsEnded, PersonChanged
        )

    def _build_records(self) -> None:
        """Build what records come from, beside the forms: letters, files, forms on websites."""
        settings, database, bus = self.settings, self.database, self.bus
        self.postman = Postman(settings.smtp_url, lambda: self.branding.brand.name)
        self.boxes = Boxes(database, settings.data_path, self.now, self.letter_changed)
        self.imports = Imports(
            database, self.registry, Files(settings.data_path / "imports"),
            self.sign_in.identity_of, self.regions, self.clock, bus.publish,
        )  # fmt: skip
        self.indexes = Indexes(database, self.registry)
        self.sms = sms.provider_of(settings)
        self.answers = answers.Answers(database, bus, self.now, self.spawn)
        self.form_leads = keeping.Making(
            database, self.registry, self.now, self.regions, settings.time_zone
        )
        self.late_leads = late_leads.Overdue(database, self.pipelines, self.now, settings.time_zone)

    def _build_calls(self) -> None:
        database, bus = self.database, self.bus
        self.board = Board(self.devices.user_of, self.devices.caller)
        # First of all: whoever hears of a call finds it on the board.
        bus.listen(self.board.apply, *_concrete(CallEvent))
        self.writer = Writer(database, bus, self.board, self.read_number)
        self.links = Links(database, bus, self.clock)
        self.requests = Requests(database, bus, self.board.id_of, self.clock, self.spawn)
        self.telephony = Telephony(
            self.settings, database, bus, self.devices, self.links, self.clock, self.regions
        )
        self.links.queue_counts = self.telephony.lines.queue_counts
        self.repairs = Repairs(
            database, bus, self.board, Store(database, bus, self.read_number),
            CallLogs(self.settings, database, self.telephony).ask, self.clock,
            on_change=lambda: self.spawn(self._figures_again()),
        )  # fmt: skip
        self.switchboard = Switchboard(
            database, self.requests, self.telephony.port, self.clock, self.regions
        )
        self.traces = Traces(self.settings.traces, self.telephony.sync_traces)
        self.linker = Linker(database, bus)
        self.scanner = scanner(database, self.now)
        self.texts = texts.keeper(database, self.registry, self.now)
        self.for_calls = ForCalls(database, self.regions)

    def _build_screens(self) -> None:
        cards = Cards(
            self.database,
            self.regions_of,
            self.devices.has_extension,
            self._rights_of,
            self._leads_of,
        )
        self.today = Today(self.database, self.bus, self.zone, self.clock)
        self.unheard = UnheardSpans(self.database, self.bus, self.clock)
        on_the_floor = OnTheFloor(self)
        self.callers = Callers(on_the_floor.caller, self.spawn, self._touch_floor)
        self.floor = FloorFeed(on_the_floor.sources(), render_part, self.clock)
        self.hub = Hub(
            self._picture,
            clock=self.clock,
            dress=dress,
            feeds={TOPIC: self.floor},
            on_presence=self._presence,
            on_seen=self._seen,
        )
        self.dispatch = Dispatch(self.hub, cards, self.name_of, self.clock)
        self.bus.listen(self.dispatch.contact_changed, ContactChanged)
        self.bus.listen(self.dispatch.contacts_brought_in, ContactsBroughtIn)
        self.bus.listen(self.dispatch.interaction_changed, InteractionChanged)
        self.board.listen(self.dispatch.changed)
        self.board.listen(self.callers.changed)
        self.links.on_change = lambda view: self.hub.say_to_all(Link(link=view))
        self.bus.listen(self.floor.touch)

    def _build_states(self) -> None:
        self.keeper = Keeper(
            self.database,
            self.bus,
            self._pause,
            self.devices,
            lambda user_id, view: self.hub.say_soon(
                user_id, State, lambda: State(seq=0, state=view)
            ),
            self.clock,
            self.settings.wrap_up_s,
        )
        self.board.listen(self._seats_changed)
        self.phones = OwnPhones(self.devices, self.hub, self.telephony.name_of)
        self.bus.listen(self._tell_seat, SeatChanged)
        self.desks = Desks(
            self.database, self.bus, self.clock, lambda user_id: self.keeper.wish(user_id, "ready"),
            self.settings.session_h,
        )  # fmt: skip

    def _build_work(self) -> None:
        """Build what is done by itself, later, and how people are told of it."""
        database, bus = self.database, self.bus
        self.rules = Ruling(self, self._rules_acted)
        self.jobs = jobs.Runner(database, self.now, Chores(self).handlers())
        bus.listen(self._tell_settled, RequestSettled)
        self.teller = Teller(
            database, self.hub, self.now, self.spawn, self.ways, self.zone, (reminders.due,)
        )
        bus.listen(lambda _: self.teller.tell_soon(), InteractionChanged)
        self.days = Telling(
            database, bus, self.hub.here,
            lambda user_id: self.hub.say_soon(user_id, "day", lambda: Day(seq=0)), self.spawn,
        )  # fmt: skip

    def _rules_acted(self) -> None:
        self.jobs.wake()
        self.teller.tell_soon()

    # ------------------------------------------------------------ life

    async def open(self) -> None:
        """Fill the rooms from the database and open the lines."""
        async with self.database.write() as session:
            # Several nodes may begin at once, and what they find missing is to be made once.
            await alone(session, "seeds")
            await seed(session, self.now())
            await seeds.seed(session, self.now())
            await process_seeds.seed(session, self.now())
            await audit.settle(session)
            for kind, work in WORK.items():
                if work.every is not None:
                    await jobs.every(session, kind, work.every, self.now())
        await self.registry.load(self.database)
        self.spawn(self.indexes.settle())
        await self.branding.load()
        await self.devices.load()
        await self.requests.load()
        await self.keeper.load()
        await self._take_up_calls()
        await self.today.load()
        await self.unheard.load()
        await self.telephony.load()

    async def _descriptions_changed(self) -> None:
        await self.registry.load(self.database)
        await self.indexes.settle()

    async def _take_up_calls(self) -> None:
        """Go on with the calls that were open when the service stopped."""
        await self.telephony.read()
        pbxs = list(self.telephony.rows)
        self.telephony.recall(await take_up_open_calls(self.database, self.board, pbxs))
        await end_lost_calls(
            self.database, self._heard, lambda call_id: self.board.get(call_id) is not None
        )

    def work(self) -> Iterable[Coroutine[Any, Any, Any]]:
        """Return what goes on as long as the house is open."""
        yield self.devices.keep()
        yield self.telephony.keep()
        yield self.writer.run()
        yield self.linker.run()
        yield self.imports.run()
        yield self.scanner.run()
        yield self.texts.run()
        yield self.repairs.run()
        yield self.keeper.run()
        yield self.desks.run()
        yield self.floor.run(self.hub)
        yield self.postman.deliver()
        yield self.boxes.run()
        yield self.teller.run()
        yield self.jobs.run()
        yield self.rules.follower.run()
        yield self._remember()

    async def close(self) -> None:
        """End the lines, then store what is known."""
        await self.telephony.close()
        await self.dispatch.close()
        try:
            async with asyncio.timeout(DRAIN_S):
                await self.writer.drain()
                await self.keeper.drain()
                await self.links.remember()
        except TimeoutError:
            log.warning("some calls could not be stored before the end", within_s=DRAIN_S)
        await asyncio.gather(*self.errands, return_exceptions=True)

    async def on_shutdown(self, _app: web.Application) -> None:
        self.hub.close()

    def spawn(self, errand: Coroutine[Any, Any, None]) -> None:
        """Run something short that nobody waits for; failures are logged."""
        task = asyncio.create_task(errand)
        self.errands.add(task)
        task.add_done_callback(self._errand_done)

    def _errand_done(self, task: "asyncio.Task[None]") -> None:
        self.errands.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("an errand failed", exc_info=error)

    async def _remember(self) -> None:
        while True:
            await asyncio.sleep(REMEMBER_S)
            try:
                await self.links.remember()
            except Exception:
                log.exception("until when the PBXs were heard could not be stored")

    def ways(self) -> Collection[str]:
        """Return by which channels notices can be brought to people."""
        mail = ("email",) if self.postman.is_there else ()
        message = ("sms",) if self.sms is not None else ()
        return ("page", "desktop", *mail, *message)

    # ------------------------------------------------------------ what rooms ask

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.clock(), UTC)

    def _rights_of(self, user_id: int) -> Identity | None:
        person = self.devices.person(user_id)
        return person.who if person else None

    def letter_changed(self, interaction_id: int) -> None:
        self.bus.publish(InteractionChanged(at=self.clock(), interaction_id=interaction_id))

    async def _leads_of(self, who: Identity, contact_id: int) -> Sequence[OpenLead]:
        if not await open_ones.has_any(self.database, contact_id):
            return ()
        async with self.database.read() as session:
            leads = await open_ones.of_contact(session, self.registry, who, contact_id)
        return [
            OpenLead(
                id=one.id, number=one.number, subject=one.subject, owner=one.owner,
                stages=dict(one.stage),
            )
            for one in leads
        ]  # fmt: skip

    def name_of(self, user_id: int) -> str | None:
        person = self.devices.person(user_id)
        return person.name if person else None

    def regions_of(self, pbx: int) -> Sequence[str]:
        return (self.telephony.region_of(pbx),)

    def read_number(self, pbx: int, raw: str) -> phone.Number:
        return phone.read(raw, self.regions_of(pbx))

    def _picture(self, who: Identity, seq: int) -> Snapshot:
        has_seats = "seats" not in self.branding.brand.off
        return Snapshot(
            seq=seq,
            now=self.clock(),
            state=self.keeper.view(who.user_id),
            pops=self.dispatch.pops_of(who.user_id),
            calls=self.dispatch.calls_of(who.user_id),
            links=self.links.views(),
            phones=self.phones.of(who.user_id),
            shared=has_seats and bool(self.devices.shared_phones),
            free=has_seats and self.devices.has_empty_seats,
        )

    async def _heard(self, pbx: int) -> float | None:
        heard = await self.links.heard(pbx)
        return heard.at if heard is not None else None

    def _seats_changed(self, live: LiveCall, event: CallEvent) -> None:
        for change in leg_changes(live, event.at):
            self.keeper.leg_changed(change)

    def _presence(self, user_id: int, here: bool) -> None:
        self.keeper.presence(user_id, here)

    async def _pause(self, pbx: int, interface: str, *, paused: bool, reason: str) -> None:
        port = self.telephony.port(pbx)
        if port is None:
            raise PbxUnreachable
        await port.pause(interface, paused=paused, reason=reason)

    async def _figures_again(self) -> None:
        """Calls of before were added or corrected."""
        await self.today.load()
        self.floor.touch()

    def gaps_today(self) -> tuple[Unheard, ...]:
        return self.unheard.since(self.today.midnight())

    def _touch_floor(self) -> None:
        self.floor.touch()

    def _seen(self, who: Identity, pop_id: str, ms: float) -> None:
        self.dispatch.seen(who, pop_id, ms)

    def _tell_seat(self, event: SeatChanged) -> None:
        by = None if event.by_id is None else self.name_of(event.by_id)
        news = SeatNews(seq=0, what=event.what, seat=event.seat, by=by)
        self.hub.say(event.user_id, news)

    def _tell_settled(self, event: RequestSettled) -> None:
        self.hub.say(
            event.user_id,
            Dialled(seq=0, intent_id=event.intent_id, status=event.status, problem=event.problem),
        )


def _concrete(kind: type[Any]) -> list[type[Any]]:
    """Return the kinds of event below `kind` that are themselves sent."""
    below = [each for child in kind.__subclasses__() for each in _concrete(child)]
    return below or [kind]

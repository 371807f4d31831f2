"""Asks a PBX's own call log (CEL) what happened in a gap, with the phones as they were then."""

import asyncio
from datetime import UTC, datetime

import msgspec
from sqlalchemy import or_, select

from callcenter.agents.models import Device
from callcenter.ami.lines import Wiring
from callcenter.ami.repair import CelUnreadable, Source, account, source_of, stories
from callcenter.app.telephony import Telephony
from callcenter.calls.pbxs import cel_secret_of
from callcenter.db import Database
from callcenter.pbx import NoSecondAccount, SecondAccount
from callcenter.server.secret_files import NoSecret
from callcenter.settings import Settings


class CallLogs:
    """The call logs of all PBXs; `ask` is handed to `calls.repair`."""

    def __init__(self, settings: Settings, database: Database, telephony: Telephony) -> None:
        self._settings = settings
        self._database = database
        self._telephony = telephony

    async def ask(
        self, pbx: int, from_at: float, to_at: float, living: frozenset[str] | None
    ) -> SecondAccount | None:
        source = self._source(pbx)
        wiring = self._telephony.lines.wiring(pbx)
        if source is None or wiring is None:
            return None
        endpoints = (await self._as_it_was(wiring, from_at, to_at)).endpoints
        try:
            found = await stories(source, from_at, to_at)
        except CelUnreadable as problem:
            raise NoSecondAccount(str(problem)) from problem
        # A long gap of a busy PBX is a good second's work: not one in which nobody else gets a turn.
        told = await asyncio.to_thread(
            account, found.rows, pbx, endpoints, living=living, cut_at=from_at
        )
        return SecondAccount(told=tuple(told), newest=found.newest)

    def _source(self, pbx: int) -> Source | None:
        row = self._telephony.rows.get(pbx)
        if row is None or not row.cel_source:
            return None
        try:
            password = cel_secret_of(row, self._settings.data_path)
        except NoSecret as problem:
            raise NoSecondAccount(str(problem)) from problem
        return source_of(row.cel_source, password, row.time_zone)

    async def _as_it_was(self, wiring: Wiring, from_at: float, to_at: float) -> Wiring:
        """Return the wiring with the phones at which somebody sat in that span, too."""
        async with self._database.read() as session:
            rows = await session.execute(
                select(Device.endpoint, Device.own_calls).where(
                    Device.pbx_id == wiring.account.pbx,
                    Device.from_at <= datetime.fromtimestamp(to_at, UTC),
                    or_(
                        Device.to_at.is_(None),
                        Device.to_at >= datetime.fromtimestamp(from_at, UTC),
                    ),
                )
            )
            then = rows.all()
        return msgspec.structs.replace(
            wiring,
            agents=wiring.agents | {endpoint for endpoint, _ in then},
            own_callers=wiring.own_callers | {endpoint for endpoint, own in then if own},
        )

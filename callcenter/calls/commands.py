"""What a person may ask of a call: place one, hang one up.

Nothing is written because we asked for it: what really happened comes back as
events. A request is refused with a sentence, or placed at most once.
"""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter import audit, phone
from callcenter.agents.devices import OUTSIDE
from callcenter.agents.models import Device
from callcenter.calls.models import CallIntent, PbxRow
from callcenter.calls.requests import Requests, channel_of
from callcenter.db import Database
from callcenter.errors import (
    AgentHasNoPhone,
    BadInput,
    NotAPhoneNumber,
    OutcomeUnknown,
    PbxUnreachable,
    Problem,
)
from callcenter.pbx import Dial, Pbx
from callcenter.server.body import MISFIT, Id

_INTENT_ID = re.compile(r"[A-Za-z0-9-]{8,56}")
_NEW_ID = "Draw a new UUID for each call."


class PlaceCall(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A wish to call `number` (as typed), a contact's point, or the customer of a call.

    It is placed from one of one's phones.
    """

    intent_id: str
    number: str | None = None
    point_id: Id | None = None
    call_id: Id | None = None
    contact_id: Id | None = None
    device_id: Id | None = None


class Placed(msgspec.Struct, frozen=True, kw_only=True):
    """The request as it stands: asked, placed, refused, unknown or done."""

    intent_id: str
    status: str
    number: str
    call_id: int | None = None
    problem: str | None = None


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks."""

    user_id: int
    name: str


class Switchboard:
    """Places calls and ends them, on whichever PBX the person's phone belongs to."""

    def __init__(
        self,
        database: Database,
        requests: Requests,
        pbx_of: Callable[[int], Pbx | None],
        clock: Callable[[], float],
        regions: Sequence[str],
    ) -> None:
        """`regions` are tried for numbers that are none in the PBX's own."""
        self._database = database
        self._requests = requests
        self._pbx_of = pbx_of
        self._clock = clock
        self._regions = regions

    async def place_call(self, caller: Caller, wish: PlaceCall) -> Placed:
        """Ring the caller's phone, then the number. The same intent id again changes nothing.

        Raises BadInput, NotAPhoneNumber, AgentHasNoPhone, PbxUnreachable, PbxRefused or
        OutcomeUnknown; the request's row then says the same.
        """
        if not _INTENT_ID.fullmatch(wish.intent_id):
            raise BadInput({"intent_id": _NEW_ID})
        if (known := await self._known(caller, wish)) is not None:
            return known
        async with self._database.read() as session:
            device, pbx = await _phone_of(session, caller, wish.device_id)
        number = _number(wish.number or "", (pbx.region, *self._regions))
        intent = self._intent(caller, wish, device, number)
        dial = _dial(caller, intent, device, pbx)
        if not await self._requests.add(intent):
            if (known := await self._known(caller, wish)) is not None:
                return known
            raise BadInput({"contact_id": MISFIT})
        await self._send(dial, pbx.id)
        return Placed(intent_id=wish.intent_id, status="asked", number=number)

    async def hang_up(self, caller: Caller, pbx_id: int, leg: str, call_id: int) -> None:
        """End the call of `leg`. Raises PbxUnreachable, or CallNotLive if it has ended meanwhile."""
        pbx = self._pbx_of(pbx_id)
        if pbx is None or not pbx.up:
            raise PbxUnreachable
        async with self._database.write() as session:
            audit.record(
                session, self._now(), entity="call", entity_id=call_id, action="hang-up",
                actor_id=caller.user_id,
            )  # fmt: skip
        await pbx.hangup(leg)

    async def _known(self, caller: Caller, wish: PlaceCall) -> Placed | None:
        """Return what became of this wish; somebody else's is nobody else's business."""
        intent = await self._requests.find(wish.intent_id)
        if intent is None:
            return None
        if intent.user_id != caller.user_id:
            raise BadInput({"intent_id": _NEW_ID})
        return _placed(intent)

    async def _send(self, dial: Dial, pbx_id: int) -> None:
        pbx = self._pbx_of(pbx_id)
        try:
            if pbx is None or not pbx.up:
                raise PbxUnreachable
            await pbx.dial(dial)
        except OutcomeUnknown as problem:
            self._requests.settle(dial.channel_id, "unknown", problem=problem.code)
            raise
        except Problem as problem:
            self._requests.settle(dial.channel_id, "refused", problem=problem.code)
            raise

    def _intent(self, caller: Caller, wish: PlaceCall, device: Device, number: str) -> CallIntent:
        return CallIntent(
            id=wish.intent_id, user_id=caller.user_id, pbx_id=device.pbx_id, device_id=device.id,
            contact_id=wish.contact_id, number=number, channel_id=channel_of(wish.intent_id),
            at=self._now(), status="asked",
        )  # fmt: skip

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clock(), UTC)


async def _phone_of(
    session: AsyncSession, caller: Caller, device_id: int | None
) -> tuple[Device, PbxRow]:
    """Return the phone to ring first: the one chosen, else the person's first."""
    query = (
        select(Device, PbxRow)
        .join(PbxRow, PbxRow.id == Device.pbx_id)
        .where(Device.user_id == caller.user_id, Device.to_at.is_(None), PbxRow.active)
        .order_by(Device.position, Device.id)
    )
    if device_id is not None:
        query = query.where(Device.id == device_id)
    row = (await session.execute(query)).first()
    if row is None:
        raise AgentHasNoPhone(name=caller.name)
    return row[0], row[1]


def _number(raw: str, regions: Sequence[str]) -> str:
    """Return what to call: E.164, or a short code such as a colleague's extension."""
    number = phone.read(raw, regions)
    if number.kind not in ("e164", "short"):
        raise NotAPhoneNumber(raw=raw)
    return number.norm


def _dialled(number: str, pbx: PbxRow) -> str:
    """Return the digits the PBX is given: only what leads outside gets the prefix."""
    if not number.startswith("+"):
        return number
    return pbx.dial_prefix + phone.to_dial(number, pbx.region, pbx.dial_format)


def _dial(caller: Caller, intent: CallIntent, device: Device, pbx: PbxRow) -> Dial:
    return Dial(
        channel_id=intent.channel_id,
        endpoint=_rung(device, pbx),
        number=_dialled(intent.number, pbx),
        context=pbx.dial_context,
        caller_name=caller.name,
        crm_ref=intent.id,
    )


def _rung(device: Device, pbx: PbxRow) -> str:
    """Return what the PBX rings first: the phone, or an outside number by the way customers go.

    "/n" keeps the Local channel in the call, which else would take our id with it when it goes.
    """
    if not device.endpoint.startswith(OUTSIDE):
        return device.endpoint
    number = _dialled(device.endpoint.removeprefix(OUTSIDE), pbx)
    return f"Local/{number}@{pbx.dial_context}/n"


def _placed(intent: CallIntent) -> Placed:
    return Placed(
        intent_id=intent.id, status=intent.status, number=intent.number, call_id=intent.call_id,
        problem=intent.problem,
    )  # fmt: skip

"""One past call with everything that is stored of it; `why` tells what happened in it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from callcenter import phone
from callcenter.agents.models import User
from callcenter.calls.call import Call
from callcenter.calls.course import rebuild
from callcenter.calls.gaps import touching
from callcenter.calls.history import CallLine, add_queues, all_lines, line_of, visible_to
from callcenter.calls.models import CallAlias, CallIntent, CallLeg, CallRow, Gap, PbxRow, QueueVisit
from callcenter.calls.recordings import Part, parts_of
from callcenter.interactions import covering
from callcenter.interactions.models import Interaction
from callcenter.server.identity import Identity

#: Parties whose numbers are no telephones of ours.
OUTSIDERS = ("customer", "external")


@dataclass(frozen=True, slots=True)
class LegLine:
    """One party's part, for the page of a call."""

    uniqueid: str
    party: str
    user_id: int | None
    name: str | None
    endpoint: str
    number: str | None
    visit: int | None
    ring_at: datetime | None
    answer_at: datetime | None
    end_at: datetime | None
    result: str | None
    talk_s: float
    hold_s: float
    consult_s: float
    how_in: str
    how_out: str | None


@dataclass(frozen=True, slots=True)
class CallDetail:
    """A call with everything in it. `call` is its record once more, as the fold made it."""

    line: CallLine
    call: Call
    pbx: str
    region: str
    trunk: str | None
    dialed_number: str | None
    ended_by: str | None
    hangup_cause: int | None
    ivr_digits: str | None
    asked_by: str | None
    legs: list[LegLine]
    visits: list[QueueVisit]
    gaps: list[Gap]
    recordings: list[Part]
    note: str | None
    note_version: int


async def find_call(session: AsyncSession, call_id: int, who: Identity) -> CallDetail | None:
    """Return the call, or None if there is none that this person may see."""
    last = await survivor(session, call_id)
    query = all_lines(who).where(CallRow.id == last, visible_to(who))
    row = (await session.execute(query)).one_or_none()
    if row is None:
        return None
    line = line_of(row, who)
    await add_queues(session, [line])
    return await _detail(session, row.CallRow, line, who)


async def survivor(session: AsyncSession, call_id: int) -> int:
    """Return the call that `call_id` has become part of, by however many steps; else itself."""
    into = aliased(CallRow)
    # UNION, not UNION ALL: a row met again ends it.
    chain = (
        select(CallRow.id, CallRow.merged_into_id).where(CallRow.id == call_id).cte(recursive=True)
    )
    chain = chain.union(
        select(into.id, into.merged_into_id).join(chain, into.id == chain.c.merged_into_id)
    )
    last = await session.scalar(select(chain.c.id).where(chain.c.merged_into_id.is_(None)))
    return call_id if last is None else last


async def _detail(
    session: AsyncSession, call: CallRow, line: CallLine, who: Identity
) -> CallDetail:
    pbx = await session.get_one(PbxRow, call.pbx_id)
    interaction = await session.get(Interaction, call.interaction_id or 0)
    asked_by = await session.scalar(
        select(User.name)
        .join(CallIntent, CallIntent.user_id == User.id)
        .where(CallIntent.channel_id == call.first_uniqueid)
    )
    legs = await _legs(session, call.id)
    visits = list(
        await session.scalars(
            select(QueueVisit).where(QueueVisit.call_id == call.id).order_by(QueueVisit.seq)
        )
    )
    aliases = await session.scalars(select(CallAlias.alias).where(CallAlias.call_id == call.id))
    return CallDetail(
        line=line, call=rebuild(call, [leg for leg, _ in legs], visits, list(aliases)),
        pbx=pbx.name, region=pbx.region, trunk=call.trunk,
        dialed_number=_dialled(call, pbx.region, who),
        ended_by=call.ended_by, hangup_cause=call.hangup_cause,
        ivr_digits=covering.name(call.ivr_digits, who),
        asked_by=asked_by, legs=[_line(leg, name, who) for leg, name in legs], visits=visits,
        gaps=await touching(session, call.ring_at, call.end_at, pbxs=[call.pbx_id]),
        recordings=await parts_of(session, call, pbx, who),
        note=line.note,
        note_version=interaction.version if interaction else 1,
    )  # fmt: skip


def _dialled(call: CallRow, region: str, who: Identity) -> str | None:
    """Return what was dialled in one form, however the carrier writes it: our number, or theirs."""
    if not call.dialed_number:
        return None
    number = phone.read(call.dialed_number, (region,)).norm or call.dialed_number
    return covering.number(number, who) if call.direction == "outbound" else number


async def _legs(session: AsyncSession, call_id: int) -> list[tuple[CallLeg, str | None]]:
    query = (
        select(CallLeg, User.name)
        .outerjoin(User, User.id == CallLeg.user_id)
        .where(CallLeg.call_id == call_id)
        .order_by(CallLeg.seq)
    )
    return [(leg, name) for leg, name in await session.execute(query)]


def _line(leg: CallLeg, name: str | None, who: Identity) -> LegLine:
    endpoint, number = leg.endpoint, leg.number
    if leg.party in OUTSIDERS:
        endpoint, number = covering.name(endpoint, who) or "", covering.number(number, who)
    return LegLine(
        uniqueid=leg.uniqueid, party=leg.party, user_id=leg.user_id, name=name,
        endpoint=endpoint, number=number, visit=leg.visit, ring_at=leg.ring_at,
        answer_at=leg.answer_at, end_at=leg.end_at, result=leg.result, talk_s=leg.talk_ms / 1000,
        hold_s=leg.hold_ms / 1000, consult_s=leg.consult_ms / 1000, how_in=leg.how_in,
        how_out=leg.how_out,
    )  # fmt: skip

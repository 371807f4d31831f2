"""Who takes part in an interaction: customers, colleagues, and people nobody has stored yet.

A participant is a contact, a user, or a text with a number or an address; the text can become a
link to a contact at any later moment (`crm.linking`). The company of a contact takes part too, in
a row of its own, so that its timeline keeps what was said while somebody worked there.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

import msgspec
from sqlalchemy import column, delete, select, table, update
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter import phone
from callcenter.entity.reading import Unreadable, email_address
from callcenter.entity.rights import masked
from callcenter.errors import BadInput
from callcenter.interactions import covering
from callcenter.interactions.models import Interaction, Participant, Response
from callcenter.server.actor import Actor
from callcenter.server.body import MISFIT, MISSING, Id
from callcenter.server.identity import Identity, may
from callcenter.settings import Settings


def _(message: str) -> str:
    return message


MOST = 100
TOO_MANY = _("These are too many people for one interaction. Name up to 100.")
NOBODY = _("There is no such contact, or no such colleague.")
OF_A_CALL = _("The telephone system writes who took part in a call. Link the caller instead.")

COMPANY = "company"
#: Kinds in which a number is the line that was used, and not only where somebody can be reached.
BY_LINE = ("call", "sms", "email", "chat")

#: Who is not one of us, in the order in which they are named first.
CUSTOMER = ("from", "to", "attendee", "cc")

#: Contacts belong to a room above this one, so their table is known by name only.
_contact = table("contact", column("id"), column("company_id"), column("deleted_at"))
_user = table("user", column("id"), column("deleted_at"))
_call = table("call", column("interaction_id"))


#: Tells of numbers and addresses whose they are, where that leaves no doubt: {point: contact}.
Owners = Callable[[AsyncSession, Sequence[str]], Awaitable[Mapping[str, int]]]


async def _nobodys(_session: AsyncSession, _points: Sequence[str]) -> Mapping[str, int]:
    return {}


class Taking(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One who takes part, as forms and API clients name them."""

    contact_id: Id | None = None
    user_id: Id | None = None
    #: Of somebody who is not stored: the name, and a number or an address.
    text: str | None = None
    point: str | None = None
    role: Literal["from", "to", "cc", "attendee", "agent"] | None = None
    response: Response | None = None


class ByPoint(Taking, frozen=True, kw_only=True):
    """One of whom a program says a number or an address, and nothing of whose it is."""


def normal(point: str, regions: Sequence[str]) -> str:
    """Return a number or an address in its one form; what is neither stays as it is.

    `regions` are the countries of numbers without a country code.
    """
    if point.startswith(covering.NOTHING):
        return point
    if "@" in point:
        try:
            return email_address(point)
        except Unreadable:
            return point.strip()[:254]
    return phone.read(point, regions).norm or point.strip()[:254]


class Participants:
    """The list that belongs to each interaction."""

    name = "participants"
    label = _("Participants")
    shape = Taking
    #: Countries of the numbers that programs write without a country code; `app` hands the chosen ones.
    regions: Sequence[str] = tuple(Settings().region_list)
    #: Handed by `app`: contacts live in a room above this one.
    owners: Owners = staticmethod(_nobodys)

    def read_json(self, value: Any) -> list[Any]:
        try:
            forms = msgspec.convert(value, list[Taking])
        except msgspec.ValidationError as error:
            raise BadInput({self.name: MISFIT}) from error
        return [
            form
            if {"contact_id", "user_id"} & said.keys()
            else ByPoint(**msgspec.structs.asdict(form))
            for form, said in zip(forms, value, strict=True)
        ]

    async def load(self, session: AsyncSession, ids: Sequence[int]) -> dict[int, list[Any]]:
        taking: dict[int, list[Any]] = {}
        for row in await rows_of(session, *ids):
            taking.setdefault(row.interaction_id, []).append(told(row))
        return taking

    def covered(self, held: Sequence[Any], who: Identity) -> list[Any]:
        """Return them with the numbers and names that `who` may see.

        What was written down of a contact tells whoever does not see all contacts too much.
        """
        is_told = may(who, "contact", "read") == "all"
        return [
            {
                **one,
                "point": covering.place(one["point"], who),
                "text": covering.name(one["text"], who)
                if is_told or one["contact_id"] is None
                else None,
            }
            for one in held
        ]

    async def save(
        self, session: AsyncSession, row: Any, forms: Sequence[Any], at: datetime, by: Actor
    ) -> dict[str, list[Any]]:
        """Make `forms` all who take part. Raises BadInput."""
        await session.flush()
        there = await rows_of(session, row.id)
        wanted = [_whole(form, row, self.regions) for form in restored(forms, there)]
        wanted = [_as_linked(form, there) for form in wanted]
        now = _numbered(wanted, row)
        await self._link_certain(session, row, now, {one.point for one in there})
        before, after = [told(one) for one in there], [told(one) for one in now]
        if sorted(map(_key, before)) == sorted(map(_key, after)):
            return {}
        await _refuse_misfits(session, row, wanted)
        await session.execute(delete(Participant).where(Participant.interaction_id == row.id))
        session.add_all(now)
        await session.flush()
        await add_companies(session, row.id)
        return {self.name: [before, after]}

    async def joined(
        self, session: AsyncSession, row: Any, forms: Sequence[Any], before: Sequence[Any]
    ) -> list[Taking]:
        there = await rows_of(session, row.id)
        wanted = [_whole(form, row, self.regions) for form in restored(forms, there)]
        mine = [_key(as_told(_as_linked(form, there))) for form in wanted]
        first = [_key(one) for one in before]
        gone = [key for key in first if key not in mine]
        known = [*first, *(_key(told(one)) for one in there)]
        new = [form for form, key in zip(wanted, mine, strict=True) if key not in known]
        anew = [_person(form) for form in new]
        kept = [one for one in there if _key(told(one)) not in gone and _person(one) not in anew]
        return [*map(as_form, kept), *new]

    async def _link_certain(
        self,
        session: AsyncSession,
        row: Interaction,
        now: Sequence[Participant],
        known: Collection[str | None],
    ) -> None:
        """Link whoever comes in by a number or an address that is one contact's alone.

        Who was there before stays as somebody left him, and a name beside a number is believed
        where the number was not what one talked by.
        """
        nameless = [
            one
            for one in now
            if one.point and one.point not in known and not phone.is_withheld(one.point)
            and one.role in CUSTOMER
            and one.contact_id is None and one.user_id is None
            and (row.kind in BY_LINE or not one.text)
        ]  # fmt: skip
        owners = await self.owners(session, [str(one.point) for one in nameless])
        for one in nameless:
            if (owner := owners.get(str(one.point))) is not None:
                one.contact_id, one.certainty = owner, "known"


#: The one of the description of interactions.
PARTICIPANTS = Participants()


async def rows_of(session: AsyncSession, *ids: int) -> list[Participant]:
    """Return who takes part in these, as stored; companies that only hear of it not."""
    rows = await session.scalars(
        select(Participant)
        .where(Participant.interaction_id.in_(ids), Participant.role != COMPANY)
        .order_by(Participant.interaction_id, Participant.role, Participant.seq)
    )
    return list(rows)


def restored(forms: Sequence[Taking], rows: Sequence[Participant]) -> list[Taking]:
    """Return the forms with what was shown covered as it stands in `rows`.

    Raises BadInput for a covered number that none of them has: nobody guesses one so.
    """
    left = list(rows)

    def whole(form: Taking) -> Taking:
        if covering.NOTHING not in f"{form.text}{form.point}":
            return form
        same = next((row for row in left if is_shown_so(row, form)), None)
        if same is None:
            raise BadInput({"participants": MISFIT})
        left.remove(same)
        return msgspec.structs.replace(form, text=same.text, point=same.point)

    return [whole(form) for form in forms]


def is_shown_so(row: Participant, form: Taking) -> bool:
    """Tell whether a form names somebody who takes part, maybe as his reader was shown him: covered."""
    if (row.contact_id, row.user_id) != (form.contact_id, form.user_id):
        return False
    return all(
        (given or None) in (held, None if held is None else masked(held), covering.NOTHING)
        for given, held in ((form.text, row.text), (form.point, row.point))
    )


def as_told(form: Taking) -> dict[str, Any]:
    """Return what `told` says of a participant once he is saved so."""
    return {name: getattr(form, name) for name in Taking.__struct_fields__}


def as_form(row: Participant) -> Taking:
    """Return somebody who takes part as a form names him who leaves him as he is."""
    return Taking(**told(row))


def told(row: Participant) -> dict[str, Any]:
    """Return a participant as JSON says it."""
    return {
        "role": row.role, "contact_id": row.contact_id, "user_id": row.user_id, "text": row.text,
        "point": row.point, "response": row.response,
    }  # fmt: skip


def _person(one: Participant | Taking) -> tuple[Any, ...]:
    """Return who somebody is, whatever he is to the interaction."""
    ids = one.contact_id, one.user_id
    return ids if any(ids) else (one.text, one.point)


def _key(one: dict[str, Any]) -> tuple[str, ...]:
    return tuple(str(one[name]) for name in sorted(one))


def _whole(form: Taking, row: Interaction, regions: Sequence[str]) -> Taking:
    """Return the form with the role that the interaction's kind gives, and its point as stored."""
    return msgspec.structs.replace(
        form, role=form.role or role_of(row.kind, row.direction, ours=form.user_id is not None),
        text=(form.text or "").strip()[:200] or None,
        point=normal(form.point, regions) if form.point and form.point.strip() else None,
    )  # fmt: skip


def _as_linked(form: Taking, there: Sequence[Participant]) -> Taking:
    """Return the form with the contact to whom its number or address is linked already."""
    if not isinstance(form, ByPoint) or form.point is None:
        return form
    place = (form.role, form.point)
    same = next((one for one in there if (one.role, one.point) == place), None)
    return form if same is None else msgspec.structs.replace(form, contact_id=same.contact_id)


def role_of(kind: str, direction: str | None, *, ours: bool) -> Any:
    """Return what somebody is to an interaction of this kind: one of us, or the customer."""
    if kind == "call":
        return "agent" if ours else "from" if direction == "in" else "to"
    if kind not in ("email", "sms", "chat"):
        return "attendee"
    return "from" if ours == (direction != "in") else "to"


def _numbered(wanted: Sequence[Taking], row: Interaction) -> list[Participant]:
    places: dict[str, int] = {}
    rows = []
    for form in wanted:
        role = str(form.role)
        places[role] = places.get(role, -1) + 1
        rows.append(
            Participant(
                interaction_id=row.id, role=role, seq=places[role], contact_id=form.contact_id,
                user_id=form.user_id, text=form.text, point=form.point, response=form.response,
                certainty="chosen" if form.contact_id is not None else None, at=row.start_at,
            )
        )  # fmt: skip
    return rows


async def _refuse_misfits(session: AsyncSession, row: Interaction, wanted: list[Taking]) -> None:
    if len(wanted) > MOST:
        raise BadInput({"participants": TOO_MANY})
    if any(not (form.contact_id or form.user_id or form.text or form.point) for form in wanted):
        raise BadInput({"participants": MISSING})
    rang = select(_call.c.interaction_id).where(_call.c.interaction_id == row.id).limit(1)
    if row.kind == "call" and await session.scalar(rang) is not None:
        raise BadInput({"participants": OF_A_CALL})
    for known, ids in (
        (_contact, {form.contact_id for form in wanted} - {None}),
        (_user, {form.user_id for form in wanted} - {None}),
    ):
        there = await session.scalars(
            select(known.c.id).where(known.c.id.in_(ids), known.c.deleted_at.is_(None))
        )
        if ids - set(there):
            raise BadInput({"participants": NOBODY})


async def add_companies(session: AsyncSession, interaction_id: int) -> None:
    """Let the companies of the contacts who take part have it in their timelines too."""
    rows = (
        await session.scalars(
            select(Participant).where(Participant.interaction_id == interaction_id)
        )
    ).all()
    there = {row.contact_id for row in rows}
    employers = await session.scalars(
        select(_contact.c.company_id)
        .where(_contact.c.id.in_(there - {None}), _contact.c.company_id.is_not(None))
        .order_by(_contact.c.company_id)
        .distinct()
    )
    seq = sum(row.role == COMPANY for row in rows)
    for company_id in employers:
        if company_id in there:
            continue
        session.add(
            Participant(
                interaction_id=interaction_id, role=COMPANY, seq=seq, contact_id=company_id,
                at=rows[0].at, pinned=rows[0].pinned,
            )
        )  # fmt: skip
        seq += 1
    await session.flush()


async def follow(session: AsyncSession, row: Interaction, changed: Collection[str]) -> None:
    """Let what the participants have a copy of be the interaction's again."""
    if {"start_at", "pinned", "participants"}.isdisjoint(changed):
        return
    await session.execute(
        update(Participant)
        .where(Participant.interaction_id == row.id)
        .values(at=row.start_at, pinned=row.pinned)
        .execution_options(synchronize_session=False)
    )

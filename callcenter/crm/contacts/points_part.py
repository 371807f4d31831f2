"""The numbers and addresses of a contact, as the walkers of entities load and save them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import column, inspect, select, table
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.audit import Audit
from callcenter.crm.contacts import many, points
from callcenter.crm.contacts.models import Contact, ContactPoint
from callcenter.crm.contacts.points import PointForm, PointMoved, works
from callcenter.db import Question, among
from callcenter.errors import BadInput, ChangedMeanwhile
from callcenter.server.actor import Actor
from callcenter.server.body import misfit_in


def _(message: str) -> str:
    return message


_user = table("user", column("id"), column("name"))
_OF_CONTACTS: Final = Question(
    select(*ContactPoint.__table__.c)
    .where(among(ContactPoint.contact_id, "ids"))
    .order_by(ContactPoint.position)
)


#: What is known of a number or an address.
_FACTS: Final = ("label", "works", "unwanted")


class Points:
    """`regions` are the countries of numbers without a country code."""

    name = "points"
    label = _("Numbers and addresses")
    shape = PointForm
    model = ContactPoint

    def __init__(self, regions: Sequence[str]) -> None:
        self._regions = regions

    def read_json(self, value: Any) -> list[PointForm]:
        try:
            return msgspec.convert(by_their_looks(value), list[PointForm])
        except msgspec.ValidationError as error:
            raise BadInput(misfit_in(str(error), self.name)) from error

    async def load(self, session: AsyncSession, ids: Sequence[int]) -> dict[int, list[Any]]:
        lists: dict[int, list[Any]] = {}
        for point in await _OF_CONTACTS.ask(session, ids=ids):
            lists.setdefault(point.contact_id, []).append(told(point))
        return lists

    async def save(
        self, session: AsyncSession, row: Any, forms: Sequence[Any], at: datetime, by: Actor
    ) -> dict[str, list[Any]]:
        await _loaded(session, row)
        try:
            return await points.save(session, row, forms, self._regions, at)
        except PointMoved as moved:
            raise ChangedMeanwhile(
                who=await _who_changed_points(session, row), field=self.name,
                theirs=moved.now, mine=moved.mine,
            ) from moved  # fmt: skip

    def rows(
        self, row: Mapping[str, Any], forms: Sequence[PointForm], at: datetime
    ) -> list[dict[str, Any]]:
        return many.point_rows(row, forms, self._regions, at)

    def told(self, rows: Sequence[Mapping[str, Any]]) -> list[Any]:
        return [many.point_in_log(row) for row in rows]

    def restated(
        self, held: Sequence[Any], norm: str, form: Mapping[str, Any]
    ) -> dict[str, Any] | None:
        said = {fact: form[fact] for fact in _FACTS if form.get(fact) is not None}
        for point in held:
            is_it = (point["kind"], point["norm"]) == (form["kind"], norm)
            if is_it and any(point[fact] != value for fact, value in said.items()):
                kept = {name: point[name] for name in ("id", "kind", "value", "label")}
                return {**kept, "was": point["value"], **said}
        return None

    def as_before(
        self, held: Sequence[Any], was: Sequence[Any], became: Sequence[Any]
    ) -> tuple[list[PointForm], bool]:
        old, new = ({(one["kind"], one["value"]): one for one in told} for told in (was, became))
        forms, is_all = [], True
        for point in held:
            key = point["kind"], point["value"]
            before, after = old.get(key), new.get(key)
            if after is None or before == after:
                continue
            if before is None:
                forms.append(PointForm(id=point["id"], kind=point["kind"]))
            elif any(point[fact] != after.get(fact) for fact in _FACTS):
                is_all = False
            else:
                said = {fact: before.get(fact) for fact in _FACTS}
                forms.append(
                    PointForm(id=point["id"], kind=point["kind"], value=point["value"], **said)
                )
        return forms, is_all


def told(point: Any) -> dict[str, Any]:
    """Return the point as the API tells it."""
    return {
        "id": point.id, "kind": point.kind, "value": point.value, "norm": point.norm,
        "ext": point.ext, "label": point.label, "country": point.country, "valid": point.valid,
        "works": works(point), "unwanted": point.opt_out_channel,
    }  # fmt: skip


async def _loaded(session: AsyncSession, contact: Contact) -> None:
    """Have the contact's points at hand, for nobody else to change meanwhile."""
    if "points" not in inspect(contact).unloaded:
        return
    if inspect(contact).pending:
        contact.points = []
    else:
        await session.refresh(contact, ["points"])


async def _who_changed_points(session: AsyncSession, contact: Contact) -> str:
    """Return the name of the last one who changed the contact's numbers and addresses."""
    edits = await session.execute(
        select(Audit.diff, _user.c.name)
        .outerjoin(_user, _user.c.id == Audit.actor_id)
        .where(Audit.entity == "contact", Audit.entity_id == contact.id)
        .order_by(Audit.id.desc())
    )
    return next((name for diff, name in edits if name and "points" in diff), "callcenter")


def by_their_looks(value: Any) -> Any:
    """Return what was written, with what has an @ and says not what it is called an address."""
    if not isinstance(value, list):
        return value
    return [
        {"kind": "email"} | one if isinstance(one, dict) and "@" in str(one.get("value")) else one
        for one in value
    ]

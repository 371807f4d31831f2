"""What a contact needs and likes: each as of a day, so that one sees how it changes.

A preference that no longer holds is ended, not taken away; one written by mistake can be `gone`.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.crm.contacts.models import Preference
from callcenter.entity.reading import TOO_LONG
from callcenter.entity.rows_part import Item, RowsPart
from callcenter.server.actor import Actor
from callcenter.server.body import MISSING


def _(message: str) -> str:
    return message


LETTERS: Final = 500


class PreferenceForm(Item, frozen=True, kw_only=True, forbid_unknown_fields=True):
    text: str | msgspec.UnsetType = msgspec.UNSET
    #: Whether it holds no longer.
    ended: bool | msgspec.UnsetType = msgspec.UNSET


class Preferences(RowsPart[PreferenceForm]):
    name = "preferences"
    label = _("Needs and preferences")
    entity = "contact"
    shape = PreferenceForm
    model = Preference
    told = ("text", "at", "ended_at")
    order = (Preference.at.desc(), Preference.id.desc())

    def begin(self, row: Any, given: Mapping[str, Any], at: datetime, by: Actor) -> Preference:
        return Preference(contact_id=row.id, at=at, by=by["actor_id"])

    async def problems(
        self,
        session: AsyncSession,
        row: Any,
        item: Preference | None,
        given: Mapping[str, Any],
    ) -> dict[str, str]:
        text = given.get("text", getattr(item, "text", None))
        if not text:
            return {"text": MISSING}
        return {"text": TOO_LONG} if len(text) > LETTERS else {}

    def put(self, item: Preference, given: Mapping[str, Any], at: datetime, by: Actor) -> None:
        if "text" in given:
            item.text = given["text"]
        if "ended" in given:
            item.ended_at = (item.ended_at or at) if given["ended"] else None
            item.ended_by = by["actor_id"] if given["ended"] else None

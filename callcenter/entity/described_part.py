"""A part that its fields describe whole: what an item is, what may stand in it, how forms show it.

A list without logic of its own costs a model and these fields; one with logic is a `RowsPart`.
"""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, cast

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.entity.description import Field
from callcenter.entity.reading import NOT_OFFERED, TOO_LONG
from callcenter.entity.rows_part import Item, RowsPart
from callcenter.server.actor import Actor
from callcenter.server.body import MISSING

_TYPES: Final[Mapping[str, Any]] = {
    "integer": int, "money": int, "option": int, "reference": int, "number": Decimal, "bool": bool,
    "date": date, "datetime": datetime, "options": list[int],
}  # fmt: skip


class DescribedPart(RowsPart[Item]):
    """Say `name`, `label`, `entity`, `model`, `owners`, `order` and `fields`."""

    def __init_subclass__(cls) -> None:
        cls.told = tuple(field.name for field in cls.fields)
        shape = msgspec.defstruct(
            f"{cls.__name__}Item",
            [
                (field.name, _TYPES.get(field.type, str) | None | msgspec.UnsetType, msgspec.UNSET)
                for field in cls.fields
            ],
            bases=(Item,), frozen=True, kw_only=True, forbid_unknown_fields=True,
        )  # fmt: skip
        cls.shape = cast("type[Item]", shape)

    def begin(self, row: Any, given: Mapping[str, Any], at: datetime, by: Actor) -> Any:
        return self.model(**{self.owners[0]: row.id})

    async def problems(
        self, session: AsyncSession, row: Any, item: Any, given: Mapping[str, Any]
    ) -> dict[str, str]:
        found = ((field.name, _wrong(field, item, given)) for field in self.fields)
        return {name: sentence for name, sentence in found if sentence is not None}


def _wrong(field: Field, item: Any, given: Mapping[str, Any]) -> str | None:
    """Return what is wrong with what an item is to say in a field."""
    value = given.get(field.name)
    if value is None:
        is_missing = field.required and (item is None or field.name in given)
        return MISSING if is_missing else None
    if isinstance(value, str) and len(value) > field.limit:
        return TOO_LONG
    if field.type == "choice" and value not in field.choices:
        return NOT_OFFERED
    return field.check(value) if field.check is not None else None

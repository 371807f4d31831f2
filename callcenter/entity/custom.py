"""Fields that administrators add to an entity.

The definition is a row; the values stand in the `custom` column of the entity's own rows, so
adding a field changes no table. What is `indexed` has an index on its expression.
"""

from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.entity.description import CUSTOM, Field
from callcenter.entity.models import CustomField
from callcenter.entity.options import text_in


def list_of(entity: str, key: str) -> str:
    """Return the option list of a custom field."""
    return f"{entity}.{key}"


def described(row: CustomField) -> Field:
    """Return the field as the entity's description would say it."""
    kind: Any = row.type
    return Field(
        name=CUSTOM + row.key, label=text_in(row.label, "en") or row.key, labels=row.label, type=kind,
        required=row.required, unique=row.unique, searchable=row.searchable,
        limit=10_000 if kind == "long_text" else 500, refers_to=row.refers_to or "",
        options=list_of(row.entity, row.key) if kind in ("option", "options") else "",
        group=row.group or "",
    )  # fmt: skip


async def load(session: AsyncSession) -> dict[str, tuple[Field, ...]]:
    """Return the custom fields of each entity in their order."""
    rows = await session.scalars(
        select(CustomField)
        .where(CustomField.deleted_at.is_(None))
        .order_by(CustomField.position, CustomField.id)
    )
    fields: dict[str, tuple[Field, ...]] = {}
    for row in rows:
        fields[row.entity] = (*fields.get(row.entity, ()), described(row))
    return fields

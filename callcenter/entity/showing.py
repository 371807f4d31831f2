"""What a field holds, as people read it: labels for words, names for ids, dates as written here."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any, Self
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time
from babel.numbers import format_currency, format_decimal
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter import phone
from callcenter.db import Question, among
from callcenter.entity.description import Entity, Field
from callcenter.entity.registry import Registry
from callcenter.entity.rights import reached, reaches_all
from callcenter.server.i18n import languages, translate_to
from callcenter.server.identity import Identity


def _(message: str) -> str:
    return message


YES, NO = _("Yes"), _("No")

#: Names of rows that are referred to: {(entity, id): name}.
Names = Mapping[tuple[str, int], str]


@dataclass(frozen=True, slots=True)
class Showing:
    """What a text depends on besides the value."""

    registry: Registry
    language: str = "en"
    zone: str = "UTC"
    names: Names = field(default_factory=dict)

    async def naming(
        self, session: AsyncSession, held: Iterable[tuple[Field, Any]], who: Identity
    ) -> Self:
        """Return the same with the names of the rows these values refer to, as far as `who` may know them."""
        return replace(self, names=await names_of(session, self.registry, held, who))

    def text(self, field: Field, value: Any) -> str:
        """Return the value as a person reads it; nothing is an empty text."""
        if value is None or value == []:
            return ""
        if field.says is not None:
            return field.says(value, self.language)
        match field.type:
            case "bool":
                return translate_to(self.language, YES if value else NO)
            case "choice":
                return translate_to(self.language, field.choices.get(value, str(value)))
            case "option":
                return self._option(value)
            case "options":
                return ", ".join(map(self._option, value))
            case "reference":
                return self.names.get((field.refers_to, value), "")
            case "phone":
                return phone.display(value)
            case _:
                return self._measure(field, value)

    def amount(self, minor: int, currency: str) -> str:
        """Return an amount of minor units as a person reads it."""
        locale = languages()[self.language].locale
        if not currency:
            return format_decimal(Decimal(minor) / 100, "#,##0.00", locale=locale)
        return format_currency(Decimal(minor) / 100, currency, locale=locale)

    def _option(self, option_id: int) -> str:
        choice = self.registry.choice(option_id)
        return choice.text(self.language) if choice is not None else ""

    def _measure(self, field: Field, value: Any) -> str:
        locale = languages()[self.language].locale
        match field.type:
            case "integer" | "number":
                return format_decimal(value, locale=locale)
            case "money":
                return format_decimal(Decimal(value) / 100, "#,##0.00", locale=locale)
            case "date":
                day = value if isinstance(value, date) else date.fromisoformat(value)
                return format_date(day, "medium", locale=locale)
            case "datetime":
                moment = value if isinstance(value, datetime) else datetime.fromisoformat(value)
                local = moment.astimezone(ZoneInfo(self.zone))
                clock = format_time(local, "short", locale=locale)
                return f"{format_date(local, 'medium', locale=locale)} {clock}"
            case _:
                return str(value)


async def names_of(
    session: AsyncSession, registry: Registry, held: Iterable[tuple[Field, Any]], who: Identity
) -> Names:
    """Return the names of the rows that these values refer to: one question an entity.

    Of rows that `who` may not see there is no name; people and teams everybody may know.
    """
    wanted: dict[str, set[int]] = {}
    for described, value in held:
        if described.type == "reference" and value is not None:
            wanted.setdefault(described.refers_to, set()).add(value)
    names: dict[tuple[str, int], str] = {}
    for name, ids in wanted.items():
        names |= {
            (name, row_id): str(title)
            for row_id, title in await _titles(session, registry[name], list(ids), who)
        }
    return names


async def _titles(
    session: AsyncSession, entity: Entity, ids: Sequence[int], who: Identity
) -> Sequence[Any]:
    model: Any = entity.model
    if not entity.has_pages or reaches_all(entity, who):
        return await _of_all(model, entity.title).ask(session, ids=ids)
    query = select(model.id, getattr(model, entity.title))
    rows = await session.execute(query.where(model.id.in_(ids), reached(entity, who, "read")))
    return rows.all()


@cache
def _of_all(model: Any, title: str) -> Question:
    return Question(select(model.id, getattr(model, title)).where(among(model.id, "ids")))

"""What a batch tells its owner, row by row: what is wrong, what would change, what stayed.

Rows that are refused come back with their own cells beside the reason, under the file's own
headings, so that they can be put right there and brought in again.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from callcenter.entity.description import Field
from callcenter.entity.facts import fact_of, facts_of
from callcenter.entity.importing.counterparts import names_of
from callcenter.entity.importing.mapping import FIELD, PROBLEM, ROW
from callcenter.entity.importing.planning import Plan
from callcenter.entity.importing.table import Layout, Row
from callcenter.entity.importing.undoing import Taken
from callcenter.entity.importing.values import Listed
from callcenter.entity.registry import label_in
from callcenter.entity.saving import Deed
from callcenter.entity.showing import Showing
from callcenter.server.i18n import translate_to


def _(message: str) -> str:
    return message


WHAT, RECORD, WAS, BECOMES = _("What happens"), _("Record"), _("Was"), _("Becomes")
WHY: Final = _("Why")
DID: Final = {
    "add": _("New record"), "change": _("Changed record"), "same": _("Unchanged"), "skip": _("Left out"),
    "wrong": _("Refused"),
}  # fmt: skip
WHOLE_ROW: Final = _("The whole row")


@dataclass(frozen=True, slots=True)
class Telling:
    """Tells of a batch's plans in its owner's language."""

    fields: Mapping[str, Field]
    layout: Layout
    showing: Showing

    @property
    def language(self) -> str:
        return self.showing.language

    def error_heading(self) -> list[str]:
        return [*map(self._say, (ROW, FIELD, PROBLEM)), *self.layout.header]

    def change_heading(self) -> list[str]:
        return [self._say(word) for word in (ROW, WHAT, RECORD, FIELD, WAS, BECOMES, WHY)]

    def errors(self, plans: Sequence[Plan], block: Sequence[Row]) -> Iterator[list[str]]:
        for plan, row in zip(plans, block, strict=False):
            if plan.wrong:
                yield self.error(row.number, row.cells, plan.wrong)

    def error(self, number: int, cells: Sequence[str], wrong: Mapping[str, str]) -> list[str]:
        """Return a row's own cells beside what is wrong with them."""
        fields = ", ".join(self._label(name) for name in wrong)
        problems = " ".join(dict.fromkeys(map(self._say, wrong.values())))
        return [str(number), fields, problems, *cells]

    async def names(self, deed: Deed, plans: Sequence[Plan]) -> dict[int, str]:
        """Return the names of the rows that are there already."""
        ids = [plan.row_id for plan in plans if plan.row_id]
        return await names_of(deed, deed.entity.name, ids)

    def changes(self, plans: Sequence[Plan], names: Mapping[int, str]) -> Iterator[list[str]]:
        for plan in plans:
            did, record = self._say(DID[plan.did]), names.get(plan.row_id, "")
            start = [str(plan.reading.number), did, record]
            why = " ".join(map(self._say, filter(None, (plan.why, *plan.wrong.values()))))
            told = list(self._pairs(plan)) or [("", "", "")]
            for name, was, becomes in told:
                yield [*start, self._label(name) if name else "", was, becomes, why]

    def _pairs(self, plan: Plan) -> Iterator[tuple[str, str, str]]:
        if plan.did == "add":
            for name, value in plan.reading.given.items():
                yield name, "", self._text(name, value)
        elif plan.did == "change":
            for name, (was, becomes) in plan.diff.items():
                if name in self.fields:
                    yield name, self._text(name, was), self._text(name, becomes)
        if plan.did in ("add", "change"):
            for one in plan.listed:
                yield one.field, "", told(one, self.fields, self.showing)
        if plan.did != "skip" and plan.did != "wrong":
            for one in plan.reading.later:
                yield one.field, "", told(one, self.fields, self.showing)

    def _text(self, name: str, value: Any) -> str:
        field = self.fields[name]
        if field.type == "reference":
            return "" if value is None else str(value)
        return self.showing.text(field, value)

    def _label(self, name: str) -> str:
        if name in self.fields:
            return label_in(self.fields[name], self.language)
        return name or self._say(WHOLE_ROW)

    def _say(self, message: str) -> str:
        return translate_to(self.language, message)


def told(one: Listed, fields: Mapping[str, Field], showing: Showing) -> str:
    """Return a value of a list with what is said of it: "+994 50 234 56 78 (Mobile)"."""
    text = showing.text(fields[one.field], one.norm)
    if not isinstance(one.form, Mapping):
        return text
    said = [
        _fact(fact, showing.text(fact, one.form.get(fact_of(fact.name))), showing.language)
        for fact in facts_of(fields[one.field])
    ]
    beside = ", ".join(filter(None, said))
    return f"{text} ({beside})" if beside else text


def _fact(fact: Field, text: str, language: str) -> str:
    """Return what is said of a value; "Yes" and "Since" need to be told of what."""
    if not text or fact.type not in ("bool", "date"):
        return text
    return f"{translate_to(language, fact.label)}: {text}"


@dataclass(frozen=True, slots=True)
class Kept:
    """Tells what stayed when a batch was taken back, and why."""

    fields: Mapping[str, Field]
    language: str

    def heading(self) -> list[str]:
        return [translate_to(self.language, word) for word in (ROW, RECORD, FIELD, WHY)]

    async def rows(self, deed: Deed, done: Sequence[Taken]) -> list[list[str]]:
        names: dict[int, str] = {}
        for entity in {row.entity for row in done if row.kept}:
            ids = [row.entity_id for row in done if row.kept and row.entity == entity]
            names |= await names_of(deed, entity, ids)
        return [
            [
                str(row.number), names.get(row.entity_id, ""),
                label_in(self.fields[name], self.language) if name in self.fields else name,
                translate_to(self.language, why),
            ]
            for row in done
            for name, why in row.kept.items()
        ]  # fmt: skip

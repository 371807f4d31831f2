"""What happened to one row: who changed what, when, the old and the new in the reader's words."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import column, select, table
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.audit import Audit
from callcenter.entity.description import Entity, Field
from callcenter.entity.events import covered_diff
from callcenter.entity.registry import label_in
from callcenter.entity.showing import Showing
from callcenter.server.i18n import translate_to
from callcenter.server.identity import Identity


def _(message: str) -> str:
    return message


PAGE_ROWS: Final = 50
#: The person with whom a row is shared, as the audit log calls it.
SHARED_WITH: Final = "shared_with"

ACTIONS: Final[Mapping[str, str]] = {
    "create": _("Added"), "edit": _("Changed"), "delete": _("Put into the trash"),
    "restore": _("Brought back from the trash"), "merge": _("Merged"), "unmerge": _("Merge undone"),
    "link": _("Linked"), "share": _("Shared"), "unshare": _("No longer shared"),
    "unmask": _("Covered value looked at"), "hand-over": _("Handed over"), "erase": _("Erased"),
    "export": _("Exported"), "import": _("Imported"), "differ": _("Marked as different people"),
    "began": _("Began"), "ended": _("Ended"), "picture": _("Picture changed"),
    "letter": _("Letter on its way"), "opt-out": _("Wants no more offers"),
    "ask_approval": _("Approval asked for"), "decide": _("Approval decided"),
    "escalate": _("Nobody took it: the head was told"), "invite": _("Guests invited"),
    "answer": _("An invitation was answered"),
    "attach": _("File attached"), "detach": _("File removed"),
}  # fmt: skip
#: Who did it, if it was no person.
ACTORS: Final[Mapping[str, str]] = {
    "automation": _("An automation"), "api": _("A program"), "pbx": _("The PBX"),
    "import": _("An import"), "system": _("callcenter"), "user": _("Somebody"),
}  # fmt: skip
#: What is no field, yet stands in changes.
_BESIDES: Final = {
    SHARED_WITH: Field(
        name=SHARED_WITH, label=_("Shared with"), type="reference", refers_to="user"
    ),
    "deleted_at": Field(name="deleted_at", label=_("In the trash since"), type="datetime"),
    "shown": Field(name="shown", label=_("Shown")),
    "response": Field(name="response", label=_("Answer")),
    "invited": Field(name="invited", label=_("Letters"), type="number"),
    "file": Field(name="file", label=_("File")),
    "merged": Field(name="merged", label=_("The other contact")),
    "merged_into_id": Field(
        name="merged_into_id", label=_("Merged into"), type="reference", refers_to="contact"
    ),
    "approval": Field(
        name="approval", label=_("Approval"), type="choice",
        choices={"asked": _("asked for"), "approved": _("approved"), "refused": _("refused")},
    ),
    "escalated": Field(
        name="escalated", label=_("Why"), type="choice",
        choices={
            "nobody began": _("nobody began"), "nobody is there": _("nobody is at work"),
        },
    ),
}  # fmt: skip
#: Changes with each edit, or names what the rest of the line tells of.
_SILENT: Final = frozenset(("version", "point_id"))

# People belong to a room above this one, so their table is known by name only.
_user = table("user", column("id"), column("name"))


@dataclass(frozen=True, slots=True)
class Change:
    """One field, before and after, as people read it."""

    label: str
    old: str
    new: str
    #: Of a list that belongs to the row: what left it and what came.
    removed: Sequence[str] = ()
    added: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Line:
    id: int
    at: datetime
    who: str
    action: str
    changes: Sequence[Change]


@dataclass(frozen=True, slots=True)
class History:
    lines: list[Line]
    #: Cursor of the next page, None if this is the last.
    after: int | None = None


async def of_row(
    session: AsyncSession,
    who: Identity,
    entity: Entity,
    row_id: int,
    showing: Showing,
    after: int | None = None,
) -> History:
    """Return one page, newest first. Whether `who` may see the row is asked before."""
    query = (
        select(Audit, _user.c.name)
        .outerjoin(_user, _user.c.id == Audit.actor_id)
        .where(Audit.entity == entity.name, Audit.entity_id == row_id)
        .order_by(Audit.id.desc())
        .limit(PAGE_ROWS + 1)
    )
    if after is not None:
        query = query.where(Audit.id < after)
    found = [(line, name) for line, name in await session.execute(query)]
    shown = found[:PAGE_ROWS]
    fields = showing.registry.fields(entity.name)
    diffs = {line.id: covered_diff(showing.registry, who, line) for line, _name in shown}
    held = (
        (described, value)
        for diff, covered in diffs.values()
        for name, change in diff.items()
        if name not in covered and (described := _described(fields, name)) is not None
        for value in change
    )
    telling = _Telling(await showing.naming(session, held, who), entity, fields)
    lines = [telling.line(line, name, *diffs[line.id]) for line, name in shown]
    return History(lines, shown[-1][0].id if len(found) > PAGE_ROWS else None)


def _described(fields: Mapping[str, Field], name: str) -> Field | None:
    return fields.get(name) or _BESIDES.get(name)


@dataclass(frozen=True, slots=True)
class _Telling:
    showing: Showing
    entity: Entity
    fields: Mapping[str, Field]

    def line(
        self, line: Audit, name: str | None, diff: Mapping[str, Any], covered: Sequence[str]
    ) -> Line:
        action = ACTIONS.get(line.action, line.action)
        return Line(
            id=line.id, at=line.at, who=name or self._text(ACTORS[line.actor_kind]),
            action=self._text(action),
            changes=[
                self._change(field, old, new, is_covered=field in covered)
                for field, (old, new) in diff.items()
                if field not in _SILENT
            ],
        )  # fmt: skip

    def _change(self, name: str, old: Any, new: Any, *, is_covered: bool) -> Change:
        if (part := self.entity.part(name)) is not None or _is_list_of_rows(old, new):
            before, after = _items(old), _items(new)
            return Change(
                self._text(part.label) if part else name, "", "",
                removed=[item for item in before if item not in after],
                added=[item for item in after if item not in before],
            )  # fmt: skip
        field = _described(self.fields, name)
        if field is None or is_covered:
            label = name if field is None else label_in(field, self.showing.language)
            return Change(label, _plain(old), _plain(new))
        return Change(
            label_in(field, self.showing.language), self._value(field, old), self._value(field, new)
        )

    def _value(self, field: Field, value: Any) -> str:
        """Return the value in words; one that its field can no longer hold stays as it was."""
        try:
            return self.showing.text(field, value)
        except (ValueError, TypeError, ArithmeticError):
            return _plain(value)

    def _text(self, message: str) -> str:
        return translate_to(self.showing.language, message)


def _is_list_of_rows(*values: Any) -> bool:
    return any(
        isinstance(each, dict) for value in values if isinstance(value, list) for each in value
    )


def _items(value: Any) -> list[str]:
    """Return the rows of a list, each as one text."""
    if not isinstance(value, list | tuple):
        return [] if value is None else [_plain(value)]
    return [_item(row) for row in value]


def _item(row: Any) -> str:
    if not isinstance(row, dict):
        return _plain(row)
    if "value" in row:
        return _plain(row["value"])
    return ", ".join(_told(held for name, held in row.items() if not name.endswith("id")))


def _told(values: Iterable[Any]) -> Iterable[str]:
    return (_plain(value) for value in values if value not in (None, "", [], {}))


def _plain(value: Any) -> str:
    if value is None:
        return ""
    return ", ".join(_told(value)) if isinstance(value, list) else str(value)

"""The form in which an interaction is planned or written down, and the one for what came of it.

Moments are the reader's: he types and sees his own time.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from msgspec import structs

from callcenter.entity import rights
from callcenter.entity.description import Field
from callcenter.entity.reading import NOT_OFFERED, Context, Unreadable, read_text
from callcenter.errors import BadInput
from callcenter.interactions import checklist, reminding, repeating
from callcenter.interactions.description import INTERACTION
from callcenter.interactions.models import Interaction, Participant
from callcenter.interactions.participants import Taking, as_form, is_shown_so, normal
from callcenter.interactions.people import Person
from callcenter.server.body import MISFIT, MISSING, whole_number
from callcenter.server.identity import Identity


def _(message: str) -> str:
    return message


#: The fields that the form has as they are.
PLAIN: Final = (
    "kind", "direction", "subject", "place", "start_at", "owner_id", "priority", "body",
)  # fmt: skip
#: How long something lasts, in minutes, as it is offered.
LENGTHS: Final = (15, 30, 45, 60, 90, 120, 180, 240, 480)
#: So many minutes before its time one is reminded.
REMINDERS: Final = (0, 5, 10, 15, 30, 60, 120, 1440, 2880)
#: What somebody has to do next, unless he says what.
STEPS: Final = ("task", "call", "meeting", "visit")
#: How a form says that nothing is to be done next.
NO_STEP: Final = "none"

DAY: Final = timedelta(days=1)

WHY_NOT: Final = _("Say in a word why it is no longer relevant, so that others need not ask.")

ONE_END: Final = _("Say until when or how many times, not both.")
ENDS_AT_ONCE: Final = _("It would end before it begins. Choose a later day.")
NEXT: Final = _("What is next? Plan a step, or say that there is nothing more to do.")

_FIELDS: Final[Mapping[str, Field]] = {
    described.name: described for described in INTERACTION.fields
}


@dataclass
class Filled:
    """What a form holds, as it was typed."""

    values: dict[str, str]
    people: list[dict[str, str]] = field(default_factory=list)
    #: Who took part when the form was opened: who was added or removed in it is told by these.
    before: list[dict[str, str]] = field(default_factory=list)


def fresh(
    kind: str, start: datetime, zone: str, owner_id: int, people: list[dict[str, str]], **more: str
) -> Filled:
    """Return the form of something new."""
    minutes = "30" if kind in ("meeting", "visit", "call") else ""
    values = {
        "kind": kind, "direction": "", "subject": "", "place": "", "start_at": _local(start, zone),
        "minutes": minutes, "all_day": "", "remind": "", "owner_id": str(owner_id),
        "priority": "normal", "body": "", "thread_id": "", "done": "", "version": "", "compared": "", "next": "",
        "steps": "", "repeat": "", "repeat_until": "", "repeat_times": "",
        "lead_id": "",
    }  # fmt: skip
    return Filled(values | more, people)


def of(row: Interaction, people: list[Person], zone: str) -> Filled:
    """Return the form of one that is there."""
    length = "" if row.end_at is None else str(_minutes(row.end_at - row.start_at))
    values = {
        "lead_id": "", "kind": row.kind, "direction": row.direction or "", "subject": row.subject or "",
        "place": row.place or "", "start_at": _local(row.start_at, zone), "minutes": length, "remind": row.reminders or "",
        "all_day": "1" if row.all_day else "", "owner_id": str(row.owner_id or ""),
        "priority": row.priority, "body": row.body or "", "thread_id": str(row.thread_id or ""),
        "done": "" if row.status == "planned" else "1", "version": str(row.version), "compared": "", "next": "",
    } | _repeats(row)  # fmt: skip
    typed = [as_typed(person) for person in people]
    return Filled(values, typed, typed)


def _repeats(row: Interaction) -> dict[str, str]:
    until, times = repeating.end_of(row.repeat) if row.repeat else (None, None)
    return {
        "repeat": repeating.choice_of(row.repeat), "steps": "",
        "repeat_until": until.isoformat() if until else "", "repeat_times": str(times or ""),
    }  # fmt: skip


def apart(row: Interaction) -> timedelta | None:
    """Return how long after its beginning it is due, if that is not the form's own doing."""
    if row.due_at is None or row.due_at - row.start_at in (timedelta(), DAY):
        return None
    return row.due_at - row.start_at


def as_typed(person: Person) -> dict[str, str]:
    """Return a participant as a row of the form; who is linked is only shown by name."""
    return {
        "contact": str(person.contact_id or ""), "user": str(person.user_id or ""),
        "text": person.name if person.name != person.point else "", "point": person.point or "" if person.is_unlinked else "",
        "response": person.response or "",
    }  # fmt: skip


def read(
    filled: Filled,
    context: Context,
    row: Interaction | None = None,
    there: Sequence[Participant] = (),
) -> dict[str, Any]:
    """Return what the form says, as `saving` takes it. Raises BadInput.

    `there` are those who take part in `row` already.
    """
    due_after = None if row is None else apart(row)
    repeats = None if row is None else row.repeat
    given, wrong = _read_plain(filled.values, PLAIN, context)
    given["all_day"] = bool(filled.values.get("all_day"))
    start = given.get("start_at")
    typed = filled.values.get("minutes", "")
    span = whole_number(typed)
    if typed and (span is None or span > 60 * 24 * 366):
        wrong["minutes"] = MISFIT
    if remind := filled.values.get("remind", ""):
        wrong |= {"remind": problem} if (problem := reminding.check(remind)) else {}
    given["reminders"] = (
        reminding.written(reminding.read(remind)) if "remind" not in wrong else None
    )
    if start is not None:
        given["end_at"] = None if span is None else start + timedelta(minutes=span)
        given["due_at"] = start + (due_after or (DAY if given["all_day"] else timedelta()))
    given["status"] = "held" if filled.values.get("done") else "planned"
    given["thread_id"] = whole_number(filled.values.get("thread_id", ""))
    if lead_id := whole_number(filled.values.get("lead_id", "")):
        given["lead_id"] = lead_id
    given |= _read_repeat(filled.values, start, context.zone, repeats, wrong)
    if wrong:
        raise BadInput(wrong)
    if steps := checklist.of_lines(filled.values.get("steps", "")):
        given["checklist"] = steps
    given["participants"] = [
        *_kept(filled, context.regions, there, is_same_kind=_is_same_kind(row, given)),
        *_added(filled, context.regions, there),
    ]
    return given


def _is_same_kind(row: Interaction | None, given: Mapping[str, Any]) -> bool:
    """Tell whether what somebody is to the interaction stays what it was."""
    kind = (given.get("kind"), given.get("direction"))
    return row is not None and kind == (row.kind, row.direction)


def _read_repeat(
    values: Mapping[str, str],
    start: datetime | None,
    zone: str,
    held: str | None,
    wrong: dict[str, str],
) -> dict[str, Any]:
    """Return when it comes again, if that is new; a rule that the form cannot say stays as it is."""
    choice = values.get("repeat", "")
    if choice not in repeating.CHOICES:
        return {} if choice == "other" else {"repeat": None}
    until: date | None = None
    if typed := values.get("repeat_until", ""):
        try:
            until = date.fromisoformat(typed)
        except ValueError:
            wrong["repeat_until"] = MISFIT
    times = whole_number(values.get("repeat_times", ""))
    if values.get("repeat_times") and (times is None or not 1 <= times <= repeating.MOST_TIMES):
        wrong["repeat_times"] = MISFIT
    if until is not None and times is not None:
        wrong["repeat_times"] = ONE_END
    is_same = held and (choice, until, times) == (
        repeating.choice_of(held),
        *repeating.end_of(held),
    )
    if start is None or wrong or is_same:
        return {}
    local = start.astimezone(ZoneInfo(zone))
    if until is not None and until < local.date():
        wrong["repeat_until"] = ENDS_AT_ONCE
    return {"repeat": repeating.rule_of(choice, local, until, times), "zone": zone}


def locked(who: Identity) -> frozenset[str]:
    """Return the fields and lists that `who` may not write."""
    fields = (
        field.name
        for field in INTERACTION.fields
        if rights.access(INTERACTION, field, who) != "write"
    )
    parts = (
        part.name
        for part in INTERACTION.parts
        if rights.part_access(INTERACTION, part, who) != "write"
    )
    return frozenset((*fields, *parts))


def allowed(given: Mapping[str, Any], who: Identity, *, is_new: bool = False) -> dict[str, Any]:
    """Return what a form says without what `who` may not write, for which it has no field.

    What a new one cannot be without stays: then the form says why it cannot be kept.
    """
    needed = {field.name for field in INTERACTION.fields if field.required} if is_new else set()
    shut = locked(who) - needed - ({"owner_id"} if is_new else set())
    return {name: value for name, value in given.items() if name not in shut}


def outcome_of(row: Interaction, zone: str) -> dict[str, str]:
    """Return the forms of what came of it and of when it is, as they begin."""
    return {
        "status": "held" if row.status == "planned" else row.status,
        "result_id": str(row.result_id or ""), "result_note": row.result_note or "",
        "version": str(row.version), "start_at": _local(row.start_at, zone), "step_kind": "",
        "step_subject": row.subject or "", "step_start_at": "", "next": "", "ends": "",
    }  # fmt: skip


def read_moment(values: Mapping[str, str], context: Context) -> datetime:
    """Return when it is moved to. Raises BadInput."""
    given, wrong = _read_plain(values, ("start_at",), context)
    moment: datetime | None = given.get("start_at")
    if moment is None:
        raise BadInput(wrong or {"start_at": MISSING})
    return moment


def read_outcome(values: Mapping[str, str], context: Context) -> dict[str, Any]:
    """Return what came of it, and whether it ends what comes again. Raises BadInput."""
    given, wrong = _read_plain(values, ("status", "result_id", "result_note"), context)
    if given.get("status") == "cancelled" and not (given["result_note"] or given["result_id"]):
        wrong["result_note"] = WHY_NOT
    if wrong:
        raise BadInput(wrong)
    return given | ({"repeat": None} if values.get("ends") else {})


def read_step(values: Mapping[str, str], context: Context) -> dict[str, Any] | None:
    """Return what is to be done next, None if nothing is. Raises BadInput naming `step_...`."""
    kind = values.get("step_kind", "")
    if kind in ("", NO_STEP):
        if values.get("ask_next") and not kind:
            raise BadInput({"step_kind": NEXT})
        return None
    if kind not in STEPS:
        raise BadInput({"step_kind": NOT_OFFERED})
    typed = {name: values.get(f"step_{name}", "") for name in ("kind", "subject", "start_at")}
    given, wrong = _read_plain(typed, tuple(typed), context)
    if not typed["start_at"]:
        wrong["start_at"] = MISSING
    if wrong:
        raise BadInput({f"step_{name}": sentence for name, sentence in wrong.items()})
    return given


def _read_plain(
    values: Mapping[str, str], names: tuple[str, ...], context: Context
) -> tuple[dict[str, Any], dict[str, str]]:
    given: dict[str, Any] = {}
    wrong: dict[str, str] = {}
    for name in names:
        try:
            given[name] = read_text(_FIELDS[name], values.get(name, ""), context)
        except Unreadable as unreadable:
            wrong[name] = unreadable.sentence
    return given, wrong


def _kept(
    filled: Filled, regions: Sequence[str], there: Sequence[Participant], *, is_same_kind: bool
) -> list[Taking]:
    """Return who takes part, without whom the form removed.

    Nobody is lost whom others added meanwhile, and who was linked or has answered since stays so.
    """
    now = [_key(one, regions) for one in filled.people]
    removed = [key for one in filled.before if (key := _key(one, regions)) not in now]
    left = [one for one in there if not any(_is_meant(one, key) for key in removed)]
    forms = [as_form(one) for one in left]
    return forms if is_same_kind else [structs.replace(one, role=None) for one in forms]


def _added(
    filled: Filled, regions: Sequence[str], there: Sequence[Participant]
) -> Iterator[Taking]:
    """Yield whom the form added."""
    before = [_key(one, regions) for one in filled.before]
    for one in filled.people:
        key = contact_id, user_id, text, point = _key(one, regions)
        if any(key) and key not in before and not any(_is_meant(other, key) for other in there):
            yield Taking(
                contact_id=contact_id, user_id=user_id, text=text or None, point=point or None
            )


#: A row of the form: a contact, a colleague, or a name and a number.
_Key = tuple[int | None, int | None, str, str]


def _key(row: Mapping[str, str], regions: Sequence[str]) -> _Key:
    contact_id, user_id = whole_number(row["contact"]), whole_number(row["user"])
    if contact_id or user_id:
        return contact_id, user_id, "", ""
    return None, None, row["text"], normal(row["point"], regions) if row["point"] else ""


def _is_meant(one: Participant, key: _Key) -> bool:
    """Tell whether a row of the form means somebody who takes part, maybe linked since."""
    contact_id, user_id, text, point = key
    if contact_id or user_id:
        return (one.contact_id, one.user_id) == (contact_id, user_id)
    if one.contact_id or one.user_id:
        return bool(point) and one.user_id is None and point == one.point
    return is_shown_so(one, Taking(text=text or None, point=point or None))


def _local(moment: datetime, zone: str) -> str:
    return moment.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%dT%H:%M")


def _minutes(span: timedelta) -> int:
    return round(span.total_seconds() / 60)

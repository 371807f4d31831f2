"""What a form says shall be done: one reader for each thing a rule may do."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from multidict import MultiMapping
from yarl import URL

from callcenter.entity.description import Entity, Field
from callcenter.entity.reading import Context, Unreadable, read_text
from callcenter.entity.tags import LETTERS as TAG_LETTERS
from callcenter.mail import templates
from callcenter.rules import shapes
from callcenter.rules.reaching import SMS_LETTERS
from callcenter.server import secret_files
from callcenter.server.body import MISSING, whole_number


def _(message: str) -> str:
    return message


SUBJECT_LETTERS: Final = 200
URL_LETTERS: Final = 500
WEEK_MIN: Final = 7 * 24 * 60

HOW_WORDS: Final = {"turn": _("In turn"), "load": _("To who has least to do")}
WHOM_WORDS: Final = {
    shapes.OWNER: _("Who is responsible"), shapes.HEAD: _("The head of the team"),
}  # fmt: skip

WHO_GETS_IT: Final = _("Choose the person or the team that gets it.")
MINUTES: Final = _("Write a number of minutes, at most a week (10080).")
NO_URL: Final = _("Write a whole address, such as https://example.az/hook.")


@dataclass(frozen=True, slots=True)
class Sent:
    """A form as it was sent, and what is wrong with it, by input."""

    entity: Entity
    form: MultiMapping[Any]
    fields: Mapping[str, Field]
    context: Context
    wrong: dict[str, str]

    def text(self, name: str) -> str:
        return str(self.form.get(name, "")).strip()

    def has(self, name: str) -> bool:
        return name in self.form

    def id(self, name: str) -> int:
        """Return which one was chosen; that none was is wrong."""
        found = whole_number(self.text(name))
        if found is None:
            self.wrong[name] = MISSING
        return found or 0

    def needed(self, name: str, most: int) -> str:
        text = self.text(name)[:most]
        if not text:
            self.wrong[name] = MISSING
        return text

    def minutes(self, name: str, otherwise: int, least: int) -> int:
        text = self.text(name)
        if not text:
            return otherwise
        number = whole_number(text.removeprefix("-"))
        number = -number if number is not None and text.startswith("-") else number
        if number is None or not least <= number <= WEEK_MIN:
            self.wrong[name] = MINUTES
            return otherwise
        return number


def read(sent: Sent) -> list[shapes.Action]:
    """Return what shall be done, in the order in which it is."""
    kinds = (kind for kind in _READERS if fits(kind, sent.entity))
    return [_READERS[kind](sent) for kind in kinds if sent.has(f"do.{kind}")]


def fits(kind: str, entity: Entity) -> bool:
    """Tell whether this can be done to rows of an entity."""
    match kind:
        case "move":
            return entity.course is not None
        case "tag":
            return entity.part("tags") is not None
        case "lead":
            return entity.name == "interaction"
        case _:
            return True


def _assign(sent: Sent) -> shapes.Action:
    user_id = whole_number(sent.text("assign.user_id"))
    team_id = whole_number(sent.text("assign.team_id"))
    if user_id is None and team_id is None:
        sent.wrong["assign.team_id"] = WHO_GETS_IT
    within = sent.minutes("assign.take_within_min", 0, 1)
    how: shapes.How = "load" if sent.text("assign.how") == "load" else "turn"
    return shapes.Assign(
        user_id=user_id, team_id=team_id, how=how, only_present=sent.has("assign.only_present"),
        take_within_min=within or None, ring=sent.has("assign.ring"),
    )  # fmt: skip


def _task(sent: Sent) -> shapes.Action:
    subject = sent.needed("task.subject", SUBJECT_LETTERS)
    within = sent.minutes("task.within_min", 60, 1)
    return shapes.AddTask(subject=subject, within_min=within, whom=_whom(sent, "task"))


def _notify(sent: Sent) -> shapes.Action:
    return shapes.Notify(whom=_whom(sent, "notify"))


def _set(sent: Sent) -> shapes.Action:
    field, value = sent.fields.get(sent.text("set.field")), sent.text("set.value")
    if field is None or not field.writable:
        sent.wrong["set.field"] = MISSING
        return shapes.SetField(field="")
    try:
        read_text(field, value, sent.context)
    except Unreadable as problem:
        sent.wrong["set.value"] = problem.sentence
    return shapes.SetField(field=field.name, value=value, language=sent.context.language)


def _move(sent: Sent) -> shapes.Action:
    return shapes.Move(stage_id=sent.id("move.stage_id"))


def _mark(sent: Sent) -> shapes.Action:
    remove = sent.text("tag.how") == "remove"
    return shapes.Mark(name=sent.needed("tag.name", TAG_LETTERS), remove=remove)


def _involve(sent: Sent) -> shapes.Action:
    remove = sent.text("involve.how") == "remove"
    return shapes.Involve(user_id=sent.id("involve.user_id"), remove=remove)


def _lead(_sent: Sent) -> shapes.Action:
    return shapes.MakeLead()


def _letter(sent: Sent) -> shapes.Action:
    template_id, account_id = sent.id("letter.template_id"), sent.id("letter.account_id")
    return shapes.SendLetter(template_id=template_id, account_id=account_id)


def _sms(sent: Sent) -> shapes.Action:
    text = sent.text("sms.text").replace("\r\n", "\n")
    wrong = templates.wrong_with(text, SMS_LETTERS) if text else MISSING
    if wrong:
        sent.wrong["sms.text"] = wrong
    return shapes.SendSms(text=text)


def _call(sent: Sent) -> shapes.Action:
    return shapes.CallBack(
        subject=sent.text("call.subject")[:SUBJECT_LETTERS],
        after_min=sent.minutes("call.after_min", 0, 0), whom=_whom(sent, "call"),
        ring=sent.has("call.ring"),
    )  # fmt: skip


def _hook(sent: Sent) -> shapes.Action:
    """Return a web hook with its secret as it was typed, which is to be kept elsewhere."""
    url, secret = sent.text("hook.url"), sent.text("hook.secret")
    if not _is_address(url):
        sent.wrong["hook.url"] = NO_URL
    if secret and (wrong := secret_files.wrong_with(secret)):
        sent.wrong["hook.secret"] = wrong
    return shapes.CallHook(url=url, secret=secret)


def _is_address(text: str) -> bool:
    try:
        url = URL(text)
        return url.scheme in ("http", "https") and bool(url.host) and len(text) <= URL_LETTERS
    except ValueError:
        return False


def _whom(sent: Sent, kind: str) -> str:
    return sent.text(f"{kind}.whom") or shapes.OWNER


_READERS: Final[Mapping[str, Callable[[Sent], shapes.Action]]] = {
    "assign": _assign, "move": _move, "set": _set, "tag": _mark, "involve": _involve,
    "lead": _lead, "task": _task, "call": _call, "notify": _notify, "letter": _letter,
    "sms": _sms, "hook": _hook,
}  # fmt: skip

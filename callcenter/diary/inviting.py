"""The letter that invites a guest, tells of a change, or calls it off: words, a page of HTML, a calendar.

What it says is what stands with the guest (`guests`), so a letter that is sent once more is the
same one. Template diary/invitation_letter.html: title, intro, lines [(label, value)], link, answers.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_time

from callcenter.diary import guests, itip
from callcenter.diary.ics import Event
from callcenter.diary.itip import Someone
from callcenter.diary.models import Guest
from callcenter.post import letters
from callcenter.server.i18n import languages, translate_to
from callcenter.server.templates import text as render_text


def _(message: str) -> str:
    return message


SUBJECTS: Final = {
    "new": _("Invitation: {subject}"), "changed": _("Changed: {subject}"),
    "cancel": _("Called off: {subject}"),
}  # fmt: skip
INTROS: Final = {
    "new": _("{name} ({company}) invites you."),
    "changed": _("{name} ({company}) has changed something. It is now like this:"),
    "cancel": _("{name} ({company}) has called this off. You need not come."),
}  # fmt: skip
UNTITLED: Final = _("Meeting")
WHEN, WHERE = _("When"), _("Where")
ANSWER: Final = _("Say here whether you will come: {link}")
#: What a reader can answer, in the order in which it is offered.
CHOICES: Final = {"accepted": _("Yes"), "tentative": _("Maybe"), "declined": _("No")}


class Inviter(NamedTuple):
    """Who invites: whose letter it is, from whom, and where he is answered."""

    name: str
    company: str
    #: To whom calendars send the answer.
    address: str
    #: Where this installation is reached; "" if nobody from outside can.
    site: str
    #: For those of whom nobody knows better.
    language: str
    zone: str


@dataclass(frozen=True, slots=True)
class _Words:
    """What a letter says, in its reader's language and on his clock."""

    title: str
    intro: str
    lines: list[tuple[str, str]]
    link: str


def letter(guest: Guest, uid: str, by: Inviter) -> letters.Letter:
    """Return the letter; its Message-ID is the same however often it is sent."""
    language = guest.language or by.language
    words = _words(guest, uid, by, language)
    zone = ZoneInfo(guest.zone or by.zone)
    method = guest.method.upper()
    event = guests.event_of(guest, uid, words.link)
    someone = Someone(guest.address, guest.name, guest.response)
    return letters.Letter(
        to=(letters.named(guest.name, guest.address) if guest.name else guest.address,),
        subject=words.title, text=_text(words, language), html=_html(words, language, zone, guest.told_at),
        calendar=letters.Calendar(
            method=method,
            ics=itip.invitation(
                event, method, Someone(by.address, by.name), someone, zone, guest.told_at
            ),
        ),
        message_id=message_id(guest, by.address), at=guest.told_at, reply_to=by.address,
    )  # fmt: skip


def message_id(guest: Guest, address: str) -> str:
    key = f"invitation.{guest.id}.{guest.sequence}.{guest.method}"
    return letters.message_id(key, letters.domain_of(address))


def link_of(guest: Guest, site: str) -> str:
    """Return where a guest answers; a colleague on the meeting's own page."""
    if not site or guest.method == "cancel":
        return ""
    if guest.user_id is not None:
        return f"{site}/interactions/{guest.interaction_id}"
    return f"{site}/invitation/{guest.token}"


def _words(guest: Guest, uid: str, by: Inviter, language: str) -> _Words:
    event = guests.event_of(guest, uid)
    state = "cancel" if guest.method == "cancel" else "changed" if guest.organizer else "new"
    subject = event.title or translate_to(language, UNTITLED)
    zone = guest.zone or by.zone
    return _Words(
        translate_to(language, SUBJECTS[state], subject=subject),
        translate_to(language, INTROS[state], name=by.name, company=by.company),
        [("", subject), *facts(event, language, zone)],
        link_of(guest, by.site),
    )


def facts(event: Event, language: str, zone: str) -> list[tuple[str, str]]:
    """Return when and where it is, as (label, value)."""
    lines = [(translate_to(language, WHEN), span(event, language, zone))]
    return lines + ([(translate_to(language, WHERE), event.place)] if event.place else [])


def span(event: Event, language: str, zone: str) -> str:
    """Return from when to when something is, on the clock of `zone`, which is named."""
    locale = languages()[language].locale
    start = event.start_at.astimezone(ZoneInfo(zone))
    if event.all_day:
        return format_date(start.date(), "full", locale=locale)
    told = f"{format_date(start.date(), 'full', locale=locale)}, {_clock(start, locale)}"
    if event.end_at is not None:
        end = event.end_at.astimezone(ZoneInfo(zone))
        day = "" if end.date() == start.date() else format_date(end.date(), "long", locale=locale)
        told += f"–{day}, {_clock(end, locale)}" if day else f"–{_clock(end, locale)}"
    return f"{told} ({zone.replace('_', ' ')})"


def _clock(moment: datetime, locale: Locale) -> str:
    return format_time(moment.timetz(), "short", locale=locale)


def _text(words: _Words, language: str) -> str:
    lines = [f"{label}: {value}" if label else value for label, value in words.lines]
    parts = [words.intro, "\n".join(lines)]
    if words.link:
        parts.append(translate_to(language, ANSWER, link=words.link))
    return "\n\n".join(parts) + "\n"


def _html(words: _Words, language: str, zone: ZoneInfo, at: datetime) -> str:
    choices = [(name, translate_to(language, text)) for name, text in CHOICES.items()]
    return render_text(
        "diary/invitation_letter.html", language, title=words.title, intro=words.intro,
        lines=words.lines, link=words.link, answers=choices, time_zone=str(zone), now=at,
    )  # fmt: skip

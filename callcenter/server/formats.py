"""How times, spans, numbers and telephone numbers look to a reader.

Done here and not in the browser: Chromium knows no Azerbaijani dates. Moments
are aware datetimes or epoch seconds; None is shown as nothing.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, time, timedelta
from datetime import date as Day  # noqa: N812  # `date` is the filter
from functools import lru_cache, partial
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import TIMEDELTA_UNITS, format_date, format_skeleton, format_time, format_timedelta
from babel.numbers import format_decimal, format_percent

from callcenter import phone


def _(message: str) -> str:
    return message


Moment = datetime | float | None

JUST_NOW = _("just now")


class Reader(NamedTuple):
    """What a text depends on besides its words: where its reader is, and when it is read."""

    zone: ZoneInfo
    now: datetime


#: Of the text that is being rendered. Not in the template's context: what needs the context
#: has to be imported anew for each text, and that takes longer than the rest of it.
READER: ContextVar[Reader] = ContextVar("reader")

#: Babel takes 20 microseconds for each word; a card shows a dozen, mostly the same as the last.
_REMEMBERED = 4096
#: From so much of a unit on, Babel speaks of it: of days from 20 hours on.
_THRESHOLD = 0.85
#: What is nearer than that is not told in seconds.
_NOW = timedelta(minutes=1) * _THRESHOLD


@contextmanager
def read_at(zone: str, now: datetime) -> Iterator[None]:
    """Have what is rendered meanwhile show times as they are in `zone`, and spans to `now`."""
    before = READER.set(Reader(ZoneInfo(zone), now))
    try:
        yield
    finally:
        READER.reset(before)


class Words:
    """Days, times and spans in one language; what Babel makes of them is remembered."""

    def __init__(self, locale: Locale) -> None:
        self.day = lru_cache(_REMEMBERED)(partial(format_date, locale=locale))
        self.day_of_year = lru_cache(_REMEMBERED)(partial(format_skeleton, "MMMd", locale=locale))
        self.clock = lru_cache(_REMEMBERED)(partial(format_time, locale=locale))
        self.distance = lru_cache(_REMEMBERED)(
            partial(format_timedelta, add_direction=True, locale=locale, threshold=_THRESHOLD)
        )

    def date(self, moment: Moment | Day, style: str = "medium") -> str:
        if moment is None:
            return ""
        # A moment is a day, too, to Python; of a day alone the reader's zone does not matter.
        is_day = isinstance(moment, Day) and not isinstance(moment, datetime)
        return self.day(moment if is_day else _local(moment).date(), style)

    def time(self, moment: Moment, style: str = "short") -> str:
        return "" if moment is None else self.clock(_clock(moment, style), style)

    def date_time(self, moment: Moment) -> str:
        return "" if moment is None else f"{self.date(moment)} {self.time(moment)}"

    def when(self, moment: Moment) -> str:
        """Say no more than a list needs: the time today, the day this year, else the date."""
        if moment is None:
            return ""
        day, today = _local(moment).date(), _local(READER.get().now).date()
        if day == today:
            return self.time(moment)
        is_near = day.year == today.year
        return f"{self.day_of_year(day)} {self.time(moment)}" if is_near else self.date(moment)


def filters(locale: Locale, translate: Callable[[str], str]) -> dict[str, Callable[..., str]]:
    """Return the template filters of one language; `translate` says our own words in it."""
    words = Words(locale)

    def ago(moment: Moment) -> str:
        if moment is None:
            return ""
        distance = _aware(moment) - READER.get().now
        # A page stands for a while: what it says of seconds is soon untrue.
        if abs(distance) < _NOW:
            return translate(JUST_NOW)
        return words.distance(_rounded(distance))

    def number(value: float | None) -> str:
        return "" if value is None else format_decimal(value, locale=locale)

    def percent(share: float | None) -> str:
        return "–" if share is None else format_percent(share, locale=locale)

    return {
        "date": words.date, "time": words.time, "datetime": words.date_time, "when": words.when,
        "ago": ago, "number": number, "percent": percent, "duration": duration, "iso": iso,
        "epoch": epoch, "phone": phone.display, "phone_name": phone_name, "country": partial(country_name, language=locale.language),
    }  # fmt: skip


def country_name(code: str, language: str) -> str:
    """Return what a country is called in a language; the code of one that nobody knows."""
    return str(Locale(language).territories.get(code, code))


def phone_name(endpoint: str) -> str:
    """Return an endpoint as people read it: an outside number without "tel:"."""
    number = endpoint.removeprefix("tel:")
    return endpoint if number == endpoint else phone.display(number)


def duration(span: timedelta | float | None) -> str:
    """Return "03:27", or "1:03:27" from an hour on; a dash if it is not known."""
    if span is None:
        return "–"
    seconds = int(span.total_seconds() if isinstance(span, timedelta) else span)
    hours, rest = divmod(max(0, seconds), 3600)
    minutes, seconds = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes:02}:{seconds:02}"


def iso(moment: Moment) -> str:
    """Return the moment for machines, as in `<time datetime>`."""
    return "" if moment is None else _aware(moment).astimezone(UTC).isoformat(timespec="seconds")


def epoch(moment: Moment) -> str:
    """Return the moment in epoch seconds, as in `data-since`."""
    return "" if moment is None else f"{_aware(moment).timestamp():.3f}"


def _local(moment: Any) -> datetime:
    return _aware(moment).astimezone(READER.get().zone)


def _clock(moment: datetime | float, style: str) -> time:
    """Return the time of day, without what `style` does not show."""
    there = _local(moment)
    return time(there.hour, there.minute, 0 if style == "short" else there.second)


def _rounded(span: timedelta) -> timedelta:
    """Return the span in whole units, as Babel words it: 5.4 days are 5 days."""
    seconds = abs(span.total_seconds())
    for _, unit_s in TIMEDELTA_UNITS:
        if seconds >= unit_s * _THRESHOLD:
            whole = timedelta(seconds=round(seconds / unit_s) * unit_s)
            return whole if span > timedelta() else -whole
    return timedelta()


def _aware(moment: Any) -> datetime:
    return moment if isinstance(moment, datetime) else datetime.fromtimestamp(moment, UTC)

"""Which language a request is answered in, and how times and numbers look in it."""

from datetime import UTC, datetime, timedelta

import pytest

from callcenter.server.formats import duration, epoch, iso, read_at
from callcenter.server.i18n import CODES, languages, translate_to
from callcenter.server.templates import environments, formats, text
from tests.fixtures.house import House

AT = datetime(2026, 11, 22, 10, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ("ru-RU,ru;q=0.9,en;q=0.8", "ru"),
        ("de-DE,de;q=0.9,en;q=0.8,tr;q=0.9", "tr"),  # the wish that counts most of those we have
        ("tr;q=0.5,az;q=0.5", "tr"),  # of equals, the one named first
        ("en;q=0,ru;q=0.1", "ru"),  # q=0 means: not this one
        ("de", "az"),
        ("en;q=high", "az"),
        ("", "az"),
    ],
)
async def test_a_stranger_is_greeted_as_the_browser_asks(
    sqlite_house: House, asked: str, code: str
):
    page = await (await sqlite_house.browser(Accept_Language=asked)).open("/sign-in")

    assert f'<html lang="{code}"' in page.text


async def test_a_nonsense_cookie_is_passed_over(sqlite_house: House):
    page = await (await sqlite_house.browser(Accept_Language="ru")).open(
        "/sign-in", Cookie="callcenter_locale=../../etc"
    )

    assert '<html lang="ru"' in page.text


def rendered(template: str, language: str, **context: object) -> str:
    with read_at("Asia/Baku", AT + timedelta(days=1)):
        return environments()[language].from_string(template).render(context)


@pytest.mark.parametrize(
    ("template", "language", "shown"),
    [
        ("{{ at|datetime }}", "az", "22 noy 2026 14:05"),
        ("{{ at|datetime }}", "ru", "22 нояб. 2026 г. 14:05"),
        ("{{ (at.timestamp() + 40000)|when }}", "az", "01:11"),
        ("{{ at|when }}", "tr", "22 Kas 14:05"),
        ("{{ (at.timestamp() - 730 * 86400)|when }}", "ru", "22 нояб. 2024 г."),
        ("{{ at|date }}", "tr", "22 Kas 2026"),
        ("{{ at|time }}", "az", "14:05"),
        ("{{ at|ago }}", "az", "1 gün öncə"),
        ("{{ at|ago }}", "ru", "1 день назад"),
        ("{{ at.timestamp()|ago }}", "en", "1 day ago"),  # the live parts have epoch seconds
        # AT is a day ago: what is nearer than a minute is told in no seconds.
        ("{{ (at.timestamp() + 86400 - 30)|ago }}", "az", "indicə"),
        ("{{ (at.timestamp() + 86400)|ago }}", "ru", "только что"),
        ("{{ (at.timestamp() + 86400 + 2)|ago }}", "en", "just now"),
        ("{{ (at.timestamp() + 86400 - 60)|ago }}", "tr", "1 dakika önce"),
        ("{{ 1234567|number }}", "az", "1.234.567"),
        ("{{ 0.284|percent }}", "en", "28%"),
        ("{{ 0.284|percent }}", "tr", "%28"),
        ("{{ none|percent }}", "ru", "–"),
        ("{{ '+994502345678'|phone }}", "az", "+994 50 234 56 78"),
        ("{{ none|datetime }}{{ none|ago }}{{ none|time }}{{ none|number }}", "az", ""),
    ],
)
def test_times_and_numbers_look_as_the_reader_writes_them(template: str, language: str, shown: str):
    # Babel keeps parts of a date together by spaces of several kinds.
    assert " ".join(rendered(template, language, at=AT).split()) == shown


@pytest.mark.parametrize(
    ("span", "shown"),
    [
        (0, "00:00"), (207.9, "03:27"), (3600, "1:00:00"), (timedelta(hours=25, seconds=1), "25:00:01"),
        (-5, "00:00"), (None, "–"),
    ],
)  # fmt: skip
def test_a_span_is_a_clock(span: timedelta | float | None, shown: str):
    assert duration(span) == shown


def test_machines_get_moments_in_their_own_form():
    assert iso(AT) == iso(AT.timestamp()) == "2026-11-22T10:05:00+00:00"
    assert epoch(AT) == "1795341900.000"
    assert (iso(None), epoch(None)) == ("", "")


def test_a_country_is_called_as_its_reader_calls_it():
    assert [rendered("{{ 'TR'|country }}", code) for code in ("az", "ru")] == ["Türkiyə", "Турция"]
    assert rendered("{{ 'nowhere'|country }}", "az") == "nowhere"


def test_text_from_people_is_escaped():
    assert rendered("{{ name }}", "az", name="<b>") == "&lt;b&gt;"
    assert "&lt;b&gt;" in rendered("{% trans %}Hello {{ name }}{% endtrans %}", "en", name="<b>")


def test_a_fragment_renders_for_nobodys_request():
    html = text(
        "errors/error.html", "en", code="x", messages=["Nobody is there."], reference=None,
        is_ours=False, back="",
    )  # fmt: skip

    assert "Nobody is there." in html
    assert "<html" not in html


def test_every_language_is_there_and_says_what_it_cannot_translate_in_english():
    assert set(languages()) == CODES == {"az", "tr", "ru", "en"}
    assert translate_to("az", "A sentence nobody has translated, {name}", name="Anna") == (
        "A sentence nobody has translated, Anna"
    )


def test_all_formats_exist_in_each_language():
    assert {frozenset(formats(code)) for code in CODES} == {
        frozenset(
            (
                "date", "time", "datetime", "when", "ago", "number", "percent", "duration", "iso",
                "epoch", "phone", "phone_name", "country",
            )
        )
    }  # fmt: skip


@pytest.mark.parametrize(
    ("language", "calls", "mended", "shown"),
    [
        ("en", 1, 2, "1 call added, 2 calls completed."),
        ("ru", 1, 22, "добавлен 1 вызов, дополнено 22 вызова."),
        ("ru", 5, 0, "добавлено 5 вызовов, дополнено 0 вызовов."),
        ("az", 1, 3, "1 zəng əlavə edilib, 3 zəng tamamlanıb."),
        ("tr", 1, 3, "1 çağrı eklendi, 3 çağrı tamamlandı."),
    ],
)
def test_what_was_made_good_of_a_gap_is_counted_as_people_count(
    language: str, calls: int, mended: int, shown: str
):
    template = '{% from "macros/gaps.html" import gap_repair %}{{ gap_repair(recovered) }}'

    told = rendered(
        template, language, recovered={"state": "done", "calls": calls, "mended": mended}
    )

    assert " ".join(told.split()).endswith(shown)

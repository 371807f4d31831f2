"""What the templates hold: that they compile, run nothing inline, and show a call as it is."""

import re
import time
from typing import Any

import msgspec
import pytest

from callcenter.live.protocol import CallView, Candidate, LegView, Line, Pop, StateView
from callcenter.server.pages import render_text
from callcenter.server.templates import environments
from tests.web.conftest import TOP

FOLDER = TOP / "web" / "templates"
TEMPLATES = sorted(path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*.html"))

#: What a strict CSP would refuse, or htmx would evaluate.
INLINE = {
    "a script": re.compile(r"<script(?![^>]* src=)", re.IGNORECASE),
    "a style": re.compile(r"<style|[\s\"']style\s*=", re.IGNORECASE),
    "a handler": re.compile(r"[\s\"'](on[a-z]+|hx-on[:\w-]*)\s*=", re.IGNORECASE),
    "a javascript address": re.compile(r"(javascript|js):", re.IGNORECASE),
    "a foreign address": re.compile(r"(src|href|action)\s*=\s*[\"'](https?:)?//", re.IGNORECASE),
}


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_compiles_in_every_language(name: str):
    for environment in environments().values():
        environment.get_template(name)


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_holds_nothing_that_runs_inline(name: str):
    text = (FOLDER / name).read_text()

    assert [what for what, pattern in INLINE.items() if pattern.search(text)] == []


def test_no_module_writes_a_style_or_evaluates_text():
    for module in sorted((TOP / "web/js").glob("*.js")):
        text = module.read_text()
        assert not re.search(r"\beval\(|new Function|\.style\.\w+ ?=|setAttribute\(.style", text), (
            module.name
        )


def test_every_text_a_script_asks_for_is_on_the_page():
    there = set(re.findall(r'data-text="([\w-]+)"', (FOLDER / "layouts/texts.html").read_text()))
    asked = {
        name
        for module in (TOP / "web/js").glob("*.js")
        for name in re.findall(r"""\btext\(["'`]([\w-]+)["'`]""", module.read_text())
    }

    assert asked <= there


def test_every_icon_a_template_names_exists():
    for name in TEMPLATES:
        for glyph in re.findall(r'\bicon\("([\w-]+)"', (FOLDER / name).read_text()):
            assert "<svg" in environments()["en"].globals["lucide"](glyph)


# ---------------------------------------------------------------- what is pushed to a page

NOW = time.time()
ANNA = Candidate(contact_id=7, name="Zoë Müller", company="Müller & Söhne", reasons=("exact",))
OTTO = Candidate(contact_id=8, name="Otto", certainty="maybe", reasons=("last-digits",))
RINGING = Pop(
    id="7-1-1", call_id=70, interaction_id=71, direction="inbound", phase="ringing",
    number="+994 50 123 45 67", e164="+994501234567", match="one", candidates=(ANNA,),
    queue="sales", waiting_since=NOW - 14, ringing_since=NOW - 4, time_zones=("Asia/Baku",),
)  # fmt: skip


def shown(template: str, **context: Any) -> str:
    """Return a part as it is pushed, whitespace joined."""
    return re.sub(r"\s+", " ", render_text(template, "en", **context))


def pop(**changes: Any) -> str:
    return shown("screenpop/pop.html", pop=msgspec.structs.replace(RINGING, **changes))


def test_a_known_callers_pop_names_them_and_opens_their_card():
    html = pop()

    assert 'data-pop="7-1-1"' in html
    assert 'data-contact="7"' in html
    assert '<a href="/contacts/7">Zoë Müller</a>' in html
    assert "Müller &amp; Söhne" in html
    assert 'data-dial="+994501234567"' in html
    assert f'data-since="{RINGING.waiting_since:.3f}"' in html
    assert "Hang up" not in html


def test_a_call_in_progress_can_be_hung_up_from_its_pop():
    html = pop(phase="talking", talking_since=NOW)

    assert 'data-hang-up="70"' in html
    assert f'data-since="{NOW:.3f}"' in html


def test_of_several_candidates_one_is_chosen_and_none_is_shown_as_certain():
    html = pop(match="many", candidates=(ANNA, OTTO))

    assert 'data-choose="7"' in html
    assert 'data-choose="8"' in html
    assert "maybe" in html
    assert "data-contact" not in html.split('data-part="who"', 1)[0]
    assert "Who is it?" in html


def test_an_unknown_caller_becomes_a_contact_with_the_number_filled_in():
    html = pop(match="none", candidates=())

    assert "/contacts/new?phone=%2B994501234567&amp;interaction=71" in html


def test_a_withheld_number_has_nothing_to_dial_and_nobody_to_open():
    html = pop(match="withheld", withheld=True, number=None, e164=None, candidates=())

    assert "Withheld number" in html
    assert "data-dial" not in html
    assert "/contacts/" not in html


def test_what_a_caller_is_called_cannot_become_part_of_the_page():
    html = pop(match="none", candidates=(), caller_name='<img src=x onerror="alert(1)">')

    assert "<img" not in html


def test_a_call_without_an_interaction_has_no_note():
    assert "data-note" not in pop(interaction_id=None)
    assert 'data-note="71" data-version="3"' in pop(note="Hello", note_version=3)


def test_the_last_interactions_tell_a_missed_call_from_an_answered_one():
    missed = Line(interaction_id=1, kind="call", direction="inbound", result="abandoned", at=NOW)
    answered = Line(
        interaction_id=2, kind="call", direction="inbound", result="answered", at=NOW, talk_s=192
    )

    html = pop(recent=(missed, answered))

    assert "Missed call" in html
    assert "03:12" in html
    assert html.count('data-kind="missed"') == 1


def test_the_call_bar_shows_both_sides_while_dialling():
    legs = (LegView(party="agent", phase="ringing"), LegView(party="customer", phase="dialling"))
    call = CallView(
        call_id=5, interaction_id=6, direction="outbound", phase="dialling", title="Otto",
        since=NOW, legs=legs,
    )  # fmt: skip

    html = shown("calls/bar.html", calls=(call,))

    assert "My phone: Ringing" in html
    assert "Customer: Dialling" in html
    assert 'data-hang-up="5"' in html
    assert "data-call" not in shown("calls/bar.html", calls=())


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (StateView(state="ready", since=NOW), "Ready"),
        (StateView(state="paused", reason="lunch", since=NOW), "Lunch"),
        (StateView(state="paused", reason="dentist", since=NOW), "dentist"),  # a reason of the PBX
        (StateView(state="not-responding", since=NOW), "Not responding"),
        (StateView(state="off", since=NOW), "Off duty"),
    ],
)
def test_my_state_is_named_in_the_words_of_the_office(state: StateView, words: str):
    summary = shown("agents/state.html", state=state).split("</summary>")[0]

    assert f"<span>{words}</span>" in summary


def test_wrap_up_runs_down_and_can_be_ended():
    html = shown("agents/state.html", state=StateView(state="wrap-up", since=NOW, until=NOW + 20))

    assert f'data-until="{NOW + 20:.3f}"' in html
    assert "data-wrap-up-done" in html


def test_a_running_clock_is_no_part_of_what_is_pushed():
    """Parts are compared as text to find what changed, so time alone must change nothing."""
    clocks = re.findall(r"<time[^>]* data-since[^>]*>([^<]*)<", pop())

    assert clocks == [""]

"""What a page makes of the facts it is told: pops, the call bar, my state, in a real browser."""

import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import msgspec
import pytest
import pytest_asyncio
from playwright.async_api import Page, Route

from callcenter.live.protocol import CallView, Candidate, LegView, Line, Pop, StateView
from callcenter.server.i18n import CODES
from callcenter.server.pages import render_text
from tests.fixtures.browser import NewPage
from tests.web.conftest import TOP

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="session")]

NOW = time.time()
ANNA = Candidate(contact_id=7, name="Zoë Müller", company="Müller & Söhne", reasons=("exact",))
OTTO = Candidate(contact_id=8, name="Otto", certainty="maybe", reasons=("last-digits", "odd"))
RINGING = Pop(
    id="7-1-1", call_id=70, interaction_id=71, direction="inbound", phase="ringing",
    number="+994 50 123 45 67", e164="+994501234567", match="one", candidates=(ANNA,),
    queue="sales", waiting_since=NOW - 14, ringing_since=NOW - 4, time_zones=("Asia/Baku",),
)  # fmt: skip
TEMPLATES = ("layouts/texts.html", "screenpop/pop.html", "calls/bar.html", "agents/state.html")
ADDRESS = "http://callcenter.test"
FILL = """async ([template, maker, facts]) => {
    const [{ fill }, makers] = [await import("/js/fill.js"), await import("/js/facts.js")];
    return fill(template, maker ? makers[maker](facts) : facts).outerHTML;
}"""
MANY = """async (all) => {
    const [{ fill }, { callValues }] = [await import("/js/fill.js"), await import("/js/facts.js")];
    return fill("call-bar", { calls: all.map(callValues) }).outerHTML;
}"""


class Shown:
    """A page with the templates in it, and how it shows facts: as HTML, whitespace joined."""

    def __init__(self, page: Page) -> None:
        self._page = page

    async def pop(self, **changes: Any) -> str:
        facts = msgspec.structs.replace(RINGING, **changes)
        return await self._of(FILL, ["pop", "popValues", msgspec.to_builtins(facts)])

    async def state(self, view: StateView) -> str:
        return await self._of(FILL, ["my-state", "stateValues", msgspec.to_builtins(view)])

    async def bar(self, *calls: CallView) -> str:
        return await self._of(MANY, msgspec.to_builtins(calls))

    async def _of(self, script: str, facts: Any) -> str:
        return re.sub(r"\s+", " ", await self._page.evaluate(script, facts))


In = Callable[[str], Awaitable[Shown]]


@pytest_asyncio.fixture(loop_scope="session")
async def shown_in(new_page: NewPage) -> AsyncIterator[In]:
    """Open a page in a language."""

    async def answer(route: Route, language: str) -> None:
        path = route.request.url.removeprefix(ADDRESS)
        if path.startswith("/js/"):
            module = (TOP / "web" / path[1:]).read_text()
            await route.fulfill(body=module, content_type="text/javascript")
        else:
            parts = "".join(render_text(name, language) for name in TEMPLATES)
            await route.fulfill(body=parts, content_type="text/html; charset=utf-8")

    async def open_page(language: str) -> Shown:
        page = await new_page()
        await page.route(f"{ADDRESS}/**", lambda route: answer(route, language))
        await page.goto(f"{ADDRESS}/")
        return Shown(page)

    yield open_page


@pytest_asyncio.fixture(loop_scope="session")
async def shown(shown_in: In) -> Shown:
    return await shown_in("en")


async def test_a_known_callers_pop_names_them_and_opens_their_card(shown: Shown):
    html = await shown.pop()

    assert 'data-pop="7-1-1"' in html
    assert 'data-contact="7"' in html
    assert 'aria-label="Incoming: Zoë Müller"' in html
    assert '<a href="/contacts/7">Zoë Müller</a>' in html
    assert "Müller &amp; Söhne" in html
    assert 'data-dial="+994501234567"' in html
    assert f'data-since="{RINGING.waiting_since}"' in html
    assert "· sales" in html
    assert "Incoming call" in html
    assert "Hang up" not in html


async def test_nothing_of_a_template_is_left_in_what_is_shown(shown: Shown):
    html = await shown.pop(recent=(Line(
        interaction_id=1, kind="note", direction=None, result=None, at=NOW, note="Call back",
    ),))  # fmt: skip

    assert not re.search(r"[{}]|data-if|data-each", html)


async def test_a_call_in_progress_can_be_hung_up_from_its_pop(shown: Shown):
    html = await shown.pop(phase="talking", talking_since=NOW)

    assert 'data-hang-up="70"' in html
    assert f'data-since="{NOW}"' in html


async def test_of_several_candidates_one_is_chosen_and_none_is_shown_as_certain(shown: Shown):
    html = await shown.pop(match="many", candidates=(ANNA, OTTO))

    assert 'data-choose="7" data-interaction="71"' in html
    assert 'data-choose="8"' in html
    assert ">ZM</span>" in html
    assert html.count("maybe") == 1
    assert "<small>Same last digits, odd</small>" in html
    assert "data-contact" not in html.split('data-part="who"', 1)[0]
    assert "Who is it?" in html
    assert 'href="/contacts?q=%2B994501234567"' in html


async def test_an_unknown_caller_becomes_a_contact_with_the_number_filled_in(shown: Shown):
    html = await shown.pop(match="none", candidates=())

    assert "/contacts/new?phone=%2B994501234567&amp;interaction=71" in html
    assert '<span class="visually-hidden">Call +994 50 123 45 67</span>' in html


async def test_a_withheld_number_has_nothing_to_dial_and_nobody_to_open(shown: Shown):
    html = await shown.pop(match="withheld", withheld=True, number=None, e164=None, candidates=())

    assert "Withheld number" in html
    assert "data-dial" not in html
    assert "/contacts/" not in html


async def test_a_colleague_is_shown_by_name_and_extension(shown: Shown):
    html = await shown.pop(
        match="internal", direction="internal", number="1002", e164=None, candidates=(),
        caller_name="Boris", queue=None, did="+994 12 404 20 00",
    )  # fmt: skip

    assert 'aria-label="Internal: Boris"' in html
    assert "<span>1002</span>" in html
    assert "data-dial" not in html
    assert "· +994 12 404 20 00" in html


async def test_what_a_caller_is_called_cannot_become_part_of_the_page(shown: Shown):
    name = '<img src=x onerror="alert(1)">{number}'
    html = await shown.pop(match="none", candidates=(), caller_name=name)

    assert "<img" not in html
    assert "{number}" in html, "a name is no template either"


async def test_a_call_without_an_interaction_has_no_note(shown: Shown):
    assert "data-note" not in await shown.pop(interaction_id=None)
    html = await shown.pop(note="Hello <b>", note_version=3)
    assert 'data-note="71" data-version="3"' in html
    assert "Hello &lt;b&gt;</textarea>" in html


async def test_the_last_interactions_tell_a_missed_call_from_an_answered_one(shown: Shown):
    missed = Line(interaction_id=1, kind="call", direction="inbound", result="abandoned", at=NOW)
    answered = Line(
        interaction_id=2, kind="call", direction="inbound", result="answered", at=0.0, talk_s=192,
        who="Anna", when="long ago", moment="1 Jan 1970 00:00",
    )  # fmt: skip

    html = await shown.pop(recent=(missed, answered))

    assert "Missed call" in html
    assert "· 03:12 · Anna" in html
    assert html.count('data-kind="missed"') == 1
    assert html.count("<svg") == (await shown.pop()).count("<svg") + 2
    assert 'datetime="1970-01-01T00:00:00.000Z" title="1 Jan 1970 00:00">long ago</time>' in html


async def test_the_call_bar_shows_both_sides_while_dialling(shown: Shown):
    legs = (LegView(party="agent", phase="ringing"), LegView(party="customer", phase="dialling"))
    call = CallView(
        call_id=5, interaction_id=6, direction="outbound", phase="dialling", title="Otto",
        since=NOW, legs=legs,
    )  # fmt: skip

    html = await shown.bar(call)

    assert "My phone: Ringing" in html
    assert "Customer: Dialling" in html
    assert 'data-hang-up="5"' in html
    assert "data-call" not in await shown.bar()


async def test_the_call_bar_shows_the_queue_of_a_call_that_came_in(shown: Shown):
    call = CallView(
        call_id=5, interaction_id=6, direction="inbound", phase="talking", title="", number="101",
        contact_id=7, queue="sales", since=NOW - 9, talking_since=NOW,
    )  # fmt: skip

    html = await shown.bar(call)

    assert '<a class="call__title" href="/contacts/7">101</a>' in html
    assert "<span>Talking</span> <span>sales</span>" in html
    assert f'data-since="{NOW}"' in html


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
async def test_my_state_is_named_in_the_words_of_the_office(
    shown: Shown, state: StateView, words: str
):
    summary = (await shown.state(state)).split("</summary>")[0]

    assert f"<span>{words}</span>" in summary
    assert 'aria-label="My state: ' in summary


async def test_the_menu_marks_the_state_and_the_reason_that_are(shown: Shown):
    for view, marked in (
        (StateView(state="paused", reason="lunch", since=NOW), 'data-reason="lunch"'),
        (StateView(state="ready", since=NOW), 'data-state-wish="ready"'),
    ):
        html = await shown.state(view)
        assert html.count("aria-current") == 1
        assert f'{marked} aria-current="true"' in html


async def test_wrap_up_runs_down_and_can_be_ended(shown: Shown):
    html = await shown.state(StateView(state="wrap-up", since=NOW, until=NOW + 20))

    assert f'data-until="{NOW + 20}"' in html
    assert "data-since" not in html
    assert "data-wrap-up-done" in html


async def test_a_running_clock_is_no_part_of_what_is_filled_in(shown: Shown):
    """Parts are compared as text to find what changed, so time alone must change nothing."""
    clocks = re.findall(r"<time[^>]* data-since[^>]*>([^<]*)<", await shown.pop())

    assert clocks == [""]


@pytest.mark.parametrize("language", sorted(CODES))
async def test_every_code_has_a_word_in_every_language(shown_in: In, language: str):
    shown = await shown_in(language)
    legs = tuple(LegView(party=party, phase="up") for party in ("agent", "customer", "external"))
    call = CallView(
        call_id=5, interaction_id=6, direction="outbound", phase="ringing", title="Otto",
        since=NOW, legs=legs,
    )  # fmt: skip
    recent = tuple(
        Line(interaction_id=1, kind="call", direction=direction, result=result, at=NOW)
        for direction in ("in", "out", None)
        for result in (None, "answered", "voicemail", "no-answer")
    )

    html = await shown.pop(recent=recent) + await shown.bar(call)

    assert not re.search(r"<p>\s*<span|<span></span>:|>: <", html)
    assert ('aria-label="Incoming: ' in html) == (language == "en")

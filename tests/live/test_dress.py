"""What a page shows of a message, in the reader's own language."""

import pytest

from callcenter.live.dress import dress
from callcenter.live.protocol import (
    Calls,
    CallView,
    Candidate,
    LegView,
    Line,
    Link,
    LinkView,
    Message,
    Pop,
    PopRaised,
    PopWithdrawn,
    Snapshot,
    State,
    StateView,
)
from callcenter.server.identity import Identity

LANGUAGES = ("az", "tr", "ru", "en")

POP = Pop(
    id="1-2-0", call_id=1, interaction_id=3, direction="inbound", phase="ringing",
    number="+994 50 111 22 33", e164="+994501112233", match="one", country="AZ",
    candidates=(Candidate(contact_id=7, name="<Əli> Vəliyev", company="Xəzər & Co"),),
    recent=(Line(interaction_id=9, kind="call", direction="in", result="answered", at=0.0),),
    time_zones=("Asia/Baku",), queue="support", waiting_since=0.0, ringing_since=1.0,
)  # fmt: skip
CALLS = (
    CallView(
        call_id=1, interaction_id=3, direction="inbound", phase="talking", title="<Əli>",
        number="+994 50 111 22 33", since=0.0, talking_since=1.0,
        legs=(LegView(party="customer", number="+994 50 111 22 33", phase="up"),),
    ),
)  # fmt: skip
PAUSED = StateView(state="paused", reason="lunch", since=0.0)


def reader(language: str) -> Identity:
    return Identity(
        user_id=2, name="Anna", login="anna", role_key="agent", locale=language,
        time_zone="Asia/Baku",
    )  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("match", ["one", "many", "none", "withheld", "internal"])
def test_a_pop_shows_who_it_is_and_nothing_of_it_is_code(language: str, match: str):
    pop = Pop(**{name: getattr(POP, name) for name in Pop.__struct_fields__} | {"match": match})
    if match != "one":
        number = None if match == "withheld" else POP.number
        pop = Pop(
            id="1-2-0", call_id=1, interaction_id=3, direction="inbound", phase="talking",
            match=match, number=number, withheld=match == "withheld", ringing_since=0.0,
            candidates=POP.candidates * 2 if match == "many" else (),
        )  # fmt: skip
    told = dress(PopRaised(seq=1, pop=pop), reader(language))

    assert isinstance(told, PopRaised)
    assert told.pop == pop
    assert "<Əli>" not in told.html
    assert ("&lt;Əli&gt; Vəliyev" in told.html) == (match in ("one", "many"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_snapshot_shows_all_that_single_messages_show(language: str):
    who = reader(language)
    whole = dress(Snapshot(seq=1, now=0.0, state=PAUSED, pops=(POP,), calls=CALLS), who)
    pop = dress(PopRaised(seq=1, pop=POP), who)
    bar = dress(Calls(seq=1, calls=CALLS), who)
    state = dress(State(seq=1, state=PAUSED), who)

    assert isinstance(whole, Snapshot)
    assert (whole.pops_html, whole.calls_html, whole.state_html) == (
        (pop.html,), bar.html, state.html
    )  # fmt: skip
    assert all((pop.html, bar.html, state.html))


@pytest.mark.parametrize("reason", ["caller-gone", "no-answer", "declined", "ended", "elsewhere"])
def test_a_pop_that_goes_says_why_in_a_sentence(reason: str):
    texts = {
        language: dress(PopWithdrawn(seq=1, id="1-2-0", reason=reason), reader(language)).text
        for language in LANGUAGES
    }

    assert all(texts.values())
    assert len(set(texts.values())) == len(LANGUAGES), "not translated"


def test_the_one_who_answered_is_named():
    by_anna = PopWithdrawn(seq=1, id="1-2-0", reason="answered-by", by="Aygün")
    by_somebody = PopWithdrawn(seq=1, id="1-2-0", reason="answered-by")

    assert dress(by_anna, reader("en")).text == "Aygün answered."
    assert dress(by_somebody, reader("en")).text == "A colleague answered."


def test_what_shows_nothing_stays_as_it_is():
    message: Message = Link(link=LinkView(pbx=1, name="main", up=True, since=0.0))

    assert dress(message, reader("en")) is message

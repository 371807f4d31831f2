"""What only the server can word of a message, in the reader's own language."""

import pytest

from callcenter.live.dress import dress
from callcenter.live.protocol import (
    Candidate,
    Line,
    Link,
    LinkView,
    Message,
    Pop,
    PopRaised,
    PopWithdrawn,
    Snapshot,
    StateView,
)
from callcenter.server.identity import Identity

#: Noon in London.
NEW_YEAR = 1_767_268_800.0
LANGUAGES = ("az", "tr", "ru", "en")

POP = Pop(
    id="1-2-0", call_id=1, interaction_id=3, direction="inbound", phase="ringing",
    number="+994 50 111 22 33", e164="+994501112233", match="one", country="AZ",
    candidates=(Candidate(contact_id=7, name="<Əli> Vəliyev", company="Xəzər & Co"),),
    recent=(Line(interaction_id=9, kind="call", direction="in", result="answered", at=NEW_YEAR),),
    time_zones=("Asia/Baku",), queue="support", waiting_since=0.0, ringing_since=1.0,
)  # fmt: skip
PAUSED = StateView(state="paused", reason="lunch", since=0.0)


def reader(language: str, zone: str = "Asia/Baku") -> Identity:
    return Identity(
        user_id=2, name="Anna", login="anna", role_key="agent", locale=language,
        time_zone=zone,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("language", "zone", "moment"),
    [
        ("az", "Asia/Baku", "1 yan 2026 16:00"),
        ("tr", "Europe/Istanbul", "1 Oca 2026 15:00"),
        ("ru", "Europe/Moscow", "1 янв. 2026\u202fг. 15:00"),
        ("en", "Europe/London", "1 Jan 2026 12:00"),
    ],
)
def test_the_moments_of_a_story_are_in_the_readers_words(language: str, zone: str, moment: str):
    who = reader(language, zone)
    told = dress(PopRaised(seq=1, pop=POP), who)
    whole = dress(Snapshot(seq=1, now=0.0, state=PAUSED, pops=(POP,)), who)

    assert isinstance(told, PopRaised)
    assert isinstance(whole, Snapshot)
    [line] = told.pop.recent
    assert line.moment.replace("\xa0", " ") == moment
    assert line.when
    assert whole.pops == (told.pop,)


def test_how_long_ago_it_was_is_said_in_every_language():
    told = [dress(PopRaised(seq=1, pop=POP), reader(language)) for language in LANGUAGES]

    assert len({message.pop.recent[0].when for message in told}) == len(LANGUAGES)  # type: ignore[attr-defined]


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

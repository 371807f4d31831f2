"""Who is calling, for the pop: candidates, the last lines of their story, the note.

Asked while a phone rings: driver SQL only, one look-up and one question for the story.
A number that several share shows what this number did before, never one's story as
another's.
"""

from collections.abc import Awaitable, Callable, Sequence

import msgspec
from sqlalchemy import select

from callcenter import phone
from callcenter.crm.lookup import Found, Match, seen_by, visible, who_is
from callcenter.db import Database, Row
from callcenter.interactions import covering
from callcenter.interactions.access import visible_to
from callcenter.interactions.models import Interaction
from callcenter.live.protocol import Candidate, Line, OpenLead, Pop
from callcenter.screenpop.pop import Showing
from callcenter.server.identity import Identity, may

LINES = 5
#: (who, contact) -> the contact's open leads that he may see.
LeadsOf = Callable[[Identity, int], Awaitable[Sequence[OpenLead]]]
#: What somebody may who is bound by nothing, and who may nothing.
EVERYTHING = Identity(
    user_id=0, name="", login="", role_key="",
    grants={"contact": {"read": "all"}, "interaction": {"read": "all"}},
)  # fmt: skip
NOTHING = Identity(user_id=0, name="", login="", role_key="")

_COLUMNS = """
    SELECT i.id, i.kind, i.direction, c.result, i.start_at, c.talk_ms, u.name,
        COALESCE(i.body, i.subject)
    FROM participant AS p
    JOIN interaction AS i ON i.id = p.interaction_id
    LEFT JOIN call AS c ON c.interaction_id = i.id AND c.merged_into_id IS NULL
    LEFT JOIN "user" AS u ON u.id = i.owner_id
"""
_LAST = f"""
    AND p.interaction_id <> ?2 AND i.deleted_at IS NULL AND i.status NOT IN ('live', 'planned')
    ORDER BY p.at DESC, p.interaction_id DESC LIMIT {LINES}
"""
BY_CONTACT = f"{_COLUMNS} WHERE p.contact_id = ?1 {_LAST}"
BY_NUMBER = f"{_COLUMNS} WHERE p.point = ?1 {_LAST}"
OWN = """
    SELECT i.body, i.version, p.contact_id, p.certainty, k.name, f.name, k.title
    FROM interaction AS i
    LEFT JOIN participant AS p
        ON p.interaction_id = i.id AND p.role IN ('from', 'to') AND p.seq = 0
    LEFT JOIN contact AS k ON k.id = p.contact_id AND k.deleted_at IS NULL
    LEFT JOIN contact AS f ON f.id = k.company_id
    WHERE i.id = ?1
"""


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """The customer's side of a pop."""

    match: Match = "none"
    #: As shown to people; None if withheld.
    number: str | None = None
    #: The number in its one form, as contacts and past calls have it; "" if withheld.
    norm: str = ""
    e164: str | None = None
    #: Our own number that was called, in its one form.
    did: str | None = None
    country: str | None = None
    time_zones: tuple[str, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    recent: tuple[Line, ...] = ()
    leads: tuple[OpenLead, ...] = ()
    note: str = ""
    note_version: int = 1
    #: Of the number the role shows the end at most; it is called by the call.
    is_covered: bool = False

    @property
    def contact(self) -> Candidate | None:
        """The customer, if there is no doubt who it is."""
        return self.candidates[0] if self.match == "one" else None


class Cards:
    """Fills cards in from the database."""

    def __init__(
        self,
        database: Database,
        regions_of: Callable[[int], Sequence[str]],
        is_own: Callable[[str], bool] = lambda _norm: False,
        who_of: Callable[[int], Identity | None] = lambda _user_id: EVERYTHING,
        leads_of: LeadsOf | None = None,
    ) -> None:
        """`regions_of(pbx)` tells where numbers without a country code belong to; `who_of(user_id)`
        what a person may: a pop shows no more; `leads_of` the open leads of a contact."""
        self._database = database
        self._regions_of = regions_of
        self._is_own = is_own
        self._who_of = who_of
        self._leads_of = leads_of

    async def who(self, showing: Showing) -> Card:
        """Return who it is, for the person who is to see it: all that cannot wait."""
        if showing.direction == "internal":
            return Card(match="internal", number=showing.number)
        found = await who_is(
            self._database,
            showing.number,
            self._regions_of(showing.pbx),
            user_id=showing.user_id,
            is_own=self._is_own,
        )
        who = self._rights(showing)
        found = await seen_by(self._database, who, found)
        card = msgspec.structs.replace(_card(found, showing.number), did=self._did(showing))
        return covered(card, who)

    def unknown(self, showing: Showing) -> Card:
        """Return the card for when nobody can be asked who it is: the number alone."""
        card = Card(match="withheld" if showing.withheld else "none", number=showing.number)
        is_ours = showing.direction == "internal"
        return card if is_ours else covered(card, self._rights(showing))

    def shown(self, user_id: int, number: str | None) -> str | None:
        """Return what a person may see of the number of somebody outside."""
        return covering.number(number, self._who_of(user_id) or NOTHING)

    async def story(self, showing: Showing, card: Card) -> Card:
        """Return `card` with what was written down in this very call, and what was before it."""
        if card.match == "internal":
            return card
        who = self._rights(showing)
        card = await self._with_own(card, showing.interaction_id or 0, who)
        recent = await self._recent(card, showing.interaction_id or 0, who)
        leads: Sequence[OpenLead] = ()
        if self._leads_of is not None and card.contact is not None:
            leads = await self._leads_of(who, card.contact.contact_id)
        return covered(msgspec.structs.replace(card, recent=recent, leads=tuple(leads)), who)

    def _rights(self, showing: Showing) -> Identity:
        return self._who_of(showing.user_id) or NOTHING

    def _did(self, showing: Showing) -> str | None:
        if not showing.did:
            return None
        return phone.read(showing.did, self._regions_of(showing.pbx)).norm or showing.did

    async def _with_own(self, card: Card, interaction_id: int, who: Identity) -> Card:
        """Add what was written down in this very call: the note, and the customer if chosen."""
        rows = await self._database.fetch(OWN, interaction_id)
        if not rows:
            return card
        body, version, contact_id, certainty, name, company, title = rows[0]
        note = body if covering.fact("body", body, who) == body else None
        card = msgspec.structs.replace(card, note=note or "", note_version=version)
        if contact_id is None or name is None:
            return card
        chosen = Candidate(
            contact_id=contact_id,
            name=name,
            company=company,
            title=title,
            certainty=certainty or "known",
        )
        if not (seen := await visible(self._database, who, (chosen,))):
            return card
        return msgspec.structs.replace(card, match="one", candidates=seen)

    async def _recent(self, card: Card, interaction_id: int, who: Identity) -> tuple[Line, ...]:
        if card.contact is not None:
            rows = await self._database.fetch(BY_CONTACT, card.contact.contact_id, interaction_id)
        elif card.norm:
            rows = await self._database.fetch(BY_NUMBER, card.norm, interaction_id)
        else:
            return ()
        return tuple(
            Line(
                interaction_id=row[0], kind=row[1], direction=row[2], result=row[3],
                at=row[4] / 1000, talk_s=None if row[5] is None else row[5] / 1000, who=row[6],
                note=covering.fact("body", row[7], who),
            )
            for row in await self._seen(rows, who)
        )  # fmt: skip

    async def _seen(self, rows: Sequence[Row], who: Identity) -> Sequence[Row]:
        """Return those of the earlier interactions that the person may read."""
        if not rows or may(who, "interaction", "read") == "all":
            return rows
        query = select(Interaction.id).where(
            Interaction.id.in_([row[0] for row in rows]), visible_to(who)
        )
        async with self._database.read() as session:
            seen = set(await session.scalars(query))
        return [row for row in rows if row[0] in seen]


def covered(card: Card, who: Identity) -> Card:
    """Return the card with its number covered, if the role covers numbers."""
    if card.is_covered or not card.number or not covering.covers_numbers(who):
        return card
    return msgspec.structs.replace(
        card, number=covering.number(card.number, who), e164=None, is_covered=True
    )


def _card(found: Found, raw: str | None) -> Card:
    number = found.number
    is_real = number.kind == "e164"
    return Card(
        match=found.match,
        number=phone.display(number.norm) if is_real else (number.norm or raw),
        norm=number.norm,
        e164=number.norm if is_real else None,
        country=number.country,
        time_zones=phone.time_zones(number.norm) if is_real else (),
        candidates=found.candidates,
    )


def compose(showing: Showing, card: Card, name_of: Callable[[int], str | None]) -> Pop:
    """Return the pop as pages are told it."""
    colleague = None if showing.colleague_id is None else name_of(showing.colleague_id)
    return Pop(
        id=showing.id,
        call_id=showing.call_id,
        interaction_id=showing.interaction_id,
        direction=showing.direction,
        phase=showing.phase,
        number=card.number,
        e164=card.e164,
        is_covered=card.is_covered,
        caller_name=colleague or _caller_name(showing, card),
        withheld=showing.withheld,
        match=card.match,
        candidates=card.candidates,
        recent=card.recent,
        leads=card.leads,
        country=card.country,
        time_zones=card.time_zones,
        queue=showing.queue,
        did=phone.display(card.did or showing.did) if showing.did else None,
        waiting_since=showing.waiting_since,
        ringing_since=showing.ringing_since,
        talking_since=showing.talking_since,
        note=card.note,
        note_version=card.note_version,
    )


def _caller_name(showing: Showing, card: Card) -> str | None:
    """Return the name that came with the call; some carriers write the number there."""
    name = showing.caller_name
    return card.number if name and card.is_covered and covering.holds_number(name) else name

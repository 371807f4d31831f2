"""Compares what the service has stored with what the phones saw.

Each call that took place has one interaction, with the right agents and times to within a second;
or, of what happened in a gap that the service states, it says no more than it can know.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from callcenter import phone
from callcenter.calls.models import CallRow, Gap
from tests.e2e.outage import NEVER, Story
from tests.e2e.own_process import Records

#: How far a time may be off. Phones see what the PBX does a moment later, or earlier.
TOLERANCE_S = 1.2

Span = tuple[float, float]


@dataclass(frozen=True)
class Talk:
    """An agent's part of a call, by the clock of the phones."""

    extension: str
    span: Span


@dataclass(frozen=True)
class Truth:
    """What the phones saw of a call."""

    begin: float
    end: float
    talks: list[Talk]


def truth_of(story: Story, until: float) -> Truth:
    """Return what happened; whom nobody told of the end (a crash), it ended `until`."""
    customer, first = story.customer, story.agents[0][1] if story.agents else None
    inbound = story.plan.kind in ("direct", "queue")
    begins = customer if inbound else first
    assert begins is not None
    assert begins.invited_at is not None
    talks = []
    for extension, agent in story.agents:
        answers = agent if inbound else customer
        picked_up = answers.answered_at if answers is not None else None
        if picked_up is not None:
            ends = [call.ended_at for call in (agent, customer) if call is not None]
            talks.append(Talk(extension, (picked_up, min(end or until for end in ends))))
    last = customer or first
    assert last is not None
    return Truth(begins.invited_at, last.ended_at or until, talks)


@dataclass(frozen=True)
class Judge:
    """Says what is wrong. `repaired`: the PBX's own log has told what was missed."""

    records: Records
    gap: Gap
    repaired: bool
    #: Until when calls lasted of which no phone saw the end.
    until: float

    def faults(self, stories: list[Story]) -> list[str]:
        found = [f"{story}: {fault}" for story in stories for fault in self._faults(story)]
        return found + list(self._strangers(stories))

    def _strangers(self, stories: list[Story]) -> Iterator[str]:
        numbers = {_e164(story.number) for story in stories}
        for call in self.records.calls:
            if call.merged_into_id is None and call.customer_norm not in numbers:
                yield f"a call that nobody made: {_shown(call)}"
        for interaction in self.records.interactions:
            if interaction.end_at is None:
                yield f"interaction {interaction.id} goes on"
        linked = {call.interaction_id for call in self.records.calls}
        if len({each.id for each in self.records.interactions} - linked):
            yield "an interaction of no call"

    def _faults(self, story: Story) -> Iterator[str]:
        truth = truth_of(story, self.until)
        rows = [
            call
            for call in self.records.calls
            if call.customer_norm == _e164(story.number) and call.merged_into_id is None
        ]
        if self._unseen((truth.begin, truth.end)) and not rows:
            return
        if len(rows) != 1 or rows[0].interaction_id is None:
            yield f"{len(rows)} records: {[_shown(row) for row in rows]}"
            return
        row = rows[0]
        said = [
            *self._times(row, truth),
            *self._people(row, truth),
            *self._outcome(row, story, truth),
        ]
        if said:
            yield f"{'; '.join(said)}; true: {_rounded(truth, self.gap)}; record: {_shown(row)}"

    # Times.

    def _times(self, row: CallRow, truth: Truth) -> Iterator[str]:
        yield from self._time("began", row, row.ring_at.timestamp(), truth.begin)
        if row.end_at is None:
            yield "goes on"
        else:
            yield from self._time("ended", row, row.end_at.timestamp(), truth.end)
        if row.answer_at is not None:
            yield from self._answered(row, row.answer_at.timestamp(), truth)
        connected_s = ((row.talk_ms or 0) + (row.hold_ms or 0)) / 1000
        least_s = sum(self._seen_s(talk.span) for talk in truth.talks)
        most_s = sum(end - begin for begin, end in (talk.span for talk in truth.talks))
        if self.repaired:
            least_s = most_s
        if not least_s - TOLERANCE_S <= connected_s <= most_s + TOLERANCE_S:
            yield f"connected for {connected_s:.1f} s instead of {least_s:.1f} to {most_s:.1f}"

    def _answered(self, row: CallRow, at: float, truth: Truth) -> Iterator[str]:
        """The first answer counts, or the first one that could be seen."""
        for talk in truth.talks:
            said = list(self._time("answered", row, at, talk.span[0]))
            if not said:
                return
            if self.repaired or self._seen_s(talk.span) > 0:
                yield from said
                return

    def _time(self, what: str, row: CallRow, at: float, truth: float) -> Iterator[str]:
        if abs(at - truth) <= TOLERANCE_S:
            return
        begin, end = self._span
        if self.repaired or not begin <= truth <= end:
            yield f"{what} {at - truth:+.1f} s off"
        elif not begin - TOLERANCE_S <= at <= end + TOLERANCE_S:
            yield f"{what} outside the gap, {at - truth:+.1f} s off"
        elif not row.inferred:
            yield f"{what} {at - truth:+.1f} s off without being marked"

    # People.

    def _people(self, row: CallRow, truth: Truth) -> Iterator[str]:
        """Who talked for long enough to be seen must be told; nobody else may be."""
        may = [talk.extension for talk in truth.talks]
        must = may
        if not self.repaired:
            must = [talk.extension for talk in truth.talks if self._seen_s(talk.span) > 0]
        legs = [
            leg for leg in self.records.legs[row.id] if leg.user_id and leg.talk_ms + leg.hold_ms
        ]
        told = [leg.endpoint.rpartition("/")[2] for leg in legs]
        for extension in sorted({*must, *told}):
            if told.count(extension) != 1 or extension not in may:
                yield f"{extension} talked in {told.count(extension)} legs"
        owners = {leg.endpoint.rpartition("/")[2] for leg in legs if leg.user_id == row.owner_id}
        # The last of those who must be told, or one after him who need not be.
        if must and not owners & set(may[may.index(must[-1]) :]):
            yield f"owner {owners or None} instead of {must[-1]}"

    # Outcome.

    def _outcome(self, row: CallRow, story: Story, truth: Truth) -> Iterator[str]:
        inbound = story.plan.kind in ("direct", "queue")
        if row.direction != ("inbound" if inbound else "outbound"):
            yield f"direction {row.direction}"
        seen = self.repaired or self._known(truth.end)
        if any(self.repaired or self._seen_s(talk.span) > 0 for talk in truth.talks):
            if row.result != "answered":
                yield f"result {row.result} instead of answered"
        elif truth.talks:
            if not row.inferred:
                yield "the end is not marked"
        elif seen and row.result not in self._unanswered(story):
            yield f"result {row.result} though nobody answered"
        for part in (*self.records.legs[row.id], *self.records.visits[row.id]):
            ended_at = getattr(part, "end_at", None) or getattr(part, "left_at", None)
            if ended_at is None:
                yield f"part goes on: {_shown(part)}"

    def _unanswered(self, story: Story) -> tuple[str, ...]:
        if story.plan.end == NEVER:
            return ("no-answer", "failed", "abandoned", "cancelled")
        return ("abandoned",) if story.plan.kind in ("direct", "queue") else ("cancelled",)

    # The gap.

    @property
    def _span(self) -> Span:
        assert self.gap.to_at is not None
        # Who rings or talks for a moment beside the gap is not always seen.
        return self.gap.from_at.timestamp() - 0.1, self.gap.to_at.timestamp() + 0.1

    def _known(self, at: float) -> bool:
        begin, end = self._span
        return not begin <= at <= end

    def _unseen(self, span: Span) -> bool:
        return not self.repaired and self._seen_s(span) <= 0

    def _seen_s(self, span: Span) -> float:
        """Return how much of it lies outside the gap."""
        begin, end = self._span
        inside = max(0.0, min(end, span[1]) - max(begin, span[0]))
        return span[1] - span[0] - inside


def _e164(number: str) -> str:
    return phone.read(number, ["AZ"]).norm


def _shown(row: object) -> str:
    return ", ".join(
        f"{key}={value}" for key, value in vars(row).items()
        if not key.startswith("_") and key != "pbx_state" and value not in (None, [], "")
    )  # fmt: skip


def _rounded(truth: Truth, gap: Gap) -> str:
    zero = gap.from_at.timestamp()
    talks = [(talk.extension, *(round(at - zero, 1) for at in talk.span)) for talk in truth.talks]
    return f"{truth.begin - zero:.1f} to {truth.end - zero:.1f} {talks}, counted from the gap"

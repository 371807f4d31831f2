"""The plot: who may do what, as far as the moment allows."""

from collections.abc import Callable

from tests.ami.people.asking import Asking
from tests.ami.people.beginning import Beginning
from tests.ami.people.sending import Sending
from tests.ami.people.talking import Talking
from tests.ami.people.truth import Party
from tests.ami.people.waiting import Waiting


class Story(Beginning, Waiting, Talking, Sending, Asking):
    """One customer's call, played step by step until `over`."""

    def play(self, steps: int = 12) -> "Story":
        self.truth.began_at = self.pbx.at
        self.pick([self.calls_in, self.calls_in, self.calls_in, self.calls_out, self.clicks])()
        for _ in range(steps):
            if self.over:
                break
            self.wait()
            self._act(self.moves())
        while not self.over:
            self.wait()
            self.customer_hangs_up()
        return self

    def _act(self, moves: "list[Callable[[], None]]") -> None:
        move = self.pick(moves)
        if move.__name__.endswith("hangs_up") and self._chance(4):
            # Most calls would be over before anything came of them.
            move = self.pick(moves)
        self.log.append(move.__name__)
        move()

    def moves(self) -> "list[Callable[[], None]]":
        if self.asked is not None:
            return [self.asked_answers, self.asked_declines, self.asker_gives_up,
                    self.customer_hangs_up]  # fmt: skip
        if self.consult is not None:
            return [self.hands_over, self.hands_over, self.asker_gives_up, self.asked_hangs_up,
                    self.customer_hangs_up]  # fmt: skip
        if self.lot is not None:
            return [self.retrieves, self.customer_hangs_up]
        if self.room:
            return self._in_conference()
        if self.with_ is not None:
            return self._in_talk(self.with_)
        if self.ringing:
            return self._in_ringing()
        if self.queue:
            return [self.members_ring, self.members_ring, self.queue_gives_up,
                    self.customer_hangs_up]  # fmt: skip
        return [self.enters_queue, self.enters_queue, self.rings_direct, self.rings_direct,
                self.presses_a_key, self.leaves_a_message, self.customer_hangs_up,
                self.is_turned_away]  # fmt: skip

    def _in_ringing(self) -> "list[Callable[[], None]]":
        moves = [self.answers, self.answers, self.answers, self.nobody_answers, self.declines,
                 self.customer_hangs_up]  # fmt: skip
        if not self.queue and self.ringing[0].pair is None and self._others():
            moves += [self.picks_up, self.forwards]
        return moves

    def _in_talk(self, party: Party) -> "list[Callable[[], None]]":
        moves = [self.customer_hangs_up, self.agent_hangs_up]
        if party.name.startswith("external:"):
            return moves
        moves += [self.takes_back if party.holds else self.holds]
        if self._others():
            moves += [self.sends_blind, self.asks_by_phone, self.is_redirected]
            if party.pair is None:
                moves += [self.asks_by_core, self.opens_conference]
        moves += [self.sends_outside, self.sends_to_queue]
        if party.pair is None and not party.holds:
            moves += [self.parks]
        return moves

    def _in_conference(self) -> "list[Callable[[], None]]":
        moves = [self.customer_hangs_up, self.leaves_conference]
        return moves + ([self.joins_conference] if self._others() else [])

"""The rules, wired: to what changes, to who is at work, and to what reaches customers."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from callcenter.events import RequestSettled
from callcenter.jobs import Handler
from callcenter.rules import giving, hooks, reaching
from callcenter.rules.calling import Calling
from callcenter.rules.following import Follower
from callcenter.rules.hooks import Hooks
from callcenter.rules.means import Means
from callcenter.rules.terms import Terms

if TYPE_CHECKING:
    from callcenter.app.house import House


class Ruling:
    def __init__(self, house: "House", acted: Callable[[], None]) -> None:
        """`acted` is called when rules have done something: there may be jobs and notices."""
        self._house = house
        database, registry, now = house.database, house.registry, house.now
        place = house.switchboard.place_call
        means = Means(
            state_of=self._state_of, company=lambda: house.branding.brand.name,
            has_sms=lambda: house.sms is not None, public_url=house.settings.public_url,
            language=house.settings.language, data=house.settings.data_path,
            hooks_inside=house.settings.webhooks_inside,
        )  # fmt: skip
        self.follower = Follower(database, registry, now, means, acted)
        self._hooks = Hooks(database, registry, now, means)
        self._calls = Calling(database, now, self._state_of, place)
        self._terms = Terms(database, registry, now, self._state_of, place, acted)
        house.bus.listen(lambda event: house.spawn(self._terms.settled(event)), RequestSettled)

    def handlers(self) -> Mapping[str, Handler]:
        """Return what does the jobs of rules."""
        return {
            giving.TERM: self._terms.term,
            giving.SWEEP: self._terms.sweep,
            giving.RING: self._terms.ring,
            hooks.JOB: self._hooks.send,
            reaching.CALL: self._calls.place,
        }

    def _state_of(self, user_id: int) -> str:
        return self._house.keeper.view(user_id).state

"""What the picture of the floor is made of, asked of the rooms that know."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from callcenter import phone
from callcenter.crm.lookup import who_is
from callcenter.server.identity import Identity
from callcenter.server.pages import render_text
from callcenter.stats.floor import AgentNow, Customer, Sources

if TYPE_CHECKING:
    from callcenter.app.house import House


class OnTheFloor:
    def __init__(self, house: "House") -> None:
        self._house = house

    def sources(self) -> Sources:
        house = self._house
        return Sources(
            calls=lambda: ((live.id, live.call) for live in house.board),
            agents=self._agents,
            person_at=self._person_at,
            customer_of=house.callers.customer_of,
            number_of=lambda pbx, raw: house.read_number(pbx, raw).norm or raw,
            queues=house.today.queues,
            gaps=house.gaps_today,
        )

    def _agents(self) -> Iterable[AgentNow]:
        """Give everybody who sits at a phone."""
        for person in self._house.devices.people.values():
            if self._house.devices.phones_of(person.id):
                view = self._house.keeper.view(person.id)
                yield AgentNow(
                    user_id=person.id, name=person.name, team_id=person.team_id, state=view.state,
                    reason=view.reason, since=view.since, until=view.until,
                )  # fmt: skip

    def _person_at(self, pbx: int, endpoint: str) -> tuple[int, str] | None:
        user_id = self._house.devices.user_of(pbx, endpoint)
        name = None if user_id is None else self._house.name_of(user_id)
        return None if user_id is None or name is None else (user_id, name)

    async def caller(self, pbx: int, number: str) -> Customer | None:
        found = await who_is(self._house.database, number, self._house.regions_of(pbx))
        # Worked out now, while no phone rings yet: the card will show them.
        phone.display(found.number.norm)
        phone.time_zones(found.number.norm)
        if found.match != "one":
            return None
        return Customer(contact_id=found.candidates[0].contact_id, name=found.candidates[0].name)


def render_part(template: str, who: Identity, context: dict[str, Any]) -> str:
    return render_text(
        template, who.locale or "en", identity=who, time_zone=who.time_zone or "UTC", **context
    )

"""What can be made of an interaction here: a contact of whom nobody has stored yet."""

from collections.abc import Sequence
from urllib.parse import urlencode

from callcenter.interactions.covering import NOTHING
from callcenter.interactions.makers import Maker
from callcenter.interactions.models import Interaction
from callcenter.interactions.people import Person


def _(message: str) -> str:
    return message


def _address(row: Interaction, people: Sequence[Person]) -> str | None:
    stranger = next((person for person in people if person.is_unlinked), None)
    if stranger is None:
        return None
    point = stranger.point or ""
    facts = {
        "interaction": str(row.id),
        "name": stranger.name if stranger.name != stranger.point else "",
        "email" if "@" in point else "phone": point,
    }
    # What is covered comes with the interaction itself.
    told = {name: value for name, value in facts.items() if value and NOTHING not in value}
    return f"/contacts/new?{urlencode(told)}"


CONTACT = Maker(
    name="contact", label=_("New contact"), icon="user-round-plus", entity="contact", key="c",
    address=_address,
)  # fmt: skip

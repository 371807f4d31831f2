"""What can be made from an interaction in one key, with everything filled in.

Each room adds its own (`app` hands them all to the pages): a contact of whom nobody has stored, a
task, a meeting; later a lead, a deal, a claim. A maker is an address; the form behind it reads
`?from=` or what else it needs, so that nothing is stored before a person has looked at it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from aiohttp import web

from callcenter.interactions.models import Interaction
from callcenter.interactions.people import Person


def _(message: str) -> str:
    return message


@dataclass(frozen=True, kw_only=True)
class Maker:
    """One thing that can be made. `entity` is whose right to create it is asked."""

    name: str
    label: str
    icon: str
    entity: str
    #: The letter that presses it, "" for none.
    key: str
    #: None if there is nothing to make it of.
    address: Callable[[Interaction, Sequence[Person]], str | None]


MAKERS: web.AppKey[tuple[Maker, ...]] = web.AppKey("makers", tuple)

STEP = Maker(
    name="step",
    label=_("Plan next step"),
    icon="calendar-plus",
    entity="interaction",
    key="t",
    address=lambda row, _people: f"/interactions/new?from={row.id}",
)
TASK = Maker(
    name="task",
    label=_("Task"),
    icon="square-check-big",
    entity="interaction",
    key="s",
    address=lambda row, _people: f"/interactions/new?from={row.id}&kind=task",
)
OWN = (STEP, TASK)

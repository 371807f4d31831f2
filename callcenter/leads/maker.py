"""A lead can be made of every interaction, in one key."""

from callcenter.interactions.makers import Maker


def _(message: str) -> str:
    return message


LEAD = Maker(
    name="lead", label=_("Lead"), icon="sparkles", entity="lead", key="l",
    address=lambda row, _people: f"/leads/take?from={row.id}",
)  # fmt: skip

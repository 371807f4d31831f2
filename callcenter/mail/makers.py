"""A letter as what can be made of an interaction: to those it was with."""

from callcenter.interactions.makers import Maker


def _(message: str) -> str:
    return message


LETTER = Maker(
    name="letter",
    label=_("Letter"),
    icon="mail",
    entity="interaction",
    key="w",
    # A letter has its own way to be answered.
    address=lambda row, _people: None if row.kind == "email" else f"/mail/new?reply={row.id}",
)

"""The steps of a task: what has to be done, and who has done which when.

A step is named by its text. Ticking is joined: two people who tick different steps at once both
have their way.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.errors import BadInput
from callcenter.interactions.models import Interaction
from callcenter.server.actor import Actor
from callcenter.server.body import MISFIT, MISSING


def _(message: str) -> str:
    return message


MOST: Final = 100
LONGEST: Final = 200
TOO_MANY: Final = _("These are too many steps for one task. Write up to 100.")
TWICE: Final = _("This step stands there already.")


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One step, as forms and API clients write it; who has done it follows."""

    text: str
    done: bool = False


class Checklist:
    """The list that belongs to each interaction."""

    name = "checklist"
    label = _("Steps")
    shape = Step

    def read_json(self, value: Any) -> list[Any]:
        try:
            return msgspec.convert(value, list[Step])
        except msgspec.ValidationError as error:
            raise BadInput({self.name: MISFIT}) from error

    async def load(self, session: AsyncSession, ids: Sequence[int]) -> dict[int, list[Any]]:
        rows = await session.execute(
            select(Interaction.id, Interaction.checklist).where(Interaction.id.in_(ids))
        )
        return {row.id: row.checklist for row in rows if row.checklist}

    async def save(
        self, _session: AsyncSession, row: Any, forms: Sequence[Any], at: datetime, by: Actor
    ) -> dict[str, list[Any]]:
        """Make `forms` all its steps. Raises BadInput."""
        before = row.checklist or []
        after = _written(before, forms, at, by)
        if after == before:
            return {}
        row.checklist = after
        return {self.name: [told(before), told(after)]}


def told(steps: Sequence[Any]) -> list[str]:
    """Return the steps as the history tells them."""
    return [f"{'☑' if step['done'] else '☐'} {step['text']}" for step in steps]


def _written(
    before: Sequence[Any], forms: Sequence[Step], at: datetime, by: Actor
) -> list[dict[str, Any]]:
    if len(forms) > MOST:
        raise BadInput({"checklist": TOO_MANY})
    there = {step["text"]: step for step in before}
    after = {}
    for form in forms:
        text = " ".join(form.text.split())
        if not text:
            raise BadInput({"checklist": MISSING})
        if len(text) > LONGEST:
            raise BadInput({"checklist": MISFIT})
        if text in after:
            raise BadInput({"checklist": TWICE})
        known = there.get(text)
        if known is not None and known["done"] == form.done:
            after[text] = known
        else:
            who = by["actor_id"] if form.done else None
            when = at.isoformat() if form.done else None
            after[text] = {"text": text, "done": form.done, "by": who, "at": when}
    return list(after.values())


def of_lines(typed: str) -> list[Step]:
    """Return the steps that somebody wrote one a line; a line that stands there twice is one step."""
    lines = dict.fromkeys(" ".join(line.split()) for line in typed.splitlines())
    return [Step(text=line) for line in lines if line]


def ticked(steps: Sequence[Any], text: str, *, done: bool) -> list[Step]:
    return [
        Step(text=step["text"], done=done if step["text"] == text else step["done"])
        for step in steps
    ]


def added(steps: Sequence[Any], text: str) -> list[Step]:
    return [*as_steps(steps), Step(text=text)]


def without(steps: Sequence[Any], text: str) -> list[Step]:
    return [step for step in as_steps(steps) if step.text != text]


def as_steps(steps: Sequence[Any]) -> list[Step]:
    return [Step(text=step["text"], done=step["done"]) for step in steps]

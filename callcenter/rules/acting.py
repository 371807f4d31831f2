"""Does what a rule says, in the transaction in which its run is written down."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.entity.registry import Registry
from callcenter.entity.saving import Deed
from callcenter.errors import BadInput
from callcenter.rules import hooks, inside, reaching, shapes
from callcenter.rules.matching import Origin
from callcenter.rules.matter import Matter
from callcenter.rules.means import Means
from callcenter.rules.models import Automation
from callcenter.server.actor import Actor
from callcenter.server.i18n import translate_to
from callcenter.server.identity import Identity

#: What a rule may do to rows: anything; who made it is an administrator.
_ALL: Final = dict.fromkeys(("create", "read", "edit", "delete", "export"), "all")
#: In which language a rule's log is kept.
_LANGUAGE: Final = "en"


def identity(registry: Registry) -> Identity:
    """Return the rules as somebody who asks."""
    return Identity(
        user_id=0, name="", login="", role_key="", grants={one.name: _ALL for one in registry}
    )


def actor(origin: Origin) -> Actor:
    """Return a rule as the log names it; what it writes may let other rules run, one deeper.

    Which rule it was says its run; whoever is somebody's colleague has an id of a person.
    """
    return {
        "actor_kind": "automation", "actor_id": None, "request_id": str(origin.deeper()),
        "ip": None,
    }  # fmt: skip


async def act(
    session: AsyncSession,
    registry: Registry,
    rule: Automation,
    row: Any,
    origin: Origin,
    at: datetime,
    means: Means,
    run_id: int,
) -> list[dict[str, Any]]:
    """Do all that the rule says to a row; return what came of each. Raises Problem."""
    deed = Deed(session, registry, registry[rule.entity], identity(registry), at, actor(origin))
    steps: list[dict[str, Any]] = []
    for action in shapes.read(rule.actions):
        kind = shapes.kind_of(action)
        matter = Matter(deed, row, rule, action, f"{run_id}.{len(steps)}")
        steps.append({"type": kind} | await _DOING[kind](matter, means))
    return steps


_DOING: Final[Mapping[str, Callable[[Matter, Means], Awaitable[dict[str, Any]]]]] = {
    "assign": inside.assign, "task": inside.task, "notify": inside.notify, "set": inside.fill_in,
    "move": inside.move, "tag": inside.mark, "involve": inside.involve, "lead": inside.make_lead,
    "letter": reaching.letter, "sms": reaching.sms, "call": reaching.call_back,
    "hook": hooks.call,
}  # fmt: skip


def told(problem: Exception) -> str:
    """Return why a rule could not do it, for its log."""
    if isinstance(problem, BadInput):
        fields = problem.fields.items()
        said = [(name, translate_to(_LANGUAGE, text)) for name, text in fields]
        return "; ".join(f"{name}: {text}" if name else text for name, text in said)
    return str(problem)

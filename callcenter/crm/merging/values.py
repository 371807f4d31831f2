"""What the winner is left with, field by field.

What a person chose stands. Where nobody chose, the winner keeps what it has, and takes from
the loser what it lacks. Moments that follow from what happened join by themselves: whoever
was in touch last was in touch with both.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, Literal

Side = Literal["winner", "loser"]

#: Follow from what happened to both; nobody is asked.
JOINED: Final[Mapping[str, Callable[..., Any]]] = {
    "last_contact_at": max, "customer_since": min, "next_action_at": min, "unreliable_at": min,
}  # fmt: skip


def is_blank(value: Any) -> bool:
    """Whether nothing is said; a zero is."""
    return value is None or value is False or value in ("", [], {})


def proposed(winners: Any, losers: Any) -> Side:
    """Return whose value is taken where nobody chooses."""
    return "loser" if is_blank(winners) and not is_blank(losers) else "winner"


def differ(winners: Any, losers: Any) -> bool:
    """Whether there is anything to choose."""
    return winners != losers and not (is_blank(winners) and is_blank(losers))


def changes(
    names: Iterable[str],
    winner: Mapping[str, Any],
    loser: Mapping[str, Any],
    choices: Mapping[str, str],
) -> dict[str, Any]:
    """Return the fields of the winner that change, with their new values."""
    left = {name: _left(name, winner[name], loser[name], choices.get(name)) for name in names}
    return {name: value for name, value in left.items() if value != winner[name]}


def _left(name: str, winners: Any, losers: Any, choice: str | None) -> Any:
    if (join := JOINED.get(name)) is not None and choice is None:
        known = [value for value in (winners, losers) if value is not None]
        return join(known) if known else None
    side = choice or proposed(winners, losers)
    return losers if side == "loser" else winners

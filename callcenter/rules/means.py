"""What rules need besides the database in order to act; `app` hands it to them."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from callcenter.rules.giving import StateOf


@dataclass(frozen=True, slots=True)
class Means:
    state_of: StateOf
    #: Our own name, in letters.
    company: Callable[[], str] = lambda: ""
    #: Whether somebody sends messages for us.
    has_sms: Callable[[], bool] = lambda: False
    #: Where links in letters lead; "" if nobody has said it.
    public_url: str = ""
    #: Of a customer of whom none is known.
    language: str = "az"
    #: Where secrets lie.
    data: Path = Path()
    #: Whether web hooks may go to addresses of our own network.
    hooks_inside: bool = False

"""Who the callers on the floor are, for as long as they are there."""

from collections.abc import Coroutine
from typing import Any

import pytest

from callcenter.calls.board import Board
from callcenter.stats.callers import Callers
from callcenter.stats.floor import Customer
from tests import recordings
from tests.calls.office import told, user_of


async def nobody(_pbx: int, _number: str) -> Customer | None:
    return None


def unasked(errand: Coroutine[Any, Any, None]) -> None:
    errand.close()


@pytest.mark.parametrize("name", recordings.TOLD)
def test_nobody_is_remembered_whose_call_is_over(name: str):
    board = Board(user_of)
    callers = Callers(nobody, unasked, lambda: None)
    board.listen(callers.changed)
    for event in told(name):
        board.apply(event)

    assert callers._known == {}

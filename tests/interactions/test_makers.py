"""What can be made of an interaction in one key."""

import time
from pathlib import Path

from callcenter.app import site
from callcenter.app.house import House
from callcenter.db import Database
from callcenter.interactions.makers import MAKERS
from callcenter.settings import Settings


async def test_every_room_offers_what_it_makes_each_by_a_key_of_its_own(tmp_path: Path) -> None:
    settings = Settings(data=str(tmp_path))
    app = site.build(House(settings, Database(settings.database), time.time))

    makers = app[MAKERS]

    assert [one.name for one in makers] == ["step", "task", "contact", "lead", "letter"]
    assert len({one.key for one in makers}) == len(makers)

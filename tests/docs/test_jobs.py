"""Every kind of job has a handler, and a sentence for those who find one of them given up."""

import time
from pathlib import Path

from callcenter.app import House
from callcenter.app.work import WORK
from callcenter.db import Database
from callcenter.settings import Settings


async def test_every_kind_of_job_is_done_and_explained(tmp_path: Path) -> None:
    settings = Settings(data=str(tmp_path))

    house = House(settings, Database(settings.database), time.time)

    assert house.jobs.kinds == WORK.keys()

"""Whether a PBX's own log of calls can be read, and what it lacks: gaps are repaired from it."""

import time

from callcenter.ami.doctor import findings as say
from callcenter.ami.doctor.findings import Finding
from callcenter.ami.repair.rows import CelRow
from callcenter.ami.repair.sources import CelUnreadable, Source

_DAY_S = 86_400.0
#: So many rows of calls are enough to say that there are none of queues.
_ENOUGH = 400


async def examine_call_log(source: Source | None, *, has_queues: bool) -> Finding:
    """Return what there is to say of it; `source` is None if none is named."""
    if source is None:
        return _lacks("note", say.NO_CALL_LOG)
    now = time.time()
    try:
        rows = [row async for row in source.since(now - _DAY_S)]
    except CelUnreadable as problem:
        return _lacks("missing", say.CALL_LOG_LACKS, reason=str(problem))
    return judge_call_log(rows, now, has_queues=has_queues)


def judge_call_log(rows: list[CelRow], now: float, *, has_queues: bool) -> Finding:
    """Return what the last day of it shows. Pure."""
    if not rows:
        return Finding(
            code="cel", state="unknown", sentence=say.CALL_LOG_EMPTY,
            cost=say.CALL_LOG_EMPTY_COST, remedy=say.CALL_LOG_EMPTY_REMEDY,
        )  # fmt: skip
    of_queues = any(row.kind == "APP_START" and row.app == "Queue" for row in rows)
    if has_queues and len(rows) >= _ENOUGH and not of_queues:
        return Finding(
            code="cel", state="missing", sentence=say.CALL_LOG_NO_APPS,
            cost=say.CALL_LOG_NO_APPS_COST, remedy=say.CALL_LOG_NO_APPS_REMEDY,
        )  # fmt: skip
    ago_min = round(max(0.0, now - max(row.at for row in rows)) / 60)
    return Finding(
        code="cel", state="good", sentence=say.CALL_LOG, values={"age": f"{ago_min} min ago"}
    )


def _lacks(state: say.State, sentence: str, **values: str) -> Finding:
    return Finding(
        code="cel", state=state, sentence=sentence, cost=say.CALL_LOG_COST,
        remedy=say.CALL_LOG_REMEDY, values=values,
    )  # fmt: skip

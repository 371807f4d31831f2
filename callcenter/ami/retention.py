"""How long raw streams are kept: by age, by the size of all, and by what the disk has left."""

from pathlib import Path
from typing import Final, NamedTuple

from prometheus_client import Gauge

from callcenter.ami.segments import pbxs, segments

KEPT_BYTES: Final = Gauge("callcenter_trace_bytes", "Disk taken by the kept raw streams")
KEPT_SINCE: Final = Gauge(
    "callcenter_trace_oldest_timestamp_seconds", "When the oldest kept raw stream began; 0: none"
)

_DAY_S: Final = 86_400.0


class Keep(NamedTuple):
    """How long, and how much, is kept."""

    days: float = 30.0
    limit_bytes: int = 10 << 30


def tidy(root: Path, keep: Keep, in_use: set[Path | None], at: float, spare_bytes: int = 0) -> None:
    """Remove segments that are too old, then the oldest while all take too much.

    Where the disk has less than it should, `spare_bytes` is negative: so much is given back.
    """
    kept = sorted(one for pbx in pbxs(root) for one in segments(root / str(pbx)))
    sizes = {one: one.size for one in kept}
    left = sum(sizes.values())
    limit_bytes = min(keep.limit_bytes, left + min(spare_bytes, 0))
    since = at
    for one in kept:
        is_old = one.written_at < at - keep.days * _DAY_S
        if one.path not in in_use and (is_old or left > limit_bytes):
            one.remove()
            left -= sizes[one]
        else:
            since = min(since, one.began_at)
    KEPT_BYTES.set(left)
    KEPT_SINCE.set(since if left else 0)

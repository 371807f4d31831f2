"""`callcenter replay`: recorded streams through the very same tracker and fold.

Several files are successive connections to one PBX; the lists that a recording holds are taken
for the snapshot they were. What comes out is one line for each
interaction, in the form of the truth files, so a record can be explained, compared, and turned
into a test.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from callcenter.ami import resync
from callcenter.ami.recording import Blocks, Recorded, read, shuffled
from callcenter.ami.tracker import Endpoints, News, Tracker
from callcenter.calls.call import Call
from callcenter.calls.open_calls import OpenCalls
from callcenter.calls.truth import to_truth
from callcenter.events import Event

_PBX = 1
_PIPE_COLUMNS = 160


def _(message: str) -> str:
    """Mark `message` for translation."""
    return message


@dataclass(slots=True)
class Replayed:
    """What a replay found."""

    calls: list[Call] = field(default_factory=list)
    #: Every message had a time.
    timed: bool = True

    def interactions(self) -> list[Call]:
        """Return the calls with customers, in order of start."""
        found = [
            call
            for call in self.calls
            if call.direction in ("inbound", "outbound") and call.folded_into is None
        ]
        return sorted(found, key=lambda call: call.ring_at)


def replay_messages(recorded: Iterable[Recorded], endpoints: Endpoints) -> Replayed:
    """Run recorded messages through a fresh tracker and the fold."""
    epochs = _Epochs(Tracker(_PBX, endpoints))
    calls = OpenCalls()
    replayed = Replayed()
    for one in recorded:
        replayed.timed = replayed.timed and one.at is not None
        for event in epochs.feed(one):
            calls.apply(event)
    replayed.calls = list(calls)
    return replayed


class _Epochs:
    """Feeds a tracker with successive connections to one PBX."""

    def __init__(self, tracker: Tracker) -> None:
        self._tracker = tracker
        self._at = 0.0
        #: Since when events are missing; None while nothing is.
        self._gap_from: float | None = None
        self._started = ""

    def feed(self, one: Recorded) -> Iterable[Event]:
        if one.message.name == "FullyBooted" and self._at:
            self._gap_from = self._at
        self._at = one.at if one.at is not None else self._at
        if one.snapshot is None:
            return self._tracker.feed(one.message, self._at)
        return self._resync(one.snapshot, one.news or News())

    def _resync(self, snapshot: resync.Snapshot, news: News) -> list[Event]:
        restarted = bool(self._started and snapshot.started not in ("", self._started))
        self._started = snapshot.started or self._started
        lost_at = self._at if self._gap_from is None else self._gap_from
        self._gap_from = None
        return list(
            resync.apply(
                snapshot, self._tracker, self._at, news=news, lost_at=lost_at, restarted=restarted
            )
        )


@click.command()
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--json", "as_json", is_flag=True, help=_("Print one JSON object a line."))
@click.option(
    "--agents",
    default="*/[0-9]*",
    show_default=True,
    help=_("Endpoints of agents: comma-separated globs, such as 'PJSIP/1*,PJSIP/2*'."),
)
@click.option(
    "--trunks",
    default="*/[!0-9]*",
    show_default=True,
    help=_("Endpoints that lead to the outside: comma-separated globs, such as 'PJSIP/trunk'."),
)
@click.option(
    "--region", default="AZ", show_default=True, help=_("The country of numbers without a code.")
)
@click.option("--split", type=click.IntRange(min=1), help=_("Read the files N bytes at a time."))
@click.option("--cut", type=click.IntRange(min=0), default=0, help=_("Drop the first K messages."))
@click.option("--shuffle", type=int, metavar="SEED", help=_("Reorder as Asterisk might have."))
def replay(
    files: tuple[Path, ...],
    as_json: bool,
    agents: str,
    trunks: str,
    region: str,
    split: int | None,
    cut: int,
    shuffle: int | None,
) -> None:
    """Rebuild the calls of recorded AMI streams (NAME.ami).

    Several FILES are successive connections to one PBX. NAME.times.jsonl beside a file gives
    the clock where the stream has no Timestamp.
    """
    counted = Blocks()
    recorded: list[Recorded] = []
    for path in files:
        messages = read(path, counted, split=split, cut=cut)
        recorded += messages if shuffle is None else shuffled(messages, shuffle)
    replayed = replay_messages(recorded, Endpoints(agents.split(","), trunks.split(",")))
    told = [to_truth(c, region.upper(), timed=replayed.timed) for c in replayed.interactions()]
    if as_json:
        for line in told:
            click.echo(json.dumps(line, ensure_ascii=False))
    else:
        console = Console()
        # A pipe has no width, and a table cut to 80 columns says nothing.
        console.width = console.width if console.is_terminal else _PIPE_COLUMNS
        console.print(_table(told))
    _report(counted)


_COLUMNS = {
    "direction": _("Direction"),
    "customer_number": _("Customer"),
    "customer_name": _("Name"),
    "did": _("Called"),
    "queues": _("Queues"),
    "rang": _("Rang"),
    "agents_talked": _("Talked"),
    "wait_s": _("Wait, s"),
    "talk_s": _("Talk, s"),
    "hold_s": _("Hold, s"),
    "disposition": _("Result"),
    "hangup_by": _("Ended by"),
}


def _table(told: list[dict[str, Any]]) -> Table:
    table = Table()
    for title in _COLUMNS.values():
        table.add_column(title)
    for line in told:
        shown = {**line, "did": line["did"] or line["called"]}
        if line.get("incomplete"):
            shown["disposition"] = f"{line['disposition'] or ''} …"
        table.add_row(*(_cell(shown[name]) for name in _COLUMNS))
    return table


def _cell(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(value)
    if isinstance(value, float):
        return f"{value:.1f}"
    return escape("" if value is None else str(value))


def _report(counted: Blocks) -> None:
    if counted.garbled or counted.stray_bytes:
        click.echo(
            f"{counted.total} blocks read; {counted.garbled} could not be understood, "
            f"{counted.stray_bytes} bytes belong to no complete block.",
            err=True,
        )

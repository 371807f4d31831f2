"""`callcenter replay`: recorded streams through the very same tracker and fold.

Several files are successive connections to one PBX; the lists that a recording holds are taken
for the snapshot they were. What comes out is one line for each
interaction, in the form of the truth files, so a record can be explained, compared, and turned
into a test.
"""

import json
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from callcenter.ami.mirror import resynced
from callcenter.ami.playing import AGENTS, TRUNKS
from callcenter.ami.recording import Blocks, Recorded, read, shuffled
from callcenter.ami.tracker import Endpoints
from callcenter.calls.truth import to_truth
from callcenter.replaying import replay_messages

_PIPE_COLUMNS = 160


def _(message: str) -> str:
    """Mark `message` for translation."""
    return message


@click.command()
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--json", "as_json", is_flag=True, help=_("Print one JSON object a line."))
@click.option(
    "--agents",
    help=_(
        "Endpoints of agents: comma-separated globs, such as 'PJSIP/1*,PJSIP/2*'. Without them "
        "those the recording tells, else '*/[0-9]*'."
    ),
)
@click.option(
    "--trunks",
    help=_(
        "Endpoints that lead to the outside: comma-separated globs, such as 'PJSIP/trunk'. Without "
        "them those the recording tells, else '*/[!0-9]*'."
    ),
)
@click.option(
    "--region", default="AZ", show_default=True, help=_("The country of numbers without a code.")
)
@click.option("--split", type=click.IntRange(min=1), help=_("Read the files N bytes at a time."))
@click.option("--cut", type=click.IntRange(min=0), default=0, help=_("Drop the first K messages."))
@click.option(
    "--resync-at",
    type=click.IntRange(min=0),
    metavar="K",
    help=_("Lose the connection after K messages and make it good by what the PBX would list."),
)
@click.option("--shuffle", type=int, metavar="SEED", help=_("Reorder as Asterisk might have."))
def replay(
    files: tuple[Path, ...],
    as_json: bool,
    agents: str | None,
    trunks: str | None,
    region: str,
    split: int | None,
    cut: int,
    resync_at: int | None,
    shuffle: int | None,
) -> None:
    """Rebuild the calls of recorded AMI streams (NAME.ami, or NAME.ami.gz as the service keeps).

    Several FILES are successive connections to one PBX. NAME.times.jsonl beside a file gives
    the clock where the stream has no Timestamp.
    """
    counted = Blocks()
    recorded: list[Recorded] = []
    for number, path in enumerate(files):
        messages = read(path, counted, split=split, cut=cut, epoch=number)
        recorded += messages if shuffle is None else shuffled(messages, shuffle)
    if resync_at is not None:
        recorded = resynced(recorded, resync_at)
    replayed = replay_messages(recorded, _endpoints(agents, trunks, region))
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


def _endpoints(agents: str | None, trunks: str | None, region: str) -> Endpoints | None:
    if agents is None and trunks is None:
        return None
    return Endpoints((agents or AGENTS).split(","), (trunks or TRUNKS).split(","), region=region)


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

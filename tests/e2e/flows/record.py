"""`make record`: plays flows on a real Asterisk and writes them down for the tests.

    python -m tests.e2e.flows.record              all flows
    python -m tests.e2e.flows.record NAME...      these
    python -m tests.e2e.flows.record --suite bullseye   those of Asterisk 16
    python -m tests.e2e.flows.record --list

Each flow has an Asterisk of its own. What is written goes to `tests/transcripts/own`, and is
compared with what `callcenter replay` makes of it; a difference is told, and written all the same.
"""

import asyncio
import json
import shutil
import sys
import tempfile
import time
from contextlib import AsyncExitStack
from pathlib import Path

import click

from tests import recordings
from tests.e2e.flows import FLOWS, listing, office
from tests.e2e.flows.stage import DRIVERS, Flow, Office
from tests.e2e.flows.tape import Tape
from tests.e2e.flows.truth import sip_row
from tests.e2e.rig import AmiUser, Asterisk, Phone, Trunk, why_there_is_none

OWN = recordings.FOLDER / "own"
TOLERANCE_S = 1.0


async def record(flow: Flow, folder: Path, out: Path) -> None:
    """Play one flow with its data in `folder`, and write what was heard and what was true."""
    suite, technology = DRIVERS[flow.driver]
    overlay = office.write(folder / "overlay", technology)
    pbx = Asterisk(folder / "pbx", suite=suite, overlays=[overlay])
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(pbx)
        trunks = [
            await stack.enter_async_context(Trunk(pbx, other=other)) for other in (False, True)
        ]
        ami = await stack.enter_async_context(AmiUser(pbx, "rig"))
        phones = {name: await stack.enter_async_context(Phone(pbx, name)) for name in flow.phones}
        tape = await stack.enter_async_context(Tape(pbx))
        stage = Office(phones, *trunks, ami, technology)
        began_at = time.time()
        await flow.script(stage)
        await _until_nobody_talks(pbx)
        await tape.until_quiet()
        calls = [call for line in (*phones.values(), *trunks) for call in line.calls]
        truth = {
            "name": flow.name,
            "title": flow.title,
            "family": flow.family,
            "config_variant": flow.driver or "base",
            "ami_user": pbx.ami_user,
            "asterisk": (await pbx.cli("core show version")).split()[1].partition("+")[0],
            "parts": 1,
            "t0": began_at,
            "tolerance_s": TOLERANCE_S,
            **stage.told(),
            "sip": [sip_row(call) for call in sorted(calls, key=lambda call: call.invited_at or 0)],
        }
    out.mkdir(exist_ok=True)
    tape.write(out / flow.name)
    text = json.dumps(truth, ensure_ascii=False, indent=1)
    (out / f"{flow.name}.truth.json").write_text(f"{text}\n", "utf-8")


async def _until_nobody_talks(pbx: Asterisk) -> None:
    deadline = time.monotonic() + 60
    while "0 active channels" not in await pbx.cli("core show channels"):
        assert time.monotonic() < deadline, "there are channels left"
        await asyncio.sleep(0.2)


def difference(name: str) -> list[str]:
    """Return where a replay of the recording differs from its truth."""
    told = recordings.records(recordings.messages(name))
    strictly = recordings.strictly_wrong(name, told)
    if len(told) != recordings.truth(name)["interactions_expected"]:
        return strictly
    return strictly + [f"({one})" for one in recordings.otherwise_wrong(name, told)]


async def record_all(flows: list[Flow], jobs: int) -> int:
    """Record `flows`, some at a time; return how many failed or differ."""
    turn = asyncio.Semaphore(jobs)

    async def one(flow: Flow) -> bool:
        async with turn:
            folder = Path(tempfile.mkdtemp(prefix="record-"))
            try:
                await record(flow, folder, OWN)
            except (AssertionError, OSError, RuntimeError, ValueError) as error:
                click.echo(f"{flow.name}: {type(error).__name__}: {error} (see {folder})")
                return False
            shutil.rmtree(folder)
            wrong = difference(f"own/{flow.name}")
            click.echo(f"{flow.name}: {'; '.join(wrong) or 'agrees'}")
            return not wrong

    failed = (await asyncio.gather(*(one(flow) for flow in flows))).count(False)
    listing.write(OWN)
    return failed


@click.command(help=__doc__)
@click.argument("names", nargs=-1)
@click.option("--suite", type=click.Choice(["sid", "bullseye"]), help="Only this Asterisk.")
@click.option("--jobs", default=1, show_default=True, help="Flows played at a time.")
@click.option("--list", "only_list", is_flag=True, help="List the flows.")
def main(names: tuple[str, ...], suite: str | None, jobs: int, only_list: bool) -> None:
    flows = [
        flow
        for flow in FLOWS.values()
        if (not names or flow.name in names) and suite in (None, DRIVERS[flow.driver][0])
    ]
    if unknown := set(names) - FLOWS.keys():
        raise click.UsageError(f"no such flow: {', '.join(sorted(unknown))}")
    if only_list:
        for flow in flows:
            click.echo(f"{flow.name:32} {flow.title}")
        return
    for needed in {DRIVERS[flow.driver][0] for flow in flows}:
        if reason := why_there_is_none(needed):
            raise click.ClickException(reason)
    sys.exit(min(asyncio.run(record_all(flows, jobs)), 1))


if __name__ == "__main__":
    main()

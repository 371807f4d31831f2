"""`callcenter doctor`: what is missing on a PBX, in plain words, and what each thing costs.

Without options it looks at every PBX that is set up, as the service would connect to it; with
`--host` at any other, before it is set up. What the house does by itself, and its mail (`mail`), are
looked at, too.
"""

import asyncio
import json
import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import click
import msgspec
from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from callcenter import settings
from callcenter.agents.models import Device
from callcenter.ami.connection import Account
from callcenter.ami.doctor import Finding, examine
from callcenter.ami.doctor.call_log import examine_call_log
from callcenter.ami.doctor.findings import State
from callcenter.ami.repair import Source, source_of
from callcenter.ami.tracker import Endpoints
from callcenter.calls.models import PbxRow
from callcenter.calls.pbxs import cel_secret_of, secret_of
from callcenter.db import CannotOpen, Database
from callcenter.doctor.mail import examine_mail
from callcenter.jobs import listing
from callcenter.server.secret_files import NoSecret

SECRET_VARIABLE = "CALLCENTER_AMI_SECRET"  # noqa: S105 - a name, not a secret

_MARKS: dict[State, str] = {
    "good": "[green]✓[/]",
    "note": "[blue]·[/]",
    "missing": "[red]✗[/]",
    "unknown": "[yellow]?[/]",
}


def _(message: str) -> str:
    """Mark `message` for translation."""
    return message


JOBS_WELL = _("No job was given up, and none waits too long.")
JOBS_FAILED = _("Jobs that were given up: {failed}.")
JOBS_LATE = _("Jobs that have been due for long, and nobody does them: {late}.")
JOBS_COST = _("Letters, messages or reminders that somebody waits for were not sent.")
FAILED_REMEDY = _("Look under Administration → Jobs why, and have them done again or drop them.")
LATE_REMEDY = _("Look whether the service runs, and at its log.")


@dataclass(frozen=True, slots=True)
class Patient:
    """A PBX to look at, and what the house knows of its endpoints."""

    account: Account
    endpoints: Endpoints
    dial_context: str
    #: Its own log of calls, if one is named.
    call_log: Source | None = None


@click.command()
@click.option("--host", help=_("Look at this PBX instead of those that are set up."))
@click.option("--port", default=5038, show_default=True, help=_("Its AMI port."))
@click.option("--tls", is_flag=True, help=_("Connect with TLS."))
@click.option("--user", default="callcenter", show_default=True, help=_("Its AMI user."))
@click.option("--agents", default="", help=_("Endpoints of agents: 'PJSIP/1*,PJSIP/2*'."))
@click.option("--trunks", default="", help=_("Endpoints that lead outside: 'PJSIP/trunk*'."))
@click.option(
    "--context", default="click2call", show_default=True, help=_("Context of click-to-call.")
)
@click.option(
    "--listen",
    default=3.0,
    show_default=True,
    help=_("Seconds to listen for events; call meanwhile."),
)
@click.option("--json", "as_json", is_flag=True, help=_("Print one JSON object for each PBX."))
def doctor(
    host: str | None,
    port: int,
    tls: bool,
    user: str,
    agents: str,
    trunks: str,
    context: str,
    listen: float,
    as_json: bool,
) -> None:
    """Say what is missing on a PBX, and which feature or figure each missing thing costs.

    With --host the secret is read from CALLCENTER_AMI_SECRET, or asked for. Exits with 1 if
    anything is missing.
    """
    if host is None:
        patients = asyncio.run(_set_up())
    else:
        account = Account(
            pbx=0, host=host, port=port, tls=tls, user=user, secret=_secret(), name=host
        )
        patients = [Patient(account, Endpoints(agents.split(","), trunks.split(",")), context)]
    found = asyncio.run(_examined(patients, listen))
    for patient, findings in zip(patients, found, strict=True):
        _print_json(patient, findings) if as_json else _print(str(patient.account), findings)
    if host is None and not as_json:
        own = asyncio.run(_own_work())
        _print("callcenter", own)
        found.append(own)
    sys.exit(any(one.state == "missing" for findings in found for one in findings))


def _secret() -> str:
    secret = os.environ.get(SECRET_VARIABLE)
    return secret if secret is not None else click.prompt(_("Secret"), hide_input=True)


async def _set_up() -> list[Patient]:
    """Return the PBXs in the database."""
    try:
        known = settings.read()
    except settings.SettingsError as error:
        raise click.ClickException(str(error)) from error
    try:
        async with Database(known.database) as database, database.read() as session:
            rows = (await session.scalars(select(PbxRow).where(PbxRow.active))).all()
            devices = (await session.scalars(select(Device).where(Device.to_at.is_(None)))).all()
    except (CannotOpen, DBAPIError):
        rows, devices = [], []
    if not rows:
        raise click.ClickException(
            _("No PBX is set up. Add one under Administration → PBX, or name one with --host.")
        )
    try:
        return [_patient(row, devices, known.data_path) for row in rows]
    except NoSecret as problem:
        raise click.ClickException(str(problem)) from None


def _patient(row: PbxRow, devices: Iterable[Device], data: Path) -> Patient:
    account = Account(
        pbx=row.id, host=row.host, port=row.port, tls=row.tls, user=row.username,
        secret=secret_of(row, data), name=row.name,
    )  # fmt: skip
    call_log = None
    if row.cel_source:
        call_log = source_of(row.cel_source, cel_secret_of(row, data), row.time_zone)
    agents = [device.endpoint for device in devices if device.pbx_id == row.id]
    return Patient(account, Endpoints(agents, row.trunks), row.dial_context, call_log)


async def _own_work() -> list[Finding]:
    known, at = settings.read(), datetime.now(UTC)
    async with Database(known.database) as database:
        return [await examine_jobs(database, at), *await examine_mail(database, known, at)]


async def examine_jobs(database: Database, at: datetime) -> Finding:
    """Say whether the installation does what it has to do by itself."""
    async with database.read() as session:
        counts = await listing.counts(session, at)
    values = {"failed": str(counts.failed), "late": str(counts.late)}
    if counts.late:
        return Finding(
            code="jobs", state="missing", sentence=JOBS_LATE, cost=JOBS_COST, remedy=LATE_REMEDY,
            values=values,
        )  # fmt: skip
    if counts.failed:
        return Finding(
            code="jobs", state="note", sentence=JOBS_FAILED, cost=JOBS_COST, remedy=FAILED_REMEDY,
            values=values,
        )  # fmt: skip
    return Finding(code="jobs", state="good", sentence=JOBS_WELL)


async def _examined(patients: list[Patient], listen_s: float) -> list[list[Finding]]:
    return await asyncio.gather(*(_look_at(one, listen_s) for one in patients))


async def _look_at(patient: Patient, listen_s: float) -> list[Finding]:
    found = await examine(
        patient.account, patient.endpoints, patient.dial_context, listen_s=listen_s
    )
    has_queues = any(one.code == "members" for one in found)
    return [*found, await examine_call_log(patient.call_log, has_queues=has_queues)]


def _print_json(patient: Patient, findings: list[Finding]) -> None:
    told = [
        msgspec.to_builtins(one) | {part: one.text(part) for part in ("sentence", "cost", "remedy")}
        for one in findings
    ]
    click.echo(json.dumps({"pbx": patient.account.name, "findings": told}, ensure_ascii=False))


def _print(name: str, findings: list[Finding]) -> None:
    console = Console(highlight=False)
    console.print(f"[bold]{escape(name)}[/]")
    for one in findings:
        console.print(f"{_MARKS[one.state]} {escape(one.text('sentence'))}")
        for part in ("cost", "remedy"):
            if text := one.text(part):
                style = "dim" if part == "remedy" else ""
                console.print(Padding(escape(text), (0, 0, 0, 4)), style=style)

"""The PBXs: where they are, which endpoints are trunks, how numbers are dialled.

The secret of the AMI account is never in the database: what is typed in goes to
a file only this user can read, or stays in the environment and is named.
"""

import re
from datetime import datetime
from pathlib import Path

import msgspec
from babel import Locale
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter import audit
from callcenter.calls import cel_sources
from callcenter.calls.models import RECORDINGS_ROOT, PbxRow
from callcenter.db import new_id
from callcenter.entity import editing
from callcenter.errors import BadInput, NotFound
from callcenter.server import secret_files
from callcenter.server.actor import Actor
from callcenter.server.body import MISFIT, MISSING
from callcenter.server.zones import zones


def _(message: str) -> str:
    return message


NAME_TAKEN = _("Another PBX has this name already.")
PORT_RANGE = _("A port is a number from 1 to 65535; AMI usually listens on 5038.")
TRUNK_FORM = _("Write endpoints as Asterisk does, one on a line: PJSIP/trunk or PJSIP/trunk*.")
TRUNK_NEEDED = _("Name at least one trunk: without it no call can be told to come from outside.")
PLACE_FORM = _("Write a folder of this machine (/mnt/recordings) or an address (https://…).")
ROOT_FORM = _("Write the folder as the PBX sees it: /var/spool/asterisk/monitor.")
ACCOUNT_FORM = _("Write user and password with a colon between them, or env:NAME.")
DIALLED = _("Only digits, * and # can be dialled.")

# Babel also names groups of countries and made-up ones.
NO_COUNTRIES = {"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"}
REGIONS = tuple(
    code
    for code in sorted(map(str, Locale("en").territories))
    if len(code) == 2 and code not in NO_COUNTRIES
)

_ENDPOINT = re.compile(r"[A-Za-z0-9]+/[^\s,]+")
_WORD = re.compile(r"[^\s\x00-\x1f\x7f]+")


class PbxForm(msgspec.Struct, frozen=True, kw_only=True):
    """What an administrator says of a PBX; `secret` is its text, "env:NAME", or "" to keep it."""

    name: str
    host: str
    port: int
    tls: bool
    username: str
    secret: str
    trunks: list[str]
    region: str
    time_zone: str
    dial_context: str
    dial_format: str
    dial_prefix: str
    active: bool
    cel_source: str = ""
    #: The password of the CEL's database: its text, "env:NAME", or "" to keep it.
    cel_secret: str = ""
    recordings_at: str = ""
    recordings_root: str = RECORDINGS_ROOT
    #: "user:password" for an address, "env:NAME", or "" to keep it.
    recordings_secret: str = ""


#: Secrets of the form, and what the file of each is called after the PBX.
SECRETS = {"secret": "", "cel_secret": "-cel", "recordings_secret": "-recordings"}


async def add(session: AsyncSession, form: PbxForm, data: Path, at: datetime, by: Actor) -> PbxRow:
    """Raises BadInput, naming the fields."""
    await _check(session, form, None)
    pbx_id = new_id(at.timestamp())
    pbx = PbxRow(
        id=pbx_id, created_at=at, updated_at=at, created_by=by["actor_id"],
        updated_by=by["actor_id"], **_columns(form),
    )  # fmt: skip
    _keep_secrets(pbx, form, data)
    session.add(pbx)
    audit.record(session, at, entity="pbx", entity_id=pbx_id, action="create", **by)
    await session.flush()
    return pbx


async def change(
    session: AsyncSession,
    pbx_id: int,
    form: PbxForm,
    data: Path,
    seen: int | None,
    at: datetime,
    by: Actor,
) -> PbxRow:
    """Raises BadInput or ChangedMeanwhile."""
    pbx = await session.get(PbxRow, pbx_id, with_for_update=True)
    if pbx is None:
        raise NotFound
    await _check(session, form, pbx)
    await editing.save(session, pbx, "pbx", _columns(form), seen, at, by)
    if _keep_secrets(pbx, form, data):
        audit.record(session, at, entity="pbx", entity_id=pbx_id, action="secret", **by)
    return pbx


def _keep_secrets(pbx: PbxRow, form: PbxForm, data: Path) -> bool:
    """Keep those secrets of the form that were written anew; return whether there were any."""
    written = {name: secret for name in SECRETS if (secret := getattr(form, name))}
    for name, secret in written.items():
        setattr(pbx, f"{name}_ref", keep_secret(secret, pbx.id, data, SECRETS[name]))
    return bool(written)


def keep_secret(secret: str, pbx_id: int, data: Path, of: str = "") -> str:
    """Write a secret where only this user can read it; return the reference to it."""
    return secret_files.keep(secret, f"pbx-{pbx_id}{of}", data)


def secret_of(pbx: PbxRow, data: Path) -> str:
    """Return the AMI secret. Raises NoSecret, saying where it should be."""
    return secret_files.read(pbx.secret_ref, pbx.name, data)


def cel_secret_of(pbx: PbxRow, data: Path) -> str | None:
    """Return the password of the CEL's database, None if it has none. Raises NoSecret."""
    reference = pbx.cel_secret_ref
    return None if reference is None else secret_files.read(reference, pbx.name, data)


def recordings_secret_of(pbx: PbxRow, data: Path) -> str | None:
    """Return "user:password" for the recordings' address, None if it asks for none. Raises NoSecret."""
    reference = pbx.recordings_secret_ref
    return None if reference is None else secret_files.read(reference, pbx.name, data)


async def _check(session: AsyncSession, form: PbxForm, pbx: PbxRow | None) -> None:
    wrong = {
        name: MISSING
        for name in ("name", "host", "username", "dial_context")
        if not getattr(form, name)
    }
    for name in ("host", "username", "dial_context"):
        if name not in wrong and not _WORD.fullmatch(getattr(form, name)):
            wrong[name] = MISFIT
    if not 1 <= form.port <= 65535:
        wrong["port"] = PORT_RANGE
    if form.region not in REGIONS:
        wrong["region"] = MISFIT
    if form.time_zone not in zones():
        wrong["time_zone"] = MISFIT
    if form.dial_format not in ("national", "e164"):
        wrong["dial_format"] = MISFIT
    if not re.fullmatch(r"[0-9*#]{0,16}", form.dial_prefix, re.ASCII):
        wrong["dial_prefix"] = DIALLED
    wrong |= _wrong_secret(form, pbx) | _wrong_trunks(form) | _wrong_recordings(form)
    wrong |= await _wrong_cel(form, pbx)
    holder = await session.scalar(select(PbxRow.id).where(PbxRow.name == form.name))
    if holder is not None and (pbx is None or holder != pbx.id):
        wrong["name"] = NAME_TAKEN
    if wrong:
        raise BadInput(wrong)


def _wrong_secret(form: PbxForm, pbx: PbxRow | None) -> dict[str, str]:
    if not form.secret:
        return {"secret": MISSING} if pbx is None else {}
    wrong = secret_files.wrong_with(form.secret)
    return {"secret": wrong} if wrong else {}


async def _wrong_cel(form: PbxForm, pbx: PbxRow | None) -> dict[str, str]:
    if (wrong_secret := secret_files.wrong_with(form.cel_secret)) is not None:
        return {"cel_secret": wrong_secret}
    # What is there already may be away for a while; that must not keep a trunk from being named.
    if form.cel_source in ("", pbx.cel_source if pbx is not None else ""):
        return {}
    wrong = await cel_sources.wrong_with(form.cel_source)
    return {"cel_source": wrong} if wrong else {}


def _wrong_trunks(form: PbxForm) -> dict[str, str]:
    if not form.trunks:
        return {"trunks": TRUNK_NEEDED}
    well_formed = all(_ENDPOINT.fullmatch(trunk) for trunk in form.trunks)
    return {} if well_formed else {"trunks": TRUNK_FORM}


def _wrong_recordings(form: PbxForm) -> dict[str, str]:
    wrong = {}
    place, account = form.recordings_at, form.recordings_secret
    if place and not (re.fullmatch(r"https?://[^\s@?#]+", place) or place.startswith("/")):
        wrong["recordings_at"] = PLACE_FORM
    if not form.recordings_root.startswith("/"):
        wrong["recordings_root"] = ROOT_FORM
    if account.startswith("env:"):
        if (wrong_secret := secret_files.wrong_with(account)) is not None:
            wrong["recordings_secret"] = wrong_secret
    elif account and not re.fullmatch(r"[^\s:]+:.+", account):
        wrong["recordings_secret"] = ACCOUNT_FORM
    return wrong


def _columns(form: PbxForm) -> dict[str, object]:
    columns = msgspec.structs.asdict(form)
    for name in SECRETS:
        del columns[name]
    return columns | {"cel_source": form.cel_source or None}

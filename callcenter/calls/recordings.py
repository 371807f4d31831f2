"""Recordings of calls: what there is, and where each file can be had.

The PBX writes the files and tells their paths there. `pbx.recordings_at` says how they reach us:
a folder of this machine (a copy, a mount), or an http(s) address that serves the PBX's folder
`recordings_root`. `calls.listening` hands the sound to the browser.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePath, PurePosixPath
from typing import Final
from urllib.parse import quote

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.agents.models import User
from callcenter.calls.history import visible_to
from callcenter.calls.models import CallLeg, CallRecording, CallRow, PbxRow
from callcenter.errors import NotFound, RecordingMissing
from callcenter.interactions import covering
from callcenter.server.identity import Identity

Span = tuple[datetime, datetime | None]

#: Kinds of sound a browser may be handed, by the ending of the file.
KINDS: Final = {
    ".wav": "audio/wav", ".mp3": "audio/mpeg", ".ogg": "audio/ogg", ".opus": "audio/ogg",
    ".flac": "audio/flac", ".m4a": "audio/mp4",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Part:
    """One recording of a call; several follow each other when a call is handed over."""

    seq: int
    began_at: datetime
    ended_at: datetime | None
    #: When it was silent on purpose.
    muted: list[Span]
    #: Who talked with the customer meanwhile, each with the span.
    heard: list[tuple[str, Span]]
    #: The PBX told which file it is; and it is known where that can be had.
    named: bool
    reachable: bool

    @property
    def ready(self) -> bool:
        """Whether it can be listened to."""
        return self.named and self.reachable and self.ended_at is not None


@dataclass(frozen=True, slots=True)
class Place:
    """Where the file of a recording is: `inside` the PBX's folder, as `pbx` says that we see it."""

    pbx: PbxRow
    inside: PurePosixPath

    @property
    def address(self) -> str | None:
        """The file's address; None if it lies in a folder of this machine."""
        base = self.pbx.recordings_at
        return f"{base.rstrip('/')}/{quote(str(self.inside))}" if is_address(base) else None

    @property
    def folder(self) -> Path:
        return Path(self.pbx.recordings_at)


async def parts_of(session: AsyncSession, call: CallRow, pbx: PbxRow, who: Identity) -> list[Part]:
    """Return what was recorded, in order. Of a call in which nobody was heard the files are empty."""
    if call.end_at is not None and call.answer_at is None:
        return []
    rows = list(
        await session.scalars(
            select(CallRecording)
            .where(CallRecording.call_id == call.id)
            .order_by(CallRecording.seq)
        )
    )
    talks = await _talks(session, call.id, who) if rows else []
    return [
        Part(
            row.seq, row.began_at, row.ended_at,
            muted=[(_moment(begin), _moment(end) if end else None) for begin, end in row.muted],
            heard=[(name, cut) for name, span in talks if (cut := _within(span, row)) is not None],
            named=bool(row.file), reachable=bool(pbx.recordings_at),
        )
        for row in rows
    ]  # fmt: skip


async def find(session: AsyncSession, call_id: int, seq: int, who: Identity, action: str) -> Place:
    """Return where the sound is, if this person may hear it, or take it away.

    Raises NotFound, or RecordingMissing if nobody can say where its file is.
    """
    row = (
        await session.execute(
            select(CallRecording.file, PbxRow)
            .join(CallRow, CallRow.id == CallRecording.call_id)
            .join(PbxRow, PbxRow.id == CallRow.pbx_id)
            .where(
                CallRecording.call_id == call_id,
                CallRecording.seq == seq,
                visible_to(who, action, "recording"),
            )
        )
    ).one_or_none()
    if row is None:
        raise NotFound
    return place_of(row.PbxRow, row.file)


def place_of(pbx: PbxRow, file: str | None) -> Place:
    """Return where `file`, a path on the PBX, can be had. Raises RecordingMissing."""
    inside = relative(file or "", pbx.recordings_root)
    if inside is None or not pbx.recordings_at:
        raise RecordingMissing
    return Place(pbx, inside)


def is_address(place: str) -> bool:
    return place.startswith(("http://", "https://"))


def relative(file: str, root: str) -> PurePosixPath | None:
    """Return `file` as seen from `root`, None if it does not lie in there."""
    path = PurePosixPath(file)
    if path.is_absolute():
        try:
            path = path.relative_to(PurePosixPath(root))
        except ValueError:
            return None
    if not path.name or ".." in path.parts or "\0" in file:
        return None
    return path


def existing(place: Place) -> Path | None:
    """Return the file, or the one that a site has made of it (mp3 of wav); None if there is none.

    Nothing outside of the folder is ever returned, wherever links lead.
    """
    folder = place.folder.resolve()
    for candidate in _candidates(folder / place.inside):
        found = candidate.resolve()
        if found.is_file() and found.is_relative_to(folder):
            return found
    return None


def kind_of(path: PurePath) -> str:
    """Return the media type of a file by its ending."""
    return KINDS.get(path.suffix.lower(), "application/octet-stream")


def _candidates(path: Path) -> Iterable[Path]:
    yield path
    for ending in KINDS:
        if ending != path.suffix.lower():
            yield path.with_suffix(ending)


async def _talks(session: AsyncSession, call_id: int, who: Identity) -> list[tuple[str, Span]]:
    """Return who talked from when to when, as far as the legs say."""
    rows = await session.execute(
        select(CallLeg, User.name)
        .outerjoin(User, User.id == CallLeg.user_id)
        .where(CallLeg.call_id == call_id, CallLeg.party != "customer")
        .order_by(CallLeg.seq)
    )
    return [
        (name or covering.place(leg.number or leg.endpoint, who) or "", (leg.answer_at, leg.end_at))
        for leg, name in rows
        if leg.answer_at is not None and (leg.talk_ms or leg.end_at is None)
    ]


def _within(span: Span, row: CallRecording) -> Span | None:
    begin = max(span[0], row.began_at)
    ends = [end for end in (span[1], row.ended_at) if end is not None]
    end = min(ends, default=None)
    return (begin, end) if end is None or begin < end else None


def _moment(millis: int) -> datetime:
    return datetime.fromtimestamp(millis / 1000, UTC)

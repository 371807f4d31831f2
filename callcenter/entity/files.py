"""What people attach to a row: contracts, photographs, scans.

The bytes are stored under their hash, so a file that is attached twice is stored once. Files are
only ever served as downloads, so that a browser never opens one as a page of ours.
"""

import asyncio
import hashlib
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter import audit
from callcenter.db import new_id
from callcenter.entity.models import File
from callcenter.entity.saving import Deed, contact_of, locked
from callcenter.errors import BadInput, NotFound


def _(message: str) -> str:
    return message


LARGEST_BYTES: Final = 20 * 1024 * 1024
NAME_LETTERS: Final = 200
#: As many as one row keeps.
MOST: Final = 500

NO_FILE: Final = _("Choose a file first.")
EMPTY: Final = _("This file is empty. Choose one that has something in it.")
TOO_LARGE: Final = _("This file is too large: at most 20 MB.")
TOO_MANY: Final = _("No more files fit here. Delete some first.")
#: Formats that are shown as a contact's photograph, by their first bytes.
PICTURES: Final = {b"\x89PNG": "image/png", b"\xff\xd8\xff": "image/jpeg"}


class Folder:
    """Where the bytes lie."""

    def __init__(self, data: Path) -> None:
        self._root = data / "files"

    def path(self, sha256: str) -> Path:
        return self._root / sha256[:2] / sha256

    async def keep(self, data: bytes) -> str:
        """Store the bytes and return their hash; takes no time of the event loop."""
        return await asyncio.to_thread(self._keep, data)

    def _keep(self, data: bytes) -> str:
        sha256 = hashlib.sha256(data).hexdigest()
        path = self.path(sha256)
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            # Several may keep the same bytes at once: each writes a file of its own.
            with NamedTemporaryFile(dir=path.parent, suffix=".part", delete=False) as beside:
                beside.write(data)
            Path(beside.name).replace(path)
        return sha256


async def attach(deed: Deed, row_id: int, folder: Folder, name: str, data: bytes) -> File:
    """Keep a file with a row. Raises NotFound or BadInput."""
    row = await locked(deed, row_id, "edit")
    if not data:
        # A browser in which none was chosen sends one without a name.
        raise BadInput({"file": EMPTY if name else NO_FILE})
    if len(data) > LARGEST_BYTES:
        raise BadInput({"file": TOO_LARGE})
    if len(await of_row(deed.session, deed.entity.name, row_id)) >= MOST:
        raise BadInput({"file": TOO_MANY})
    file = await keep(
        deed.session, deed.entity.name, row.id, folder, name, data, deed.at, deed.by["actor_id"]
    )
    _note(deed, row, [None, file.name])
    return file


async def keep(
    session: AsyncSession,
    entity: str,
    row_id: int,
    folder: Folder,
    name: str,
    data: bytes,
    at: datetime,
    by_id: int | None,
) -> File:
    """Keep a file with a row that whoever calls has made himself: nobody's right is asked."""
    file = File(
        id=new_id(at.timestamp()), entity=entity, entity_id=row_id,
        kind="picture" if _picture(data) else "attachment", name=_plain(name),
        mime=_picture(data) or "application/octet-stream", size=len(data),
        sha256=await folder.keep(data), created_at=at, created_by=by_id,
    )  # fmt: skip
    session.add(file)
    await session.flush()
    return file


async def drop(deed: Deed, row_id: int, file_id: int) -> None:
    """Take a file off a row; its bytes stay, since another row may have the same. Raises NotFound."""
    row = await locked(deed, row_id, "edit")
    file = await found(deed.session, deed.entity.name, row_id, file_id)
    file.deleted_at = deed.at
    _note(deed, row, [file.name, None])


async def found(session: AsyncSession, entity: str, row_id: int, file_id: int) -> File:
    """Return a row's file. Raises NotFound."""
    file = await session.get(File, file_id)
    if (
        file is None
        or file.deleted_at is not None
        or (file.entity, file.entity_id) != (entity, row_id)
    ):
        raise NotFound
    return file


async def of_row(session: AsyncSession, entity: str, row_id: int) -> Sequence[File]:
    """Return the files of a row, the newest first."""
    rows = await session.scalars(
        select(File)
        .where(File.entity == entity, File.entity_id == row_id, File.deleted_at.is_(None))
        .order_by(File.id.desc())
    )
    return rows.all()


def _note(deed: Deed, row: Any, change: list[str | None]) -> None:
    audit.record(
        deed.session, deed.at, entity=deed.entity.name, entity_id=row.id,
        contact_id=contact_of(deed.entity, row), diff={"file": change},
        action="attach" if change[0] is None else "detach", **deed.by,
    )  # fmt: skip


def _picture(data: bytes) -> str | None:
    return next((mime for begins, mime in PICTURES.items() if data.startswith(begins)), None)


def _plain(name: str) -> str:
    """Return the name without its folders and without what cannot stand in a header."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(letter for letter in last if letter.isprintable())[:NAME_LETTERS] or "file"

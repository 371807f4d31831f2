"""Letters that are being written: what was typed and attached is kept until it is sent or thrown away."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.db import new_id
from callcenter.entity import files
from callcenter.entity.files import LARGEST_BYTES, TOO_LARGE, Folder
from callcenter.entity.models import File
from callcenter.errors import BadInput, NotFound
from callcenter.mail.models import MailDraft

ENTITY: Final = "mail_draft"
#: So many are listed, the newest first.
SHOWN: Final = 100
#: All files of a letter together; larger letters are refused by most servers.
FILES_BYTES: Final = 25 * 1024 * 1024


def _(message: str) -> str:
    return message


TOO_MUCH: Final = _("All files together are too large for a letter: at most 25 MB.")


async def find(session: AsyncSession, user_id: int, draft_id: int) -> MailDraft:
    """Return somebody's own draft. Raises NotFound."""
    draft = await session.get(MailDraft, draft_id)
    if draft is None or draft.user_id != user_id:
        raise NotFound
    return draft


async def of(session: AsyncSession, user_id: int) -> Sequence[MailDraft]:
    rows = await session.scalars(
        select(MailDraft)
        .where(MailDraft.user_id == user_id)
        .order_by(MailDraft.updated_at.desc(), MailDraft.id)
        .limit(SHOWN)
    )
    return rows.all()


async def keep(
    session: AsyncSession,
    user_id: int,
    draft_id: int | None,
    typed: Mapping[str, str],
    at: datetime,
) -> MailDraft:
    """Keep what was typed. Raises NotFound."""
    if draft_id is not None:
        draft = await find(session, user_id, draft_id)
        draft.typed, draft.updated_at = dict(typed), at
        return draft
    draft = MailDraft(id=new_id(at.timestamp()), user_id=user_id, updated_at=at, typed=dict(typed))
    session.add(draft)
    await session.flush()
    return draft


async def attach(
    session: AsyncSession,
    draft: MailDraft,
    folder: Folder,
    uploads: Sequence[tuple[str, bytes]],
    at: datetime,
) -> None:
    """Keep files with a draft. Raises BadInput."""
    there = sum(file.size for file in await files.of_row(session, ENTITY, draft.id))
    if any(len(data) > LARGEST_BYTES for _name, data in uploads):
        raise BadInput({"files": TOO_LARGE})
    if there + sum(len(data) for _name, data in uploads) > FILES_BYTES:
        raise BadInput({"files": TOO_MUCH})
    for name, data in uploads:
        await files.keep(session, ENTITY, draft.id, folder, name, data, at, draft.user_id)


async def detach(session: AsyncSession, draft: MailDraft, file_id: int, at: datetime) -> None:
    file = await files.found(session, ENTITY, draft.id, file_id)
    file.deleted_at = at


async def hand_over(session: AsyncSession, draft: MailDraft, interaction_id: int) -> None:
    """Give the files to the letter that the draft became, and forget the draft."""
    await session.execute(
        update(File)
        .where(File.entity == ENTITY, File.entity_id == draft.id, File.deleted_at.is_(None))
        .values(entity="interaction", entity_id=interaction_id)
    )
    await session.delete(draft)


async def discard(session: AsyncSession, draft: MailDraft, at: datetime) -> None:
    await session.execute(
        update(File)
        .where(File.entity == ENTITY, File.entity_id == draft.id, File.deleted_at.is_(None))
        .values(deleted_at=at)
    )
    await session.delete(draft)

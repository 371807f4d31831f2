"""The company's pictures: its logo, for light and for dark pages, and a small square mark.

Whatever is uploaded is drawn anew as a PNG of the size we show, so nothing but the picture itself
is kept or served: no script, no place where it was taken.
"""

import base64
from datetime import datetime
from io import BytesIO
from typing import NamedTuple

from PIL import Image, ImageOps, UnidentifiedImageError
from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter import audit
from callcenter.company.look import stamp
from callcenter.db import Setting
from callcenter.errors import BadInput
from callcenter.server.actor import Actor


def _(message: str) -> str:
    return message


#: Formats that are read. SVG is not: it can hold scripts and fetch things.
FORMATS = ("PNG", "JPEG", "WEBP")
#: A picture of more points than that is not even unpacked.
SIDE_LIMIT = 4096
#: What is kept: twice the size shown, for sharp screens.
SIZES = {"logo": (640, 160), "logo_dark": (640, 160), "mark": (128, 128)}

NO_FILE = _("Choose a picture first.")
NOT_A_PICTURE = _("This is not a PNG, JPEG or WebP picture. Save it as PNG and choose it again.")
TOO_MANY_POINTS = _("This picture is too large: at most 4096 by 4096 points.")


class Picture(NamedTuple):
    png: bytes
    stamp: str


def redrawn(data: bytes, kind: str) -> bytes:
    """Return an upload as the PNG that is kept; takes some milliseconds. Raises BadInput."""
    if not data:
        raise BadInput({kind: NO_FILE})
    try:
        with Image.open(BytesIO(data), formats=FORMATS) as upload:
            if max(upload.size) > SIDE_LIMIT:
                raise BadInput({kind: TOO_MANY_POINTS})
            picture = ImageOps.exif_transpose(upload).convert("RGBA")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        raise BadInput({kind: NOT_A_PICTURE}) from error
    picture.thumbnail(SIZES[kind], Image.Resampling.LANCZOS)
    drawn = BytesIO()
    picture.save(drawn, "PNG", optimize=True)
    return drawn.getvalue()


async def keep(session: AsyncSession, kind: str, png: bytes, at: datetime, by: Actor) -> None:
    value = {"png": base64.b64encode(png).decode(), "stamp": stamp(png)}
    await session.merge(
        Setting(key=key_of(kind), value=value, updated_at=at, updated_by=by["actor_id"])
    )
    _note(session, kind, value["stamp"], at, by)


async def drop(session: AsyncSession, kind: str, at: datetime, by: Actor) -> None:
    await session.execute(delete(Setting).where(Setting.key == key_of(kind)))
    _note(session, kind, None, at, by)


async def read(session: AsyncSession, kind: str) -> Picture | None:
    row = await session.get(Setting, key_of(kind))
    return Picture(base64.b64decode(row.value["png"]), row.value["stamp"]) if row else None


def key_of(kind: str) -> str:
    return f"picture.{kind}"


def _note(session: AsyncSession, kind: str, to: str | None, at: datetime, by: Actor) -> None:
    audit.record(session, at, entity="look", entity_id=0, action="picture",
                 diff={kind: [None, to]}, **by)  # fmt: skip

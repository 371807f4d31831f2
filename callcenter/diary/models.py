"""Table of the secret links by which other programs read somebody's calendar."""

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from callcenter.db import Base, Id


class CalendarLink(Base):
    """One person's link; only the SHA-256 of its secret is kept."""

    __tablename__ = "calendar_link"

    id: Mapped[Id]
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), unique=True)
    hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]

"""Tables of the people who work here: users, teams, roles, phones, states."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, String, column, table, text
from sqlalchemy.orm import Mapped, mapped_column

from callcenter.db import Base, Id, Versioned, one_of

STATES = (
    "ready", "paused", "ringing", "talking", "hold", "wrap-up", "not-responding", "off",
)  # fmt: skip


# `pbx` belongs to a room above this one, so it is known by its name only.
pbx_table = table("pbx", column("id"), column("name"), column("region"))


class Team(Versioned, Base):
    __tablename__ = "team"

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(120), unique=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"))
    head_id: Mapped[int | None] = mapped_column(BigInteger)
    #: Working hours and the country whose holidays count.
    calendar: Mapped[dict[str, Any]] = mapped_column(default=dict)
    queue_names: Mapped[list[str]] = mapped_column(default=list)


class Role(Versioned, Base):
    """What may be done: `grants` = {entity: {action: none/own/team/all}}, `flags` = ["listen", ...]."""

    __tablename__ = "role"

    id: Mapped[Id]
    key: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    grants: Mapped[dict[str, Any]] = mapped_column(default=dict)
    flags: Mapped[list[str]] = mapped_column(default=list)
    #: {entity: {field: "hidden", "masked" or "read"}}; what is not named may be written.
    fields: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")


class User(Versioned, Base):
    __tablename__ = "user"
    __table_args__ = (Index("uq_user_desk_code", "desk_code", unique=True),)

    id: Mapped[Id]
    login: Mapped[str] = mapped_column(String(80), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    email: Mapped[str | None] = mapped_column(String(254))
    password_hash: Mapped[str | None] = mapped_column(String(200))
    #: The person must choose a new password before anything else.
    password_expired: Mapped[bool] = mapped_column(default=False)
    role_id: Mapped[int] = mapped_column(ForeignKey("role.id"))
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"))
    locale: Mapped[str | None] = mapped_column(one_of("az", "tr", "ru", "en"))
    time_zone: Mapped[str | None] = mapped_column(String(64))
    theme: Mapped[str] = mapped_column(one_of("auto", "light", "dark"), default="auto")
    active: Mapped[bool] = mapped_column(default=True)
    #: What the person dials at a shared phone to sit down there: digits, nobody else's.
    desk_code: Mapped[str | None] = mapped_column(String(12))
    #: What the person has tried of the tour, and "closed" once it is over.
    learned: Mapped[list[str]] = mapped_column(default=list)


class Seat(Versioned, Base):
    """A shared phone: whoever sits down at it has it until he leaves."""

    __tablename__ = "seat"
    __table_args__ = (Index("uq_seat_endpoint", "pbx_id", "endpoint", unique=True),)

    id: Mapped[Id]
    #: As people call the place: "Window 5".
    name: Mapped[str] = mapped_column(String(80))
    pbx_id: Mapped[int] = mapped_column(ForeignKey("pbx.id"))
    endpoint: Mapped[str] = mapped_column(String(120))
    extension: Mapped[str | None] = mapped_column(String(40))
    active: Mapped[bool] = mapped_column(default=True)


class Device(Base):
    """Who sits at which phone, from when to when: moving to another desk is a new row."""

    __tablename__ = "device"
    __table_args__ = (
        Index(
            "uq_device_endpoint_now", "pbx_id", "endpoint", unique=True,
            sqlite_where=text("to_at IS NULL"), postgresql_where=text("to_at IS NULL"),
        ),
        Index("ix_device_user_id", "user_id"),
    )  # fmt: skip

    id: Mapped[Id]
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    pbx_id: Mapped[int] = mapped_column(ForeignKey("pbx.id"))
    #: As Asterisk names it, "PJSIP/1001"; of an outside number "tel:+994501234567".
    endpoint: Mapped[str] = mapped_column(String(120))
    extension: Mapped[str | None] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(
        one_of("desk", "softphone", "mobile", "external"), default="desk"
    )
    #: 0 is rung first by click-to-call.
    position: Mapped[int] = mapped_column(default=0)
    from_at: Mapped[datetime]
    to_at: Mapped[datetime | None]
    #: The shared phone at which the person sat down; None for a phone that is his own.
    seat_id: Mapped[int | None] = mapped_column(ForeignKey("seat.id"))
    #: Of an outside number: calls that come in from it are this person's own.
    own_calls: Mapped[bool] = mapped_column(default=True)


class Token(Base):
    """A session, an API token, or a password reset; only the SHA-256 of the secret is kept."""

    __tablename__ = "token"
    __table_args__ = (Index("ix_token_user_id", "user_id"),)

    id: Mapped[Id]
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    kind: Mapped[str] = mapped_column(one_of("session", "api", "reset"))
    name: Mapped[str | None] = mapped_column(String(120))
    hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    scopes: Mapped[list[str]] = mapped_column(default=list)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]


class AgentState(Base):
    """One span of one agent's state; the open one has no `to_at`."""

    __tablename__ = "agent_state"
    __table_args__ = (
        Index("ix_agent_state_user_id_from_at", "user_id", "from_at"),
        Index(
            "uq_agent_state_now", "user_id", unique=True,
            sqlite_where=text("to_at IS NULL"), postgresql_where=text("to_at IS NULL"),
        ),
    )  # fmt: skip

    id: Mapped[Id]
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    state: Mapped[str] = mapped_column(one_of(*STATES))
    reason: Mapped[str | None] = mapped_column(String(80))
    from_at: Mapped[datetime]
    to_at: Mapped[datetime | None]
    #: When a timed state (wrap-up) ends by itself.
    until_at: Mapped[datetime | None]
    call_id: Mapped[int | None] = mapped_column(BigInteger)
    #: Who, why, from which event: {"by": "agent"|"supervisor"|"pbx"|"timer", ...}.
    cause: Mapped[dict[str, Any]] = mapped_column(default=dict)

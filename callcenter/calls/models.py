"""Tables of the call record: what the PBX saw, leg by leg and queue by queue."""

from datetime import datetime
from typing import Any, get_args

from sqlalchemy import BigInteger, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from callcenter.db import Base, Id, Versioned, ascii_text, one_of
from callcenter.events import (
    Direction,
    EndedBy,
    HowIn,
    HowOut,
    LegResult,
    Origin,
    Party,
    VisitEnd,
)

RESULTS = ("answered", "abandoned", "voicemail", "busy", "no-answer", "cancelled", "failed")

#: Where Asterisk writes recordings unless it is told otherwise.
RECORDINGS_ROOT = "/var/spool/asterisk/monitor"


class PbxRow(Versioned, Base):
    """One Asterisk: where it is and which of its endpoints are trunks."""

    __tablename__ = "pbx"

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(80), unique=True)
    host: Mapped[str] = mapped_column(String(254))
    port: Mapped[int] = mapped_column(default=5038)
    tls: Mapped[bool] = mapped_column(default=False)
    username: Mapped[str] = mapped_column(String(80))
    #: Where the secret lies: "env:NAME" or "file:PATH"; never the secret itself.
    secret_ref: Mapped[str] = mapped_column(String(300))
    #: Globs of endpoints that lead to the outside: ["PJSIP/trunk*"].
    trunks: Mapped[list[str]] = mapped_column(default=list)
    #: Numbers without a country code belong to this country (ISO 3166).
    region: Mapped[str] = mapped_column(String(2), default="AZ")
    time_zone: Mapped[str] = mapped_column(String(64), default="Asia/Baku")
    #: The dialplan context that dials a customer for click-to-call.
    dial_context: Mapped[str] = mapped_column(String(80), default="click2call")
    #: How numbers are handed to the trunk: as people of the region dial them, or "+994...".
    dial_format: Mapped[str] = mapped_column(one_of("national", "e164"), default="national")
    #: What is dialled before an outside number ("9"), or "".
    dial_prefix: Mapped[str] = mapped_column(String(16), default="")
    active: Mapped[bool] = mapped_column(default=True)
    #: Where its CEL lies ("csv:/path/Master.csv", "postgresql://user@host/db?table=cel"), if it
    #: keeps one: gaps are repaired from it.
    cel_source: Mapped[str | None] = mapped_column(String(500))
    #: Where the password of that database lies, as `secret_ref`.
    cel_secret_ref: Mapped[str | None] = mapped_column(String(300))
    #: Where its recordings can be had: a folder here (or a mount), an http(s) address, or "".
    recordings_at: Mapped[str] = mapped_column(String(300), default="", server_default="")
    #: The folder on the PBX that `recordings_at` shows.
    recordings_root: Mapped[str] = mapped_column(
        String(300), default=RECORDINGS_ROOT, server_default=RECORDINGS_ROOT
    )
    #: Where "user:password" for an http(s) address lies, as `secret_ref`.
    recordings_secret_ref: Mapped[str | None] = mapped_column(String(300))


#: What is asked for when the service starts: among years of calls a handful.
_UNFINISHED = text("end_at IS NULL OR pbx_state IS NOT NULL")


class CallRow(Base):
    __tablename__ = "call"
    __table_args__ = (
        Index("uq_call_natural", "pbx_id", "first_uniqueid", unique=True),
        Index("ix_call_ring_at", "ring_at", "id"),
        Index("ix_call_owner_id_ring_at", "owner_id", "ring_at"),
        Index("ix_call_customer_norm", "customer_norm", "ring_at"),
        Index("ix_call_customer_rev", "customer_rev", "ring_at"),
        Index("ix_call_interaction_id", "interaction_id"),
        Index("ix_call_result_ring_at", "result", "ring_at"),
        Index(
            "ix_call_unfinished",
            "pbx_id",
            "ring_at",
            sqlite_where=_UNFINISHED,
            postgresql_where=_UNFINISHED,
        ),
    )

    id: Mapped[Id]
    interaction_id: Mapped[int | None] = mapped_column(ForeignKey("interaction.id"))
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("call.id"))
    pbx_id: Mapped[int] = mapped_column(ForeignKey("pbx.id"))
    first_uniqueid: Mapped[str] = mapped_column(String(150))
    direction: Mapped[Direction | None] = mapped_column(one_of(*get_args(Direction)))
    origin: Mapped[Origin] = mapped_column(one_of(*get_args(Origin)))
    #: Our own number that was called (inbound), the number that was dialled (outbound).
    dialed_number: Mapped[str | None] = mapped_column(String(80))
    trunk: Mapped[str | None] = mapped_column(String(120))
    #: The customer's number as the carrier wrote it, and in E.164.
    customer_number: Mapped[str | None] = mapped_column(String(80))
    customer_norm: Mapped[str | None] = mapped_column(String(80))
    #: The digits of `customer_norm` backwards, for the search by last digits.
    customer_rev: Mapped[str | None] = mapped_column(ascii_text(80))
    customer_name: Mapped[str | None] = mapped_column(String(200))
    withheld: Mapped[bool] = mapped_column(default=False)
    #: The last agent who talked with the customer.
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    ring_at: Mapped[datetime]
    answer_at: Mapped[datetime | None]
    end_at: Mapped[datetime | None]
    #: Milliseconds, so that sums do not drift; `talk_ms` is without hold.
    wait_ms: Mapped[int | None]
    talk_ms: Mapped[int | None]
    hold_ms: Mapped[int | None]
    result: Mapped[str | None] = mapped_column(one_of(*RESULTS))
    ended_by: Mapped[EndedBy | None] = mapped_column(one_of(*get_args(EndedBy)))
    hangup_cause: Mapped[int | None]
    ivr_digits: Mapped[str | None] = mapped_column(String(80))
    intent_id: Mapped[str | None] = mapped_column(String(64))
    #: What it takes to go on with an open call after a restart; see `calls.retell`.
    pbx_state: Mapped[dict[str, Any] | None]
    #: What was seen of a call that is over and that a gap touched: its repair begins with it.
    told: Mapped[dict[str, Any] | None]
    #: Who talked, held and asked from when to when, and who handed over; see `calls.course`.
    course: Mapped[dict[str, Any] | None]
    #: Names of fields that were concluded, not seen.
    inferred: Mapped[list[str]] = mapped_column(default=list)
    #: Rises with every change; a writer with an older one changes nothing.
    revision: Mapped[int] = mapped_column(default=0)


class CallAlias(Base):
    """A Uniqueid or Linkedid that means this call."""

    __tablename__ = "call_alias"

    pbx_id: Mapped[int] = mapped_column(ForeignKey("pbx.id"), primary_key=True)
    alias: Mapped[str] = mapped_column(String(150), primary_key=True)
    call_id: Mapped[int] = mapped_column(ForeignKey("call.id"), index=True)


class CallLeg(Base):
    """One party's part: one row for each time a phone rang or a party was connected."""

    __tablename__ = "call_leg"
    __table_args__ = (Index("ix_call_leg_user_id_ring_at", "user_id", "ring_at"),)

    call_id: Mapped[int] = mapped_column(ForeignKey("call.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    uniqueid: Mapped[str] = mapped_column(String(150))
    party: Mapped[Party] = mapped_column(one_of(*get_args(Party)))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    endpoint: Mapped[str] = mapped_column(String(120))
    number: Mapped[str | None] = mapped_column(String(80))
    visit: Mapped[int | None]
    ring_at: Mapped[datetime | None]
    answer_at: Mapped[datetime | None]
    end_at: Mapped[datetime | None]
    result: Mapped[LegResult | None] = mapped_column(one_of(*get_args(LegResult)))
    talk_ms: Mapped[int] = mapped_column(default=0)
    hold_ms: Mapped[int] = mapped_column(default=0)
    consult_ms: Mapped[int] = mapped_column(default=0)
    how_in: Mapped[HowIn] = mapped_column(one_of(*get_args(HowIn)), default="ring")
    how_out: Mapped[HowOut | None] = mapped_column(one_of(*get_args(HowOut)))


class QueueVisit(Base):
    """From joining a queue to leaving it."""

    __tablename__ = "queue_visit"
    __table_args__ = (Index("ix_queue_visit_queue_joined_at", "queue", "joined_at"),)

    call_id: Mapped[int] = mapped_column(ForeignKey("call.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    queue: Mapped[str] = mapped_column(String(120))
    joined_at: Mapped[datetime]
    left_at: Mapped[datetime | None]
    position: Mapped[int | None]
    ended: Mapped[VisitEnd | None] = mapped_column(one_of(*get_args(VisitEnd)))


class CallRecording(Base):
    """One file of what was heard; the file itself stays where the PBX put it."""

    __tablename__ = "call_recording"

    call_id: Mapped[int] = mapped_column(ForeignKey("call.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    #: The Uniqueid of the channel that was recorded.
    source: Mapped[str] = mapped_column(String(150))
    #: Its path on the PBX.
    file: Mapped[str | None] = mapped_column(String(500))
    began_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    #: Spans of silence, [[from, to], ...] in epoch milliseconds; `to` is null while one goes on.
    muted: Mapped[list[Any]] = mapped_column(default=list)


class CallIntent(Base):
    """Somebody asked for a call: written before anything is sent, so it is placed at most once."""

    __tablename__ = "call_intent"
    __table_args__ = (
        Index("ix_call_intent_user_id_at", "user_id", "at"),
        Index("ix_call_intent_contact_id", "contact_id"),
    )

    #: Drawn by the browser or API client.
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    pbx_id: Mapped[int] = mapped_column(ForeignKey("pbx.id"))
    device_id: Mapped[int | None] = mapped_column(ForeignKey("device.id"))
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id"))
    number: Mapped[str] = mapped_column(String(80))
    #: The ChannelId given to the PBX.
    channel_id: Mapped[str] = mapped_column(String(64), unique=True)
    at: Mapped[datetime]
    status: Mapped[str] = mapped_column(
        one_of("asked", "placed", "refused", "unknown", "done"), default="asked"
    )
    problem: Mapped[str | None] = mapped_column(String(60))
    call_id: Mapped[int | None] = mapped_column(BigInteger)


class Gap(Base):
    """A span in which events of a PBX may have been missed."""

    __tablename__ = "gap"
    __table_args__ = (Index("ix_gap_pbx_id_from_at", "pbx_id", "from_at"),)

    id: Mapped[Id]
    pbx_id: Mapped[int] = mapped_column(ForeignKey("pbx.id"))
    epoch: Mapped[int]
    from_at: Mapped[datetime]
    to_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(String(200))
    recovered: Mapped[dict[str, Any]] = mapped_column(default=dict)

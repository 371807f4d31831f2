"""Tables of everything that passes between us and a customer."""

from datetime import datetime
from typing import Any, Literal, get_args

from sqlalchemy import ForeignKey, Index, String, Text, false, text
from sqlalchemy.orm import Mapped, mapped_column

from callcenter.db import Base, Id, Versioned, ascii_text, one_of

KINDS = ("call", "meeting", "visit", "email", "sms", "chat", "note", "task")
STATUSES = ("planned", "live", "held", "missed", "cancelled")
PRIORITIES = ("low", "normal", "high")
ROLES = ("from", "to", "cc", "attendee", "agent", "company")
Response = Literal["accepted", "declined", "tentative"]
RESPONSES = get_args(Response)

#: What is still to come: what somebody has to do, or should have done.
EXPECTED = "status = 'planned' AND deleted_at IS NULL"
OF_LEAD = "lead_id IS NOT NULL"
IN_CHAIN = "thread_id IS NOT NULL"
TO_REMIND = "remind_at IS NOT NULL"
IN_SERIES = "series_id IS NOT NULL"
GIVEN = "given_by_id IS NOT NULL"
#: What stands in a calendar; a query has to say it in these words for the index to be used.
IN_CALENDAR = (
    "interaction.deleted_at IS NULL AND interaction.status <> 'cancelled' AND "
    "(interaction.status = 'planned' OR interaction.kind IN ('meeting', 'visit', 'task'))"
)
INVITED = "participant.role = 'attendee' AND participant.user_id IS NOT NULL"
PINNED = "participant.pinned"
OF_CALENDARS = "ics_uid IS NOT NULL"
OF_OTHERS = "external_id IS NOT NULL"


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


class Interaction(Versioned, Base):
    """One contact with a customer; a call has its telephony facts in `call`."""

    __tablename__ = "interaction"
    __table_args__ = (
        Index("ix_interaction_start_at", "start_at", "id"),
        Index("ix_interaction_owner_id_start_at", "owner_id", "start_at"),
        Index("ix_interaction_thread_id", "thread_id", "start_at", "id", **_where(IN_CHAIN)),
        Index("ix_interaction_lead_id", "lead_id", "start_at", **_where(OF_LEAD)),
        Index("ix_interaction_due_at", "due_at", "id", **_where(EXPECTED)),
        Index("ix_interaction_owner_id_due_at", "owner_id", "due_at", "id", **_where(EXPECTED)),
        Index("ix_interaction_remind_at", "remind_at", **_where(TO_REMIND)),
        Index("uq_interaction_series", "series_id", "recurs_at", unique=True, **_where(IN_SERIES)),
        Index("ix_interaction_given_by_id", "given_by_id", "due_at", **_where(GIVEN)),
        Index(
            "ix_interaction_calendar",
            "owner_id",
            "start_at",
            **_where(IN_CALENDAR.replace("interaction.", "")),
        ),
        Index("ix_interaction_ics_uid", "ics_uid", **_where(OF_CALENDARS)),
        Index("ix_interaction_external_id", "external_id", **_where(OF_OTHERS)),
    )

    id: Mapped[Id]
    kind: Mapped[str] = mapped_column(one_of(*KINDS))
    direction: Mapped[str | None] = mapped_column(one_of("in", "out"))
    status: Mapped[str] = mapped_column(one_of(*STATUSES), default="held")
    subject: Mapped[str | None] = mapped_column(String(300))
    #: Where people meet: an address, a room, the link of a video call.
    place: Mapped[str | None] = mapped_column(String(300))
    #: The agent's note on a call; the text of anything else.
    body: Mapped[str | None] = mapped_column(Text)
    #: What came of it, out of a list that administrators keep; of what was called off, why.
    result_id: Mapped[int | None] = mapped_column(ForeignKey("option.id"))
    result_note: Mapped[str | None] = mapped_column(Text)
    #: When it is or was. Of a task that says only by when, that.
    start_at: Mapped[datetime]
    end_at: Mapped[datetime | None]
    #: By when it has to be done; of what has a time of its own, that time.
    due_at: Mapped[datetime | None]
    all_day: Mapped[bool] = mapped_column(default=False, server_default=false())
    #: When people are to be reminded of it next; nothing once they were.
    remind_at: Mapped[datetime | None]
    #: All reminders, as `reminding` writes them: minutes before its beginning.
    reminders: Mapped[str | None] = mapped_column(String(40))
    #: The first interaction of the chain it belongs to; of the first one, itself.
    thread_id: Mapped[int | None] = mapped_column(ForeignKey("interaction.id"))
    #: The inquiry it belongs to; leads live in a room above this one.
    lead_id: Mapped[int | None] = mapped_column(ForeignKey("lead.id"))
    priority: Mapped[str] = mapped_column(
        one_of(*PRIORITIES), default="normal", server_default="normal"
    )
    pinned: Mapped[bool] = mapped_column(default=False, server_default=false())
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"))
    #: Who gave it to its owner, and wants to know what becomes of it.
    given_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    #: Its steps: [{text, done, by, at}].
    checklist: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    #: When it comes again, as `repeating` writes it, in wall time of `zone`.
    repeat: Mapped[str | None] = mapped_column(String(300))
    zone: Mapped[str | None] = mapped_column(String(64))
    #: The first of its series, and its own place there, which stays when it is moved.
    series_id: Mapped[int | None] = mapped_column(ForeignKey("interaction.id"))
    recurs_at: Mapped[datetime | None]
    #: What calendars know it by, and how often they were told of a change.
    ics_uid: Mapped[str | None] = mapped_column(String(300))
    sequence: Mapped[int] = mapped_column(default=0, server_default="0")
    #: What another system knows it by, so that telling it twice writes it down once.
    external_id: Mapped[str | None] = mapped_column(ascii_text(80))
    custom: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: Raised by ingest; `version` is raised by people only.
    revision: Mapped[int] = mapped_column(default=0)


class Participant(Base):
    """Who took part: a contact, a user, or a number nobody knows yet."""

    __tablename__ = "participant"
    __table_args__ = (
        Index("ix_participant_contact", "contact_id", "at", "interaction_id"),
        Index("ix_participant_point", "point"),
        Index(
            "ix_participant_invited",
            "user_id",
            "at",
            "interaction_id",
            **_where(INVITED.replace("participant.", "")),
        ),
        Index(
            "ix_participant_pinned",
            "contact_id",
            "at",
            "interaction_id",
            **_where(PINNED.replace("participant.", "")),
        ),
    )

    interaction_id: Mapped[int] = mapped_column(
        ForeignKey("interaction.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    role: Mapped[str] = mapped_column(one_of(*ROLES), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, default=0)
    #: The contact is a foreign key by table name: this room lies below `crm`.
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    text: Mapped[str | None] = mapped_column(String(200))
    point: Mapped[str | None] = mapped_column(ascii_text(254))
    #: How sure the link to the contact is: exact number, last digits, chosen by a person.
    certainty: Mapped[str | None] = mapped_column(one_of("known", "maybe", "chosen"))
    #: What somebody who was asked to a meeting answered.
    response: Mapped[Response | None] = mapped_column(one_of(*RESPONSES))
    at: Mapped[datetime]
    #: As the interaction's own: the pinned ones stand above a timeline.
    pinned: Mapped[bool] = mapped_column(default=False, server_default=false())

"""Tables of mailboxes, letters, and what letters are made from."""

from datetime import datetime
from typing import Any, get_args

from sqlalchemy import ForeignKey, Index, String, Text, false, text, true
from sqlalchemy.orm import Mapped, mapped_column

from callcenter.db import Base, Id, Versioned, ascii_text, one_of
from callcenter.post.smtp import Security

SECURITIES = get_args(Security)
#: What became of a letter: it came in; it waits to be sent, was sent, refused, or came back.
STATES = ("received", "waiting", "sent", "refused", "bounced")
#: Why a mailbox cannot be read or written to.
TROUBLES = ("unreachable", "tls", "sign-in", "folder", "secret", "refused")

_TO_ANSWER = "to_answer"
_OFFERS = "opt_out <> ''"
_PAGED = "state = 'received'"


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


class MailAccount(Versioned, Base):
    """One mailbox: letters are fetched from it by IMAP and sent through it by SMTP."""

    __tablename__ = "mail_account"

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(80), unique=True)
    #: What letters from it are from: "Dalğa Servis" <info@dalga.example>.
    sender: Mapped[str] = mapped_column(String(120), default="")
    address: Mapped[str] = mapped_column(ascii_text(254))
    #: Whose it is; of a team, who is in it; of neither, everybody's.
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"))
    #: "" for an account that only sends.
    imap_host: Mapped[str] = mapped_column(String(254), default="")
    imap_port: Mapped[int] = mapped_column(default=993)
    imap_security: Mapped[Security] = mapped_column(one_of(*SECURITIES), default="tls")
    username: Mapped[str] = mapped_column(String(254), default="")
    #: Where the password lies: "env:NAME" or "file:PATH"; never the password itself.
    secret_ref: Mapped[str | None] = mapped_column(String(300))
    folder: Mapped[str] = mapped_column(String(200), default="INBOX")
    #: Of a mailbox that is new here, letters of so many days are fetched.
    days: Mapped[int] = mapped_column(default=30)
    #: "" for the installation's own mail server.
    smtp_host: Mapped[str] = mapped_column(String(254), default="")
    smtp_port: Mapped[int] = mapped_column(default=465)
    smtp_security: Mapped[Security] = mapped_column(one_of(*SECURITIES), default="tls")
    #: "" if it is the same as for fetching.
    smtp_username: Mapped[str] = mapped_column(String(254), default="")
    smtp_secret_ref: Mapped[str | None] = mapped_column(String(300))
    #: Whether what is sent is put among what was sent there, too; some servers do so by themselves.
    sent_copy: Mapped[bool] = mapped_column(default=True, server_default=true())
    #: What stands below each letter.
    signature: Mapped[str] = mapped_column(Text, default="")
    active: Mapped[bool] = mapped_column(default=True)


class MailCursor(Base):
    """How far a mailbox was read, and what stood in the way the last time."""

    __tablename__ = "mail_cursor"

    account_id: Mapped[int] = mapped_column(
        ForeignKey("mail_account.id"), primary_key=True, autoincrement=False
    )
    #: Numbers of letters mean something in this folder, as long as it has this validity.
    folder: Mapped[str] = mapped_column(String(200))
    uid_validity: Mapped[int]
    last_uid: Mapped[int] = mapped_column(default=0)
    #: When the mailbox was last found to be read to its end.
    read_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    trouble: Mapped[str | None] = mapped_column(one_of(*TROUBLES))
    #: What the server said.
    says: Mapped[str | None] = mapped_column(String(500))


class Letter(Base):
    """What an interaction of the kind e-mail is as a letter."""

    __tablename__ = "letter"
    __table_args__ = (
        Index("uq_letter_message_id", "account_id", "message_id", unique=True),
        Index("ix_letter_message_id", "message_id"),
        Index("ix_letter_received", "at", "interaction_id", **_where(_PAGED)),
        Index("ix_letter_opt_out", "opt_out", **_where(_OFFERS)),
        Index("ix_letter_to_answer", "at", "interaction_id", **_where(_TO_ANSWER)),
    )

    interaction_id: Mapped[int] = mapped_column(
        ForeignKey("interaction.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    account_id: Mapped[int] = mapped_column(ForeignKey("mail_account.id"))
    #: With its <>; of a letter that has none, made of its bytes.
    message_id: Mapped[str] = mapped_column(ascii_text(998))
    in_reply_to: Mapped[str] = mapped_column(Text, default="")
    references: Mapped[list[str]] = mapped_column(default=list)
    #: {"from": ["Name <a@b>"], "to": [...], "cc": [...], "bcc": [...], "reply_to": [...]}
    addresses: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: Cleaned; "" if the letter is plain text.
    html: Mapped[str] = mapped_column(Text, default="")
    #: What stands below the text of one of ours: the letter it answers.
    quote: Mapped[str] = mapped_column(Text, default="", server_default="")
    state: Mapped[str] = mapped_column(one_of(*STATES))
    #: When it was written, or came.
    at: Mapped[datetime]
    #: Since when it is in its state, and what a server said.
    state_at: Mapped[datetime]
    says: Mapped[str | None] = mapped_column(String(500))
    #: Too large to be fetched: its text and files are in the mailbox only.
    cut: Mapped[bool] = mapped_column(default=False, server_default=false())
    #: Written by a program: nobody waits for an answer, and none is given by itself.
    automatic: Mapped[bool] = mapped_column(default=False, server_default=false())
    #: Somebody waits for our answer.
    to_answer: Mapped[bool] = mapped_column(default=False, server_default=false())
    #: By which its reader says that he wants no more of them; "" of an ordinary letter.
    opt_out: Mapped[str] = mapped_column(ascii_text(64), default="", server_default="")
    #: What mail programs put into a calendar: {method, ics}; nothing of an ordinary letter.
    calendar: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")


class MailDraft(Base):
    """A letter that is being written; its files are kept under the entity "mail_draft"."""

    __tablename__ = "mail_draft"
    __table_args__ = (Index("ix_mail_draft_user_id", "user_id", "updated_at"),)

    id: Mapped[Id]
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    updated_at: Mapped[datetime]
    #: What was typed, by the names of the form.
    typed: Mapped[dict[str, Any]] = mapped_column(default=dict)


class Template(Versioned, Base):
    """A text that letters are made from, in some of our languages."""

    __tablename__ = "template"

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(80), unique=True)
    #: {language: {"subject": ..., "body": ...}}, Jinja2.
    texts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: Advertising: it carries a link by which its reader wants no more, and respects that.
    is_offer: Mapped[bool] = mapped_column(default=False, server_default=false())
    active: Mapped[bool] = mapped_column(default=True)

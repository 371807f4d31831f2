"""Turns an incoming letter into an interaction: once, with its people, files and chain.

A letter is identified by its Message-ID within its mailbox. The same letter in two mailboxes is
two, because two teams have to answer it. An answer joins the chain of the letter it answers, and
belongs to whoever wrote that one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import case, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter import audit
from callcenter.agents.models import User
from callcenter.db import new_id
from callcenter.diary import answers, itip
from callcenter.entity import files
from callcenter.entity.files import Folder
from callcenter.interactions import chains, touch
from callcenter.interactions.models import Interaction, Participant
from callcenter.interactions.participants import add_companies
from callcenter.mail import bouncing, matching
from callcenter.mail.cleaning import clean
from callcenter.mail.models import Letter, MailAccount
from callcenter.mail.reading import Incoming, Part, Person
from callcenter.notices import notices
from callcenter.post.letters import named
from callcenter.server.actor import SYSTEM

#: So many people of a letter are named with it.
MOST_PEOPLE: Final = 100
MOST_FILES: Final = 100


@dataclass(frozen=True, slots=True)
class Box:
    """A mailbox as letters are stored from it, and where their files go."""

    account: MailAccount
    folder: Folder


async def store(
    session: AsyncSession, box: Box, came: Incoming, raw: bytes, at: datetime
) -> int | None:
    """Keep a letter; return the interaction it became, None if it was there or is a report only."""
    if await is_there(session, box.account, [came.message_id]):
        return None
    if came.bounce is not None and await bouncing.settle(session, came.bounce, at):
        return None
    is_answer = await _answers_invitation(session, came, at)
    parent = await _parent(session, box.account, came)
    row = await _interaction(session, box, came, parent, at)
    kept = await _files(session, box, row, came, raw, at)
    session.add(_letter(box.account, row, came, kept, at, is_answer=is_answer))
    await _people(session, box.account, row, came, parent)
    if parent is not None:
        row.thread_id = parent.id
        await session.flush()
        await chains.join(session, row)
    audit.record(
        session, at, entity="interaction", entity_id=row.id, action="create",
        diff={"kind": [None, "email"], "subject": [None, row.subject]}, notable=True, **SYSTEM,
    )  # fmt: skip
    await session.flush()
    await touch.follow(session, row, {}, at)
    if not is_answer:
        await _tell(session, box.account, row, came, at)
    return row.id


async def _answers_invitation(session: AsyncSession, came: Incoming, at: datetime) -> bool:
    """Keep what one of our guests answers; whoever has invited is told of that, and not of a letter."""
    if came.invitation is None or came.invitation.method != "REPLY":
        return False
    answer = itip.read(came.invitation.ics, came.invitation.method)
    return answer is not None and await answers.take(session, came.sender.address, answer, at)


async def is_there(session: AsyncSession, account: MailAccount, ids: Sequence[str]) -> set[str]:
    """Return which of these Message-IDs the mailbox's letters have."""
    return set(
        await session.scalars(
            select(Letter.message_id).where(
                Letter.account_id == account.id, Letter.message_id.in_(ids)
            )
        )
    )


async def _parent(
    session: AsyncSession, account: MailAccount, came: Incoming
) -> Interaction | None:
    """Return what it answers: the last letter we have of those it refers to."""
    ids = [came.in_reply_to, *reversed(came.references)]
    wanted = [each for each in dict.fromkeys(ids) if each]
    if not wanted:
        return None
    order = case({each: place for place, each in enumerate(wanted)}, value=Letter.message_id)
    found: Interaction | None = await session.scalar(
        select(Interaction)
        .join(Letter, Letter.interaction_id == Interaction.id)
        .where(Letter.message_id.in_(wanted), Interaction.deleted_at.is_(None))
        .order_by(order, (Letter.account_id != account.id), Interaction.id)
        .limit(1)
    )
    return found


async def _interaction(
    session: AsyncSession, box: Box, came: Incoming, parent: Interaction | None, at: datetime
) -> Interaction:
    account = box.account
    when = min(came.at or at, at)
    row = Interaction(
        id=new_id(at.timestamp()), kind="email", status="held", start_at=when, due_at=when,
        direction="out" if _is_own(account, came) else "in", body=came.text or None,
        subject=came.subject or None, owner_id=await _owner(session, account, parent),
        team_id=account.team_id, custom={}, version=1, created_at=at, updated_at=at,
        created_by=None, updated_by=None,
    )  # fmt: skip
    session.add(row)
    await session.flush()
    return row


async def _owner(
    session: AsyncSession, account: MailAccount, parent: Interaction | None
) -> int | None:
    """A person's mailbox is his; in a team's, whoever was written to goes on with the matter."""
    if account.owner_id is not None or parent is None or parent.owner_id is None:
        return account.owner_id
    owner = await session.get(User, parent.owner_id)
    is_here = owner is not None and owner.active and owner.deleted_at is None
    return parent.owner_id if is_here else None


def _is_own(account: MailAccount, came: Incoming) -> bool:
    """Tell a letter that was written here with another program, and copied to the mailbox."""
    return came.sender.address == account.address


def _letter(
    account: MailAccount,
    row: Interaction,
    came: Incoming,
    pictures: dict[str, str],
    at: datetime,
    *,
    is_answer: bool,
) -> Letter:
    own = _is_own(account, came)
    return Letter(
        interaction_id=row.id, account_id=account.id, message_id=came.message_id,
        in_reply_to=came.in_reply_to, references=list(came.references),
        addresses={
            "from": _written([came.sender]), "to": _written(came.to), "cc": _written(came.cc),
            "reply_to": _written(came.reply_to),
        },
        html=clean(came.html, pictures) if came.html else "", at=row.start_at, state_at=at,
        state="sent" if own else "received", automatic=came.automatic, cut=came.cut,
        to_answer=not own and not came.automatic and not is_answer,
    )  # fmt: skip


def _written(people: Sequence[Person]) -> list[str]:
    return [
        named(one.name, one.address) if one.name and one.address else one.address or one.name
        for one in people
    ]


async def _files(
    session: AsyncSession, box: Box, row: Interaction, came: Incoming, raw: bytes, at: datetime
) -> dict[str, str]:
    """Keep what is attached; return {content id: address} of the pictures that stand in the text.

    Of a letter that could not be wholly read, the letter itself is kept too.
    """
    parts = list(came.parts[:MOST_FILES])
    if came.damaged or len(came.parts) > MOST_FILES:
        parts.append(Part(name="letter.eml", mime="message/rfc822", data=raw))
    pictures = {}
    for part in parts:
        file = await files.keep(
            session, "interaction", row.id, box.folder, part.name, part.data, at, None
        )
        if part.content_id and file.kind == "picture":
            pictures[part.content_id] = f"/interactions/{row.id}/files/{file.id}?show"
    return pictures


async def _people(
    session: AsyncSession,
    account: MailAccount,
    row: Interaction,
    came: Incoming,
    parent: Interaction | None,
) -> None:
    roles = [("from", [came.sender]), ("to", came.to), ("cc", came.cc)]
    everybody = [(role, one) for role, people in roles for one in people if one.address or one.name]
    addresses = [one.address for _, one in everybody if one.address]
    known = await matching.contacts(session, addresses, parent.id if parent else None)
    ours = await matching.colleagues(session, addresses)
    if account.owner_id is not None:
        ours[account.address] = account.owner_id
    places: dict[str, int] = {}
    seen: set[str] = set()
    for role, one in everybody[:MOST_PEOPLE]:
        if one.address in seen or (one.address == account.address and one.address not in ours):
            continue
        seen |= {one.address} - {""}
        user_id = ours.get(one.address)
        contact_id = None if user_id is not None else known.get(one.address)
        places[role] = places.get(role, -1) + 1
        session.add(
            Participant(
                interaction_id=row.id, role=role, seq=places[role], contact_id=contact_id,
                user_id=user_id, text=one.name or one.address or None, point=one.address or None,
                certainty="known" if contact_id is not None else None, at=row.start_at,
            )
        )  # fmt: skip
    await session.flush()
    await add_companies(session, row.id)


async def _tell(
    session: AsyncSession, account: MailAccount, row: Interaction, came: Incoming, at: datetime
) -> None:
    """Tell whoever has to answer; of a team's new letter, the team."""
    if came.automatic or _is_own(account, came):
        return
    told = ("interaction", row.id, row.subject or came.sender.name or came.sender.address)
    if row.owner_id is not None:
        users: Sequence[int] = [row.owner_id]
    elif account.team_id is not None:
        users = (
            await session.scalars(
                select(User.id).where(
                    User.team_id == account.team_id, User.active, User.deleted_at.is_(None)
                )
            )
        ).all()
    else:
        users = ()
    await notices.add(session, users, "mail", told, None, at)


async def answered(session: AsyncSession, interaction_id: int) -> None:
    """Nobody waits for an answer to this letter any more."""
    await session.execute(
        update(Letter).where(Letter.interaction_id == interaction_id).values(to_answer=False)
    )

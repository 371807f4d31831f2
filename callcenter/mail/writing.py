"""A letter that somebody writes becomes an interaction, a letter that waits, and a job that sends it.

All of it in one transaction: what is on the timeline will be sent, and what is sent is on it.
"""

import re
import secrets
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.crm.contacts.models import Contact, ContactPoint
from callcenter.db import new_id
from callcenter.entity import files, saving
from callcenter.entity.models import File
from callcenter.entity.reading import Unreadable, email_address
from callcenter.entity.saving import Deed
from callcenter.errors import BadInput, Sentence
from callcenter.interactions import chains
from callcenter.interactions.models import Interaction, Participant
from callcenter.interactions.participants import Taking
from callcenter.mail import drafts, matching, sending, storing, templates
from callcenter.mail.accounts import sends_as, usable_by
from callcenter.mail.models import Letter, MailAccount, MailDraft, Template
from callcenter.post.letters import Calendar, domain_of, message_id, named
from callcenter.server.body import MISSING
from callcenter.server.i18n import translate_to


def _(message: str) -> str:
    return message


#: Where addresses stand.
PLACES: Final = ("to", "cc", "bcc")
MOST: Final = 50
BODY_LETTERS: Final = 20_000
MOST_REFERENCES: Final = 50
SUBJECT_LETTERS: Final = 300

NO_ADDRESS: Final = _("These are no addresses: {names}. Write them like zoe@example.az.")
TOO_MANY: Final = _("A letter goes to up to 50 addresses.")
NO_ACCOUNT: Final = _("Choose an account to write from.")
TOO_LONG: Final = _("This is too long: up to {letters} characters.")
OPTED_OUT: Final = _("{names} wants no such letters, so it was not sent. Take the address out.")
NO_ADDRESS_OF_OURS: Final = _(
    "Such a letter needs a link by which its reader wants no more of them, and nobody has said "
    "where this installation is reached (setting public_url)."
)
OPT_OUT: Final = _("If you do not want such letters, say so here: {link}")
WROTE: Final = _("{name} wrote on {at}:")
FORWARDED: Final = _("Forwarded letter of {name}, {at}:")


class Typed(msgspec.Struct, frozen=True, kw_only=True):
    """A letter as its form says it."""

    account_id: int | None
    to: str
    cc: str
    #: Who gets it without being named in it.
    bcc: str = ""
    subject: str
    body: str
    #: What it answers, or passes on.
    source_id: int | None
    forward: bool
    quote: bool
    template_id: int | None


#: By field: (name, address) of each.
People = dict[str, list[tuple[str, str]]]

#: One of several addresses; commas in names and quotes part nothing.
_ONE: Final = re.compile(r'(?:"[^"\n]*"|<[^<>\n]*>|[^,;\n"<])+')
_NAMED: Final = re.compile(r"(.*?)\s*<([^<>]*)>")


def read_people(text: str) -> list[tuple[str, str]]:
    """Return (name, address) of what was typed. Raises Unreadable, naming what is no address."""
    found, misfits = [], []
    for one in _ONE.findall(text):
        named_one = _NAMED.fullmatch(one.strip())
        name, address = named_one.groups() if named_one else ("", one.strip())
        if not name and not address:
            continue
        try:
            found.append((name.strip(' "'), email_address(address)))
        except Unreadable:
            misfits.append(one.strip())
    if misfits:
        raise Unreadable(Sentence(NO_ADDRESS, names=", ".join(misfits)))
    return found


async def write(
    deed: Deed,
    typed: Typed,
    draft: MailDraft | None,
    public_url: str,
    calendar: Calendar | None = None,
) -> Interaction:
    """Store a letter that is to be sent; its draft is gone then. Raises BadInput."""
    session = deed.session
    people = checked(typed)
    account = await _account(session, deed, typed)
    row = await store(deed, typed, people, account, public_url, calendar=calendar)
    if draft is not None:
        await drafts.hand_over(session, draft, row.id)
    source = await source_of(session, typed.source_id)
    if source is not None and typed.forward:
        await _pass_on(session, deed, source, row)
    if source is not None and not typed.forward:
        await storing.answered(session, source.id)
    await session.flush()
    await sending.post(session, row.id, deed.at)
    return row


async def store(
    deed: Deed,
    typed: Typed,
    people: People,
    account: MailAccount,
    public_url: str,
    given: Mapping[str, Any] = MappingProxyType({}),
    calendar: Calendar | None = None,
) -> Interaction:
    """Store a letter from a mailbox, of a person or of the house itself. Raises BadInput.

    `given` is what the interaction has besides.
    """
    session = deed.session
    template = await session.get(Template, typed.template_id) if typed.template_id else None
    opt_out = ""
    if template is not None and template.is_offer:
        await _refuse_opted_out(
            session, [address for each in people.values() for _, address in each]
        )
        if not public_url:
            raise BadInput({"": NO_ADDRESS_OF_OURS})
        opt_out = secrets.token_urlsafe(24)
    source = await source_of(session, typed.source_id)
    row = await _interaction(deed, typed, account, people, source, given)
    letter = _letter(account, row, people, deed, opt_out=opt_out)
    letter.quote = await _below(session, deed, account, typed, source, row, letter, public_url)
    letter.calendar = msgspec.structs.asdict(calendar) if calendar is not None else {}
    session.add(letter)
    await session.flush()
    return row


def checked(typed: Typed) -> People:
    """Return whom a letter goes to. Raises BadInput, naming what is missing or wrong."""
    wrong: dict[str, str] = {}
    people: People = {"to": [], "cc": [], "bcc": []}
    for name in people:
        try:
            people[name] = read_people(getattr(typed, name))
        except Unreadable as unreadable:
            wrong[name] = unreadable.sentence
    if not people["to"] and "to" not in wrong:
        wrong["to"] = MISSING
    if sum(map(len, people.values())) > MOST:
        wrong["to"] = TOO_MANY
    for name, letters in (("subject", SUBJECT_LETTERS), ("body", BODY_LETTERS)):
        if not getattr(typed, name):
            wrong[name] = MISSING
        elif len(getattr(typed, name)) > letters:
            wrong[name] = Sentence(TOO_LONG, letters=letters)
    if wrong:
        raise BadInput(wrong)
    return people


async def _account(session: AsyncSession, deed: Deed, typed: Typed) -> MailAccount:
    account = await session.scalar(
        select(MailAccount).where(MailAccount.id == typed.account_id, usable_by(deed.who))
    )
    if account is None:
        raise BadInput({"account_id": NO_ACCOUNT})
    return account


async def opted_out(session: AsyncSession, addresses: Sequence[str]) -> list[str]:
    """Return which of these addresses want no letters that are not about their own matters."""
    rows = await session.scalars(
        select(ContactPoint.norm)
        .join(Contact, Contact.id == ContactPoint.contact_id)
        .where(
            ContactPoint.kind == "email", ContactPoint.norm.in_(addresses),
            Contact.deleted_at.is_(None),
            ContactPoint.opted_out_at.is_not(None) | Contact.do_not_contact_at.is_not(None),
        )
        .distinct()
    )  # fmt: skip
    return sorted(rows)


async def _refuse_opted_out(session: AsyncSession, addresses: Sequence[str]) -> None:
    if found := await opted_out(session, addresses):
        raise BadInput({"to": Sentence(OPTED_OUT, names=", ".join(found))})


async def source_of(session: AsyncSession, source_id: int | None) -> Interaction | None:
    """Return what a letter answers; whoever writes was shown it when he began."""
    return None if source_id is None else await session.get(Interaction, source_id)


async def _interaction(
    deed: Deed,
    typed: Typed,
    account: MailAccount,
    people: People,
    source: Interaction | None,
    more: Mapping[str, Any],
) -> Interaction:
    addresses = [address for each in people.values() for _, address in each]
    known = await matching.contacts(deed.session, addresses, source.id if source else None)
    ours = Taking(role="from", text=account.sender or account.name, point=account.address)
    taking = [Taking(role="from", user_id=deed.who.user_id) if deed.who.user_id else ours]
    for place in PLACES:
        # Who gets it unseen is somebody with a copy, too; the letter knows which.
        role: Any = "cc" if place == "bcc" else place
        for name, address in people[place]:
            contact_id = known.get(address)
            text = None if contact_id is not None else name or address
            taking.append(Taking(role=role, contact_id=contact_id, text=text, point=address))
    given: dict[str, Any] = {
        "kind": "email", "direction": "out", "status": "held", "subject": typed.subject,
        "body": typed.body, "start_at": deed.at, "participants": taking, "priority": "normal",
    }  # fmt: skip
    if source is not None:
        given["thread_id"] = source.id
    made: Interaction = await saving.create(deed, {**given, **more}, new_id(deed.at.timestamp()))
    return made


def _letter(
    account: MailAccount,
    row: Interaction,
    people: People,
    deed: Deed,
    *,
    opt_out: str,
) -> Letter:
    return Letter(
        interaction_id=row.id, account_id=account.id,
        message_id=message_id(f"{row.id}.{secrets.token_hex(4)}", domain_of(account.address)),
        in_reply_to="", references=[], html="", state="waiting", at=deed.at, state_at=deed.at,
        addresses={"from": [sends_as(account)]}
        | {
            role: [named(name, address) if name else address for name, address in each]
            for role, each in people.items()
        },
        opt_out=opt_out, automatic=not deed.who.user_id,
    )  # fmt: skip


async def _below(
    session: AsyncSession,
    deed: Deed,
    account: MailAccount,
    typed: Typed,
    source: Interaction | None,
    row: Interaction,
    letter: Letter,
    public_url: str,
) -> str:
    """Return what stands below the text: signature, way out, and what is answered."""
    parts = []
    if account.signature:
        parts.append("-- \n" + account.signature.replace("{user}", deed.who.name))
    language = await language_of(session, row, "az")
    if letter.opt_out:
        link = sending.opt_out_link(public_url, letter.opt_out)
        parts.append(translate_to(language, OPT_OUT, link=link))
    before = await session.get(Letter, source.id) if source is not None else None
    if before is not None and not typed.forward:
        letter.in_reply_to = before.message_id
        letter.references = [*before.references, before.message_id][-MOST_REFERENCES:]
    if source is not None and (typed.quote or typed.forward):
        parts.append(quoted(source, before, language, forward=typed.forward))
    return "\n\n".join(parts)


async def language_of(session: AsyncSession, row: Interaction, fallback: str) -> str:
    """Return the language of the first contact of a letter."""
    found = await session.scalar(
        select(Contact.language)
        .join(Participant, Participant.contact_id == Contact.id)
        .where(Participant.interaction_id == row.id, Contact.language.is_not(None))
        .order_by(Participant.role.desc(), Participant.seq)
        .limit(1)
    )
    return found if found in templates.LANGUAGES else fallback


def quoted(source: Interaction, letter: Letter | None, language: str, *, forward: bool) -> str:
    """Return what is answered, as answers show it, or whole if it is passed on."""
    sender = ((letter.addresses.get("from") if letter else None) or [""])[0]
    at = source.start_at.strftime("%d.%m.%Y %H:%M UTC")
    told = translate_to(language, FORWARDED if forward else WROTE, name=sender or "–", at=at)
    lines = (source.body or "").splitlines()
    return "\n".join([told, *(lines if forward else (f"> {line}" for line in lines))])


async def _pass_on(
    session: AsyncSession, deed: Deed, source: Interaction, row: Interaction
) -> None:
    """Give the files of a letter to the one that passes it on; their bytes lie there once."""
    for file in reversed(await files.of_row(session, "interaction", source.id)):
        session.add(
            File(
                id=new_id(deed.at.timestamp()), entity="interaction", entity_id=row.id,
                kind=file.kind, name=file.name, mime=file.mime, size=file.size, sha256=file.sha256,
                created_at=deed.at, created_by=deed.who.user_id,
            )
        )  # fmt: skip


def answer_subject(source: Interaction, *, forward: bool) -> str:
    bare = chains.bare(source.subject or "")
    return f"{'Fwd' if forward else 'Re'}: {bare}"[:SUBJECT_LETTERS]

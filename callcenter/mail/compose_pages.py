"""Writing a letter: new, an answer, to all, passed on; kept as a draft until it is sent.

Template mail/compose.html: values, errors, accounts, templates, files, source, opted_out, dead,
drafts_count. `?contact=` whom it is to, `?to=`; `?reply=`, `?reply_all=`, `?forward=` which
interaction it answers. One form, whose buttons say what is done: send, save, insert, drop, discard.
"""

from collections.abc import Sequence
from typing import Any

from aiohttp import web
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.agents.models import User
from callcenter.crm.contacts.access import visible_to as contact_visible_to
from callcenter.crm.contacts.models import Contact, ContactPoint
from callcenter.entity import files
from callcenter.entity.files import LARGEST_BYTES, Folder
from callcenter.entity.reading import Unreadable
from callcenter.entity.requests import deed_of, tell
from callcenter.errors import BadInput, NotAllowed, NotFound
from callcenter.interactions import covering, people
from callcenter.interactions.description import INTERACTION
from callcenter.interactions.models import Interaction
from callcenter.interactions.pages import find
from callcenter.mail import drafts, filling, templates, writing
from callcenter.mail.accounts import usable_by
from callcenter.mail.keys import WAKE
from callcenter.mail.models import Letter, MailAccount, MailDraft, Template
from callcenter.mail.writing import Typed
from callcenter.post.letters import bare
from callcenter.server.body import number_in, path_id, sent_upload, whole_number
from callcenter.server.errors import sentences
from callcenter.server.i18n import language_of
from callcenter.server.identity import Identity, require
from callcenter.server.keys import BRAND, CLOCK, DATABASE, SETTINGS
from callcenter.server.pages import redirect, render, safe_next

routes = web.RouteTableDef()

FIELDS = (
    "account_id", "to", "cc", "bcc", "subject", "body", "source_id", "forward", "quote", "template_id",
    "contact", "next",
)  # fmt: skip
#: Files that may come with one sending of the form, and room for its texts.
_AROUND = 256 * 1024


@routes.get("/mail/new")
async def new(request: web.Request) -> web.Response:
    who = _writer(request)
    async with request.app[DATABASE].read() as session:
        values = dict.fromkeys(FIELDS, "") | {"next": request.query.get("next", "")}
        source = await _source(request, session, who)
        if source is not None:
            values |= await _answer(request, session, who, source)
        elif (contact_id := number_in(request.query, "contact")) is not None:
            values |= {"contact": str(contact_id), "to": await _address(session, who, contact_id)}
        if to := request.query.get("to", ""):
            values["to"] = to
        return await _form(request, session, who, values, None)


@routes.get(r"/mail/drafts/{id:\d+}")
async def go_on(request: web.Request) -> web.Response:
    who = _writer(request)
    async with request.app[DATABASE].read() as session:
        draft = await drafts.find(session, who.user_id, path_id(request))
        # One that was kept by an earlier version does not say all that is asked now.
        values = dict.fromkeys(FIELDS, "") | draft.typed
        return await _form(request, session, who, values, draft)


@routes.post("/mail/new")
async def act(request: web.Request) -> web.StreamResponse:
    """Do what the pressed button says; what was typed and attached is kept first of all."""
    who = _writer(request)
    values, uploads, deed_name = await _sent(request)
    at = request.app[CLOCK]()
    errors: dict[str, str] = {}
    async with request.app[DATABASE].write() as session:
        draft = await drafts.keep(
            session, who.user_id, number_in(values, "draft"), _only(values), at
        )
        try:
            await drafts.attach(session, draft, _folder(request), uploads, at)
        except BadInput as problem:
            errors = sentences(request, problem)
        verb, _, what = deed_name.partition(":")
        if verb == "drop" and (file_id := whole_number(what)) is not None:
            await drafts.detach(session, draft, file_id, at)
        if verb == "discard":
            await drafts.discard(session, draft, at)
        if verb == "insert":
            draft.typed = await _inserted(request, session, who, draft.typed)
    if verb == "discard":
        return redirect(request, safe_next(values["next"] or "/mail"))
    if verb == "send" and not errors:
        return await _send(request, who, draft)
    if not errors:
        return redirect(request, f"/mail/drafts/{draft.id}")
    return await _again(request, who, draft, errors)


async def _send(request: web.Request, who: Identity, draft: MailDraft) -> web.StreamResponse:
    try:
        async with request.app[DATABASE].write() as session:
            kept = await drafts.find(session, who.user_id, draft.id)
            typed = _read(kept.typed)
            if typed.source_id is not None:
                await find(session, who, typed.source_id)
            deed = deed_of(request, session, INTERACTION)
            row = await writing.write(deed, typed, kept, request.app[SETTINGS].public_url)
    except BadInput as problem:
        return await _again(request, who, draft, sentences(request, problem))
    request.app[WAKE]()
    tell(request, INTERACTION, row)
    return redirect(request, safe_next(draft.typed["next"] or f"/interactions/{row.id}"))


async def _again(
    request: web.Request, who: Identity, draft: MailDraft, errors: dict[str, str]
) -> web.Response:
    async with request.app[DATABASE].read() as session:
        return await _form(request, session, who, draft.typed, draft, errors)


def _writer(request: web.Request) -> Identity:
    """Return who writes. Whoever sees no addresses writes to none."""
    who = require(request, "interaction", "create")
    if covering.level_of("email", who) in ("hidden", "masked"):
        raise NotAllowed
    return who


# ---------------------------------------------------------------- what is sent and read


async def _sent(request: web.Request) -> tuple[dict[str, str], list[tuple[str, bytes]], str]:
    """Return the fields, the files, and which button was pressed."""
    form: Any = await sent_upload(request, drafts.FILES_BYTES + LARGEST_BYTES + _AROUND)
    uploads = []
    for upload in form.getall("files", []):
        if isinstance(upload, web.FileField) and upload.filename:
            with upload.file as sent:
                uploads.append((upload.filename, sent.read()))
    texts = {name: str(form.get(name, "")).replace("\r\n", "\n") for name in (*FIELDS, "draft")}
    texts = {name: text.replace("\0", "") for name, text in texts.items()}
    return texts, uploads, str(form.get("do", "send"))


def _only(values: dict[str, str]) -> dict[str, str]:
    return {name: values[name].strip() if name != "body" else values[name] for name in FIELDS}


def _read(values: dict[str, Any]) -> Typed:
    return Typed(
        account_id=number_in(values, "account_id"), to=values["to"], cc=values["cc"],
        bcc=values.get("bcc", ""),
        subject=" ".join(values["subject"].split()), body=values["body"].strip(),
        source_id=number_in(values, "source_id"), forward=bool(values["forward"]),
        quote=bool(values["quote"]), template_id=number_in(values, "template_id"),
    )  # fmt: skip


# ---------------------------------------------------------------- what it begins with


async def _source(request: web.Request, session: AsyncSession, who: Identity) -> Interaction | None:
    ids = (number_in(request.query, name) for name in ("reply", "reply_all", "forward"))
    source_id = next((each for each in ids if each is not None), None)
    return None if source_id is None else await find(session, who, source_id)


async def _answer(
    request: web.Request, session: AsyncSession, who: Identity, source: Interaction
) -> dict[str, str]:
    """Return what the form of an answer holds: to whom, about what, from where."""
    forward = "forward" in request.query
    letter = await session.get(Letter, source.id)
    to, cc = ([], []) if forward else await _answered_to(session, who, source, letter)
    everybody = "reply_all" in request.query
    return {
        "source_id": str(source.id), "forward": "1" if forward else "", "quote": "1",
        "subject": writing.answer_subject(source, forward=forward),
        "to": ", ".join(to if everybody else to[:1]), "cc": ", ".join(cc) if everybody else "",
        "account_id": str(letter.account_id) if letter is not None else "",
    }  # fmt: skip


async def _answered_to(
    session: AsyncSession, who: Identity, source: Interaction, letter: Letter | None
) -> tuple[list[str], list[str]]:
    """Return who is written to in an answer, who wrote first of all, and who gets a copy."""
    if letter is None:
        return await _of_those(session, who, source), []
    told = letter.addresses
    own = set(await session.scalars(select(MailAccount.address)))
    first = told.get("to", []) if source.direction == "out" else (
        told.get("reply_to") or told.get("from", [])
    )  # fmt: skip
    others = [] if source.direction == "out" else told.get("to", [])
    seen: set[str] = set(own)
    return _new_ones([*first, *others], seen), _new_ones(told.get("cc", []), seen)


def _new_ones(written: Sequence[str], seen: set[str]) -> list[str]:
    found = []
    for one in written:
        if "@" in one and bare(one).lower() not in seen:
            seen.add(bare(one).lower())
            found.append(one)
    return found


async def _of_those(session: AsyncSession, who: Identity, source: Interaction) -> list[str]:
    """Return the addresses of the customers of a call or a meeting."""
    taking = (await people.of(session, who, [source.id])).get(source.id, [])
    ids = [one.contact_id for one in taking if one.is_customer and one.contact_id is not None]
    found = [await _address(session, who, contact_id) for contact_id in ids]
    named = [one.point for one in taking if one.is_unlinked and one.point and "@" in one.point]
    return [each for each in (*found, *named) if each]


async def _address(session: AsyncSession, who: Identity, contact_id: int) -> str:
    """Return a contact's address, the first that works; "" if there is none. Raises NotFound."""
    seen = await session.scalar(
        select(Contact.id).where(Contact.id == contact_id, contact_visible_to(who))
    )
    if seen is None:
        raise NotFound
    address = await session.scalar(
        select(ContactPoint.norm)
        .where(ContactPoint.contact_id == contact_id, ContactPoint.kind == "email")
        .order_by(ContactPoint.invalid_at.is_not(None), ContactPoint.position)
        .limit(1)
    )
    return address or ""


# ---------------------------------------------------------------- templates


async def _inserted(
    request: web.Request, session: AsyncSession, who: Identity, typed: dict[str, str]
) -> dict[str, str]:
    """Return what was typed with the chosen template's words above it."""
    template = await session.get(Template, number_in(typed, "template_id") or 0)
    if template is None:
        return typed
    contact = await _reader(session, who, typed)
    text = templates.in_language(
        template.texts, (contact.language if contact else None) or "", language_of(request)
    )
    user = await session.get(User, who.user_id)
    company, at = request.app[BRAND]().name, request.app[CLOCK]()
    values = await filling.values_for(session, contact, user, company, at)
    body = templates.fill(text["body"], values)
    return typed | {
        "subject": typed["subject"] or " ".join(templates.fill(text["subject"], values).split()),
        "body": "\n\n".join(filter(None, (body.strip(), typed["body"].strip()))),
    }


async def _reader(session: AsyncSession, who: Identity, typed: dict[str, str]) -> Contact | None:
    """Return the contact that a letter is to: the one it was begun with, or the address's."""
    contact_id = number_in(typed, "contact")
    if contact_id is None:
        try:
            addresses = [address for _, address in writing.read_people(typed["to"])]
        except Unreadable:
            return None
        rows = list(
            await session.scalars(
                select(ContactPoint.contact_id).where(
                    ContactPoint.kind == "email", ContactPoint.norm.in_(addresses)
                )
            )
        )
        contact_id = rows[0] if len(rows) == 1 else None
    if contact_id is None:
        return None
    found: Contact | None = await session.scalar(
        select(Contact).where(Contact.id == contact_id, contact_visible_to(who))
    )
    return found


# ---------------------------------------------------------------- the form


async def _form(
    request: web.Request,
    session: AsyncSession,
    who: Identity,
    values: dict[str, Any],
    draft: MailDraft | None,
    errors: dict[str, str] | None = None,
) -> web.Response:
    usable = (
        await session.scalars(
            select(MailAccount)
            .where(usable_by(who))
            .order_by(
                MailAccount.owner_id.is_(None), MailAccount.team_id.is_(None), MailAccount.name
            )
        )
    ).all()
    chosen = (
        await session.scalars(select(Template).where(Template.active).order_by(Template.name))
    ).all()
    source_id = number_in(values, "source_id")
    source = await find(session, who, source_id) if source_id is not None else None
    attached = await files.of_row(session, drafts.ENTITY, draft.id) if draft else []
    return render(
        request, "mail/compose.html", status=422 if errors else 200, values=values,
        errors=errors or {}, accounts=usable, templates=chosen, source=source,
        files=list(reversed(attached)), draft=draft, unwanted=await _unwanted(session, values),
    )  # fmt: skip


async def _unwanted(session: AsyncSession, values: dict[str, Any]) -> list[str]:
    try:
        addresses = [address for _, address in writing.read_people(values["to"])]
    except Unreadable:
        return []
    return await writing.opted_out(session, addresses)


def _folder(request: web.Request) -> Folder:
    return Folder(request.app[SETTINGS].data_path)

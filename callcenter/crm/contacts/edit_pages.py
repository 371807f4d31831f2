"""The form of a contact.

Template contacts/edit.html: contact | None, values{version, kind, name, company, title,
city, country, language, description}, points: [Shown], points_shown: ids in the form
when it was opened, errors, locked: what the person may not change, interaction: the call it is made from or "". A point whose
row was taken out of the form is missing among those sent, but stands in `points_shown`.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from aiohttp import web
from multidict import MultiDictProxy

from callcenter.crm import linking
from callcenter.crm.callers import keep_number
from callcenter.crm.contacts import card, companies, points
from callcenter.crm.contacts.models import Contact
from callcenter.crm.contacts.pages import contact_in
from callcenter.crm.contacts.points import PointForm
from callcenter.entity import editing, saving
from callcenter.entity.description import Field, value_of
from callcenter.entity.keys import ENTITIES
from callcenter.entity.pages import inputs
from callcenter.entity.pages.clashes import told
from callcenter.entity.pages.forms import grouped
from callcenter.entity.pages.inputs import Input
from callcenter.entity.reading import Context, Unreadable, read_text
from callcenter.entity.requests import context_of, deed_of, tell
from callcenter.entity.rights import access
from callcenter.entity.saving import Deed
from callcenter.errors import BadInput, ChangedMeanwhile, NotFound
from callcenter.events import InteractionChanged
from callcenter.interactions import covering
from callcenter.server.actor import actor
from callcenter.server.body import number_in, path_id, read_form, seen_version, whole_number
from callcenter.server.errors import sentences
from callcenter.server.identity import Identity, identity, require
from callcenter.server.keys import BUS, CLOCK, DATABASE
from callcenter.server.pages import redirect, render

routes = web.RouteTableDef()

FIELDS = ("kind", "name", "title", "city", "country", "language", "description")


class Shown(NamedTuple):
    """One row of the form. `was` is what stood there when it was opened, as far as that is known."""

    id: str
    kind: str
    value: str
    label: str
    was: str | None


@routes.get("/contacts/new")
async def new(request: web.Request) -> web.Response:
    require(request, "contact", "create")
    query = request.query
    kind = "email" if query.get("email") else "phone"
    number = Shown("", kind, query.get(kind, ""), "", "")
    values = {"kind": "person", "name": query.get("name", "")}
    return await _form(request, None, values, [number], interaction=query.get("interaction", ""))


@routes.post("/contacts")
async def create(request: web.Request) -> web.Response:
    who, at = require(request, "contact", "create"), request.app[CLOCK]()
    values, rows = await read_form(request), _rows(await request.post())
    interaction_id = number_in(values, "interaction")
    try:
        async with request.app[DATABASE].write() as session:
            doing = deed_of(request, session, contact_in(request))
            made = await saving.create(doing, await _read(request, doing, values, rows, None))
            if interaction_id is not None:
                await linking.choose(session, who, interaction_id, made.id, at, actor(request))
                await keep_number(doing, made, interaction_id)
    except BadInput as problem:
        return await _again(request, None, values, rows, _wrong(request, problem, rows))
    _tell(request, made, interaction_id)
    return redirect(request, f"/contacts/{made.id}")


@routes.get(r"/contacts/{id:\d+}/edit")
async def edit(request: web.Request) -> web.Response:
    found = await _found(request, require(request, "contact", "edit"))
    rows = [
        Shown(str(point.id), point.kind, point.value, point.label or "", point.value)
        for point in found.points
    ]
    return await _form(
        request, found.contact, _values(found), rows or [Shown("", "phone", "", "", "")]
    )


@routes.post(r"/contacts/{id:\d+}/edit")
async def change(request: web.Request) -> web.Response:
    who = require(request, "contact", "edit")
    values, rows = await read_form(request), _rows(await request.post())
    found = await _found(request, who)
    seen, given = seen_version(values), dict[str, Any]()
    try:
        async with request.app[DATABASE].write() as session:
            doing = deed_of(request, session, contact_in(request))
            given = await _read(request, doing, values, rows, found.contact.company_id)
            if found.has_others_company and not values.get("company"):
                # The form does not name it; that is no wish to leave it.
                given.pop("company_id", None)
            saved = await saving.change(doing, found.contact.id, given, seen)
    except BadInput as problem:
        return await _again(request, found.contact, values, rows, _wrong(request, problem, rows))
    except ChangedMeanwhile as problem:
        return await _clashed(request, who, values, rows, given, problem)
    _tell(request, saved, None)
    return redirect(request, f"/contacts/{saved.id}")


async def _clashed(
    request: web.Request,
    who: Identity,
    values: dict[str, str],
    rows: list[Shown],
    given: Mapping[str, Any],
    problem: ChangedMeanwhile,
) -> web.Response:
    """Show what others changed, and what this person did: whoever saves again has compared."""
    entity, found = contact_in(request), await _found(request, who)
    contact, now = found.contact, _values(found)
    alone = {name: value for name, value in given.items() if name != "points"}
    async with request.app[DATABASE].read() as session:
        theirs, clashing = await editing.compared(
            session, entity.name, contact, alone, seen_version(values) or 0
        )
        writers = {name: await editing.name_of(session, clashing[name].who) for name in clashing}
    wrong = await told(request, entity, problem)
    for name, writer in writers.items():
        clash = ChangedMeanwhile(
            who=writer, field=name, theirs=value_of(contact, name), mine=given[name]
        )
        wrong = await told(request, entity, clash) | wrong
    names = _by_input({name: name for name in theirs})
    shown = values | {name: now[name] for name in names if name in now}
    return await _form(
        request, contact, shown | {"version": now["version"]}, rows, errors=_by_input(wrong),
        status=409, taken=[name for name in theirs if name not in FIELDS],
    )  # fmt: skip


async def _found(request: web.Request, who: Identity) -> card.Card:
    """Return the card of a contact that `who` may change. Raises NotFound."""
    async with request.app[DATABASE].read() as session:
        found = await card.find(session, who, path_id(request))
    if found is None or not found.may_edit:
        raise NotFound
    return found


async def _read(
    request: web.Request,
    doing: Deed,
    values: Mapping[str, str],
    rows: list[Shown],
    company_id: int | None,
) -> dict[str, Any]:
    """Return what the form says, by field. Raises BadInput."""
    context = context_of(request)
    fields = context.registry.fields("contact")
    given: dict[str, Any] = {}
    wrong: dict[str, str] = {}
    locked = _locked(doing.who)
    for name in FIELDS:
        if name not in values or name in locked:
            continue
        text = values[name].upper() if name == "country" else values[name]
        try:
            given[name] = read_text(fields[name], text, context)
        except Unreadable as error:
            wrong[name] = error.sentence
    more, _texts, unreadable = await inputs.read(
        doing.session, await request.post(), _more(request, doing.who).values(), context, doing.who
    )
    if wrong := wrong | unreadable:
        raise BadInput(wrong)
    given |= more
    if "kind" not in locked:
        given["kind"] = given.get("kind") or "person"
    if "points" not in locked:
        given["points"] = _points(rows)
    if "company" not in locked:
        employer = values.get("company", "") if given.get("kind") != "company" else ""
        given["company_id"] = await companies.named(doing, employer, company_id)
    return given


def _more(request: web.Request, who: Identity) -> dict[str, Field]:
    """Return the fields that stand under headings below: all others that this person may write."""
    entity = contact_in(request)
    return {
        name: field
        for name, field in request.app[ENTITIES].fields("contact").items()
        if field.on_form
        and field.virtual is None
        and name not in (*FIELDS, "company_id")
        and access(entity, field, who) == "write"
    }


def _points(rows: list[Shown]) -> list[PointForm]:
    return [
        PointForm(
            id=whole_number(row.id), kind=_known(points.KINDS, row.kind) or "phone", value=row.value,
            label=_known(points.LABELS, row.label), was=row.was if row.id else None,
        )
        for row in rows
    ]  # fmt: skip


def _locked(who: Identity) -> frozenset[str]:
    """Return what the person may not change: it does not stand in the form."""
    names = {name: name for name in FIELDS} | {"company": "company_id"}
    locked = {shown for shown, name in names.items() if covering.level(name, who) != "write"}
    kinds = (covering.level_of(kind, who) for kind in points.KINDS)
    return frozenset(locked | ({"points"} if any(kind != "write" for kind in kinds) else set()))


def _rows(form: MultiDictProxy[Any]) -> list[Shown]:
    """Return the rows that were sent, and an empty one for each that was taken out."""
    columns = [
        [str(value) for value in form.getall(f"point_{name}", [])]
        for name in ("id", "kind", "value", "label", "was")
    ]
    rows = [Shown(*row) for row in zip(*columns, strict=False)]
    sent = {row.id for row in rows}
    shown = str(form.get("points_shown", "")).split()
    return rows + [Shown(id_, "phone", "", "", None) for id_ in shown if id_ not in sent]


async def _again(
    request: web.Request,
    contact: Contact | None,
    values: dict[str, str],
    rows: list[Shown],
    errors: dict[str, str],
    *,
    status: int = 422,
) -> web.Response:
    return await _form(
        request, contact, values, rows, errors=errors, status=status,
        interaction=values.get("interaction", ""),
    )  # fmt: skip


async def _form(
    request: web.Request,
    contact: Contact | None,
    values: dict[str, str],
    rows: list[Shown],
    *,
    errors: dict[str, str] | None = None,
    interaction: str = "",
    status: int = 200,
    taken: Sequence[str] = (),
) -> web.Response:
    blank = dict.fromkeys(("version", "company", *FIELDS), "")
    who, context = identity(request), context_of(request)
    more = _more(request, who)
    async with request.app[DATABASE].read() as session:
        known = await inputs.inputs_of(
            session, more.values(), await _texts(request, contact, more, context, taken), context,
            who, contact_in(request),
        )  # fmt: skip
    return render(
        request, "contacts/edit.html", status=status, contact=contact, values=blank | values,
        points=[row for row in rows if row.value or not row.id],
        points_shown=" ".join(row.id for row in rows if row.id),
        errors=errors or {}, interaction=interaction, locked=_locked(who),
        groups=grouped(known), opened=_opened(known, errors or {}),
    )  # fmt: skip


async def _texts(
    request: web.Request,
    contact: Contact | None,
    more: Mapping[str, Field],
    context: Context,
    taken: Sequence[str],
) -> inputs.Texts:
    """Return what stands in the fields below: what was typed, else (and for those `taken`) what is known."""
    typed: inputs.Texts = {}
    known = more
    if request.method == "POST":
        form = await request.post()
        known = {name: field for name, field in more.items() if name in taken}
        names = [each for name in more if name not in known for each in (name, f"{name}.text")]
        typed = {name: [str(text) for text in form.getall(name)] for name in names if name in form}
    if contact is None:
        return typed
    values = {name: value_of(contact, name) for name in known}
    return {**typed, **inputs.texts_of(known.values(), values, context)}


def _opened(known: Sequence[Input], errors: Mapping[str, str]) -> set[str]:
    """Return the headings below which something stands, or is wrong."""
    return {
        one.group
        for one in known
        if one.name in errors or any(each not in ("", "0") for each in one.texts)
    }


def _values(found: card.Card) -> dict[str, str]:
    contact = found.contact
    values = {name: str(getattr(contact, name) or "") for name in FIELDS}
    return values | {"version": str(contact.version), "company": found.company_name or ""}


def _wrong(request: web.Request, problem: BadInput, rows: list[Shown]) -> dict[str, str]:
    """Return a sentence for each field; numbers and addresses share one, which names them."""
    wrong = sentences(request, problem)
    of_points = {name: wrong.pop(name) for name in list(wrong) if name.startswith("points.")}
    named = [f"{rows[int(name[7:])].value}: {text}" for name, text in of_points.items()]
    return _by_input(wrong) | ({"points": " ".join(named)} if named else {})


def _by_input(wrong: dict[str, str]) -> dict[str, str]:
    """Return the sentences by the form's inputs: it asks for a company by name."""
    return {"company" if name == "company_id" else name: text for name, text in wrong.items()}


def _tell(request: web.Request, contact: Contact, interaction_id: int | None) -> None:
    tell(request, contact_in(request), contact)
    if interaction_id is not None:
        moment = request.app[CLOCK]().timestamp()
        request.app[BUS].publish(InteractionChanged(at=moment, interaction_id=interaction_id))


def _known(words: tuple[str, ...], word: str) -> Any:
    return word if word in words else None

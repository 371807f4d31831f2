"""The assistant's pages.

Templates: assistant/assistant.html (groups, form: Written, fields, options, errors, likes,
interaction, registers: whether there are any, told: what the register said) · assistant/likes.html (likes: [Likeness], asked): what is like what is typed;
`asked` if saving waits for a word.
"""

from collections.abc import Sequence
from typing import Any

from aiohttp import web

from callcenter.crm import linking, tax_ids
from callcenter.crm.assistant import form as forms
from callcenter.crm.assistant.form import GROUPS, ROLES, Partner, PersonRow, PointRow, Written
from callcenter.crm.callers import keep_number
from callcenter.crm.contacts import companies
from callcenter.crm.contacts.pages import contact_in, regions
from callcenter.crm.duplicates.check import Likeness, check
from callcenter.crm.duplicates.facts import of_typed
from callcenter.crm.registers.entries import Entry
from callcenter.crm.registers.pages import AWAY, UNKNOWN
from callcenter.crm.registers.providers import RegisterAway
from callcenter.crm.registers.setup import REGISTERS, Registers
from callcenter.crm.registers.taking_over import take_over
from callcenter.entity import saving
from callcenter.entity.keys import ENTITIES
from callcenter.entity.reading import Unreadable
from callcenter.entity.registry import label_in
from callcenter.entity.requests import context_of, deed_of, tell
from callcenter.entity.rights import access
from callcenter.entity.saving import Deed
from callcenter.errors import BadInput
from callcenter.events import InteractionChanged
from callcenter.server.actor import actor
from callcenter.server.body import number_in, sent_form
from callcenter.server.errors import sentences
from callcenter.server.i18n import language_of
from callcenter.server.identity import Identity, require
from callcenter.server.keys import BUS, CLOCK, DATABASE
from callcenter.server.pages import redirect, render, translate

routes = web.RouteTableDef()


@routes.get("/contacts/assistant")
async def begin(request: web.Request) -> web.Response:
    who, query = require(request, "contact", "create"), request.query
    values = {name: query.get(name, "") for name in ("kind", "name", "given_name", "interaction")}
    points = [PointRow("phone", query.get("phone", "")), PointRow("email")]
    return _page(request, who, Written(values, points, [PersonRow()]))


@routes.post("/contacts/assistant/check")
async def look(request: web.Request) -> web.Response:
    """Show who is there already, while somebody types."""
    who = require(request, "contact", "create")
    likes = await _likes(request, who, await _written(request))
    return render(request, "assistant/likes.html", likes=likes, asked=False)


@routes.post("/contacts/assistant")
async def save(request: web.Request) -> web.Response:
    who, form = require(request, "contact", "create"), await _written(request)
    if not form.values.get("anyway"):
        likes = await _likes(request, who, form)
        if any(like.suggests for like in likes):
            return _page(request, who, form, likes=likes, status=409)
    found = await _asked_before(request, form)
    try:
        async with request.app[DATABASE].write() as session:
            doing = deed_of(request, session, contact_in(request))
            partner = forms.read(form, doing.registry.fields("contact"), context_of(request))
            made = await _made(doing, partner)
            if found is not None:
                await take_over(doing, made[0].id, found)
            interaction_id = number_in(form.values, "interaction")
            if interaction_id is not None:
                by = actor(request)
                await linking.choose(session, who, interaction_id, made[0].id, doing.at, by)
                await keep_number(doing, made[0], interaction_id)
    except BadInput as problem:
        errors = _errors(sentences(request, problem), form)
        likes = await _likes(request, who, form)
        return _page(request, who, form, likes=likes, errors=errors, status=422)
    _tell(request, made, interaction_id)
    return redirect(request, f"/contacts/{made[0].id}")


@routes.post("/contacts/assistant/register")
async def fill(request: web.Request) -> web.Response:
    """Fill what is empty in the form from the register that knows the tax id."""
    who, form = require(request, "contact", "create"), await _written(request)
    try:
        found = await _registered(request, form)
    except (RegisterAway, Unreadable) as problem:
        text = problem.sentence if isinstance(problem, Unreadable) else AWAY
        errors = {"tax_id": translate(request, text)}
        return _page(request, who, form, errors=errors, status=422)
    if found is None:
        errors = {"tax_id": translate(request, UNKNOWN)}
        return _page(request, who, form, errors=errors, status=422)
    filled = forms.filled(form, found)
    return _page(request, who, filled, likes=await _likes(request, who, filled), told=found)


async def _registered(request: web.Request, form: Written) -> Entry | None:
    """Return what a register says of the tax id. Raises Unreadable or RegisterAway."""
    values = form.values
    try:
        tax_id = tax_ids.read(values.get("tax_id", ""), country=values.get("country", "").upper())
    except tax_ids.NoTaxId as problem:
        raise Unreadable(problem.sentence) from problem
    return await request.app[REGISTERS].find(tax_id.number, tax_id.kind)


async def _asked_before(request: web.Request, form: Written) -> Entry | None:
    """Return what the register says that filled the form; nothing if it cannot be asked now."""
    if not form.values.get("register"):
        return None
    try:
        return await _registered(request, form)
    except (RegisterAway, Unreadable):
        return None


async def _written(request: web.Request) -> Written:
    await sent_form(request)
    return forms.written(await request.post())


async def _likes(request: web.Request, who: Identity, form: Written) -> list[Likeness]:
    async with request.app[DATABASE].read() as session:
        return await check(session, who, of_typed(forms.typed(form), regions(request)))


async def _made(doing: Deed, partner: Partner) -> list[Any]:
    """Add the partner and its people; return them, the partner first. Raises BadInput."""
    given = partner.given
    if partner.employer:
        given = given | {"company_id": await companies.named(doing, partner.employer, None)}
    made = await saving.create(doing, given)
    people = []
    for place, person in enumerate(partner.people):
        try:
            people.append(await saving.create(doing, person | {"company_id": made.id}))
        except BadInput as problem:
            first = next(iter(problem.fields.values()))
            raise BadInput({f"people.{place}": first}) from problem
    return [made, *people]


def _errors(wrong: dict[str, str], form: Written) -> dict[str, str]:
    """Return a sentence for each field; those of a list share one, which names its rows."""
    values = {
        "points": [row.value for row in form.points if row.value],
        "people": [row.name for row in form.people if row.name],
    }
    errors = {name: text for name, text in wrong.items() if name.partition(".")[0] not in values}
    for name, rows in values.items():
        texts = [
            f"{rows[int(key.partition('.')[2])]}: {text}"
            for key, text in wrong.items()
            if key.startswith(f"{name}.")
        ]
        if texts:
            errors[name] = " ".join(texts)
    return errors


def _page(
    request: web.Request,
    who: Identity,
    form: Written,
    *,
    likes: Sequence[Likeness] = (),
    errors: dict[str, str] | None = None,
    told: Entry | None = None,
    status: int = 200,
) -> web.Response:
    registry, language = request.app[ENTITIES], language_of(request)
    described = registry.fields("contact")
    names = {name for group in GROUPS for name in group.fields} | {*ROLES, *forms.WORK[1:]}
    fields = {
        name: described[name]
        for name in names
        if access(registry["contact"], described[name], who) == "write"
    }
    options = {
        name: [(one.id, one.text(language)) for one in registry.list(field.options) if one.active]
        for name, field in fields.items()
        if field.type == "option"
    }
    return render(
        request, "assistant/assistant.html", status=status, form=form, groups=GROUPS, roles=ROLES,
        fields=fields, labels={name: label_in(field, language) for name, field in fields.items()},
        options=options, errors=errors or {}, likes=likes, asked=status == 409,
        registers=request.app.get(REGISTERS, Registers()).are_there, told=told,
    )  # fmt: skip


def _tell(request: web.Request, made: Sequence[Any], interaction_id: int | None) -> None:
    for contact in made:
        tell(request, contact_in(request), contact)
    if interaction_id is not None:
        at = request.app[CLOCK]().timestamp()
        request.app[BUS].publish(InteractionChanged(at=at, interaction_id=interaction_id))

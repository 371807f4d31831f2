"""Edits on the card itself: addresses, ties, preferences, tags, facts of a number, the photograph.

Each form saves one item and leads back to the card; what cannot be saved comes back as it was
typed, with a sentence. The other end of a tie is typed by name; if several contacts have that
name, the card asks which one is meant.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from aiohttp import web
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from callcenter.crm.contacts.access import visible_to
from callcenter.crm.contacts.models import Contact
from callcenter.crm.contacts.pages import contact_in, regions, show_card
from callcenter.crm.contacts.search import ids_of
from callcenter.crm.contacts.surroundings import Side
from callcenter.crm.names import fold
from callcenter.entity import editing, files, saving
from callcenter.entity.pages.clashes import told
from callcenter.entity.requests import deed_of, tell
from callcenter.errors import BadInput, ChangedMeanwhile, NotFound
from callcenter.server.body import MISSING, number_in, path_id, read_form, whole_number
from callcenter.server.errors import sentences
from callcenter.server.i18n import translate
from callcenter.server.identity import Identity, require
from callcenter.server.keys import DATABASE
from callcenter.server.pages import redirect

routes = web.RouteTableDef()


def _(message: str) -> str:
    return message


NOBODY: Final = _("Nobody is found by this name. Add the contact first, then tie the two.")
WHICH: Final = _("Several are found by this name. Choose the one you mean.")
#: So many are offered where a name does not tell who is meant.
CHOICES: Final = 8


@routes.post(r"/contacts/{id:\d+}/{part:addresses|points|preferences|tags}")
async def change(request: web.Request) -> web.Response:
    require(request, "contact", "edit")
    values = await read_form(request)
    return await _save(request, request.match_info["part"], values, _item(values))


@routes.post(r"/contacts/{id:\d+}/relationships")
async def tie(request: web.Request) -> web.Response:
    who = require(request, "contact", "edit")
    values = await read_form(request)
    item = _item(values)
    type_id, _colon, side = item.pop("type", "").partition(":")
    if type_id:
        item["type_id"] = whole_number(type_id)
    if "other" in item:
        typed, chosen = item.pop("other"), whole_number(item.pop("other_id", "") or "")
        if not typed and chosen is None:
            return await _again(request, "relationships", values, {"other": MISSING})
        async with request.app[DATABASE].read() as session:
            found = await _named(session, who, typed or "", chosen, regions(request))
        if len(found) != 1:
            wrong = {"other": WHICH if found else NOBODY}
            return await _again(request, "relationships", values, wrong, found)
        item["from_id" if side == "from" else "to_id"] = found[0].id
    if item.get("strength"):
        item["strength"] = whole_number(item["strength"])
    return await _save(request, "relationships", values, item)


@routes.post(r"/contacts/{id:\d+}/photo")
async def photo(request: web.Request) -> web.Response:
    """Show one of the contact's pictures as its photograph."""
    require(request, "contact", "edit")
    values, contact_id = await read_form(request), path_id(request)
    async with request.app[DATABASE].write() as session:
        deed = deed_of(request, session, contact_in(request))
        row = await saving.locked(deed, contact_id, "edit")
        file = await files.found(session, "contact", contact_id, number_in(values, "file") or 0)
        if file.kind != "picture":
            raise NotFound
        before, row.photo_id = row.photo_id, file.id
        change = {} if before == file.id else {"photo_id": [before, file.id]}
        await editing.note(session, row, "contact", change, deed.at, deed.by, row.id)
    tell(request, contact_in(request), row)
    return redirect(request, f"/contacts/{contact_id}")


def _item(values: Mapping[str, str]) -> dict[str, Any]:
    """Return a form as the part's `read_json` takes it: empty fields as nothing."""
    item: dict[str, Any] = {
        name: value or None
        for name, value in values.items()
        # What nobody touched is not spoken of, whatever became of it meanwhile.
        if values.get(f"was_{name}") != value
    }
    for flag in ("gone", "ended"):
        if flag in item:
            item[flag] = bool(item[flag])
    if "works" in item:
        item["works"] = {"1": True, "0": False}.get(item["works"] or "")
    if "id" in item:
        item["id"] = whole_number(item["id"] or "")
    if item.get("country"):
        item["country"] = item["country"].upper()
    # What was shown beside the form, so that a change by somebody else is noticed.
    was = {name[4:]: item.pop(name) for name in list(item) if name.startswith("was_")}
    if was.get("strength"):
        was["strength"] = whole_number(was["strength"])
    return item | ({"was": was} if was else {})


async def _save(
    request: web.Request, name: str, values: Mapping[str, str], item: dict[str, Any]
) -> web.Response:
    contact_id, entity = path_id(request), contact_in(request)
    part = entity.part(name)
    assert part is not None  # noqa: S101  # the route names them
    try:
        given = {name: part.read_json([item])}
        async with request.app[DATABASE].write() as session:
            row = await saving.change(deed_of(request, session, entity), contact_id, given, None)
    except BadInput as problem:
        wrong = {
            field.removeprefix(name).lstrip(".0[]") or name: text
            for field, text in sentences(request, problem).items()
        }
        return await show_card(
            request, contact_id, part=name, typed=values, errors=wrong, status=422
        )
    except ChangedMeanwhile as problem:
        named = await told(request, entity, problem)
        return await show_card(
            request, contact_id, part=name, typed=values, errors={"": named[""]}, status=409,
        )  # fmt: skip
    tell(request, entity, row)
    return redirect(request, f"/contacts/{contact_id}")


async def _again(
    request: web.Request,
    part: str,
    values: Mapping[str, str],
    wrong: Mapping[str, str],
    choices: list[Side] | None = None,
) -> web.Response:
    return await show_card(
        request, path_id(request), part=part, typed=values, choices=choices or [], status=422,
        errors={name: translate(request, text) for name, text in wrong.items()},
    )  # fmt: skip


async def _named(
    session: AsyncSession, who: Identity, typed: str, chosen: int | None, regions: Sequence[str]
) -> list[Side]:
    """Return who is meant: the one chosen, the only one called so, or all that may be."""
    ids = [chosen] if chosen is not None else await ids_of(session, who, typed, regions)
    rows = await session.execute(
        select(Contact.id, Contact.name, Contact.kind).where(Contact.id.in_(ids), visible_to(who))
    )
    found = {row.id: Side(row.id, row.name, row.kind) for row in rows}
    ranked = [found[id_] for id_ in ids if id_ in found]
    same = [side for side in ranked if fold(side.name) == fold(typed)]
    return (same if len(same) == 1 else ranked)[:CHOICES]

"""Administration pages of roles: what each may do with whose rows and which fields.

Template agents/roles.html: roles: [(Role, how many people have it)] · agents/role.html: role:
Role | None, values by the form's names (`role_form.read`), errors, kinds, covered: [(label,
[(name, label)])], is_fixed (the administrator's), is_seed, saved.
"""

from aiohttp import web
from sqlalchemy import func, select

from callcenter.agents import role_form
from callcenter.agents.models import Role, User
from callcenter.agents.role_form import ADMIN
from callcenter.agents.roles import SEEDS
from callcenter.entity import editing
from callcenter.entity.description import Field
from callcenter.entity.keys import ENTITIES
from callcenter.entity.registry import label_in
from callcenter.errors import BadInput, ChangedMeanwhile, RoleInUse
from callcenter.events import PersonChanged
from callcenter.server.actor import actor
from callcenter.server.body import number_in, path_id, read_form, seen_version
from callcenter.server.errors import refused, sentence, sentences
from callcenter.server.i18n import language_of
from callcenter.server.identity import require
from callcenter.server.keys import BUS, CLOCK, DATABASE
from callcenter.server.pages import redirect, render, translate


async def list_roles(request: web.Request) -> web.Response:
    require(request, "user", "edit", at_least="all")
    people = (
        select(User.role_id, func.count().label("count"))
        .where(User.active)
        .group_by(User.role_id)
        .subquery()
    )
    query = (
        select(Role, func.coalesce(people.c.count, 0))
        .outerjoin(people, people.c.role_id == Role.id)
        .order_by(Role.id)
    )
    async with request.app[DATABASE].read() as session:
        roles = [(role, count) for role, count in await session.execute(query)]
    return render(request, "agents/roles.html", roles=roles)


async def new_role(request: web.Request) -> web.Response:
    """Show the form of a new role, filled as another one is if the address names it."""
    require(request, "user", "edit", at_least="all")
    like = number_in(request.query, "like")
    async with request.app[DATABASE].read() as session:
        model = await session.get(Role, like) if like is not None else None
    blank = Role(name="", version=1, grants={}, fields={}, flags=[])
    values = role_form.values_of(model or blank, request.app[ENTITIES])
    return _form(request, None, values | {"name": "", "version": ""})


async def add_role(request: web.Request) -> web.Response:
    require(request, "user", "edit", at_least="all")
    values, at = await read_form(request), request.app[CLOCK]()
    try:
        form = role_form.read(values, request.app[ENTITIES])
        async with request.app[DATABASE].write() as session:
            role = await role_form.add(session, form, at, actor(request))
    except BadInput as problem:
        return _form(request, None, values, sentences(request, problem))
    return redirect(request, f"/admin/roles/{role.id}?saved=1")


async def show_role(request: web.Request) -> web.Response:
    require(request, "user", "edit", at_least="all")
    role = await editing.found(request, Role)
    return _form(request, role, role_form.values_of(role, request.app[ENTITIES]))


async def change_role(request: web.Request) -> web.Response:
    require(request, "user", "edit", at_least="all")
    role = await editing.found(request, Role)
    values, at = await read_form(request), request.app[CLOCK]()
    try:
        form = role_form.read(values, request.app[ENTITIES])
        async with request.app[DATABASE].write() as session:
            people = await role_form.change(
                session, role.id, form, seen_version(values), at, actor(request)
            )
    except (BadInput, ChangedMeanwhile) as problem:
        return _form(request, role, values, *refused(request, problem))
    for user_id in people:
        request.app[BUS].publish(PersonChanged(at=at.timestamp(), user_id=user_id))
    return redirect(request, f"/admin/roles/{role.id}?saved=1")


async def delete_role(request: web.Request) -> web.Response:
    require(request, "user", "edit", at_least="all")
    role = await editing.found(request, Role)
    try:
        async with request.app[DATABASE].write() as session:
            await role_form.delete(session, path_id(request), request.app[CLOCK](), actor(request))
    except RoleInUse as problem:
        values = role_form.values_of(role, request.app[ENTITIES])
        return _form(request, role, values, {"": sentence(request, problem)}, problem.status)
    return redirect(request, "/admin/roles")


def _form(
    request: web.Request,
    role: Role | None,
    values: dict[str, str],
    errors: dict[str, str] | None = None,
    status: int = 422,
) -> web.Response:
    registry = request.app[ENTITIES]
    covered = [
        (entity, [(name, _text(request, label)) for name, label in named])
        for entity, named in role_form.covered(registry)
    ]
    opened = {
        name.split(".")[1] for name, cover in values.items() if cover and name[:6] == "field."
    }
    return render(
        request, "agents/role.html", status=status if errors else 200, role=role,
        values={"name": "", "version": ""} | values,
        errors=errors or {}, kinds=role_form.kinds(registry), covered=covered,
        actions=role_form.ACTION_LABELS, levels=role_form.LEVEL_LABELS, flags=role_form.FLAGS,
        covers=role_form.COVERS, opened=opened, yes_no=role_form.YES_NO, saved="saved" in request.query,
        is_fixed=role is not None and role.key == ADMIN,
        is_seed=role is not None and role.key in SEEDS,
    )  # fmt: skip


def _text(request: web.Request, label: str | Field) -> str:
    if isinstance(label, str):
        return translate(request, label)
    return label_in(label, language_of(request))


routes = [
    web.get("/admin/roles", list_roles),
    web.get("/admin/roles/new", new_role),
    web.post("/admin/roles", add_role),
    web.get("/admin/roles/{id}", show_role),
    web.post("/admin/roles/{id}", change_role),
    web.post("/admin/roles/{id}/delete", delete_role),
]

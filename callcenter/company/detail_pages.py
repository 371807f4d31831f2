"""The administration page of the company's details.

Template: company/details.html (values, errors, saved, countries: [(code, name)], regions: what is
chosen at each place, first: the countries as the operator set them).
"""

from functools import lru_cache

import msgspec
from aiohttp import web

from callcenter.calls.pbxs import REGIONS
from callcenter.company import details, kept
from callcenter.company.sheets import Values, given, save
from callcenter.errors import BadInput, ChangedMeanwhile
from callcenter.server.body import read_form
from callcenter.server.errors import refused
from callcenter.server.formats import country_name
from callcenter.server.i18n import language_of
from callcenter.server.identity import administrator
from callcenter.server.keys import DATABASE, SETTINGS
from callcenter.server.pages import redirect, render

#: Inputs of the countries whose numbers need no code, in the order they are tried.
PLACES = tuple(f"region{place}" for place in range(1, 7))


async def show_details(request: web.Request) -> web.Response:
    administrator(request)
    async with request.app[DATABASE].read() as session:
        company, version = await kept.versioned(session, details.KEY, details.Details)
    values = msgspec.structs.asdict(company) | {"version": str(version)}
    return _details_form(request, values)


async def save_details(request: web.Request) -> web.Response:
    administrator(request)
    values = await read_form(request)
    if any(name in values for name in PLACES):
        chosen = dict.fromkeys(values.get(name, "") for name in PLACES)
        values["regions"] = ",".join(filter(None, chosen))
    company = msgspec.convert(given(values, details.Details), details.Details)
    try:
        details.check(company, REGIONS)
        await save(request, details.KEY, company, values)
    except (BadInput, ChangedMeanwhile) as problem:
        return _details_form(request, values, *refused(request, problem))
    return redirect(request, "/admin/company?saved=1", whole=True)


def _details_form(
    request: web.Request, values: Values, errors: Values | None = None, status: int = 422
) -> web.Response:
    blank = dict.fromkeys((*details.Details.__struct_fields__, "version"), "")
    chosen, language = values.get("regions", "").split(","), language_of(request)
    names = dict(countries(language))
    first = request.app[SETTINGS].region_list
    return render(
        request, "company/details.html", status=status if errors else 200,
        values=blank | values, errors=errors or {}, saved="saved" in request.query,
        countries=countries(language), first=[names.get(code, code) for code in first],
        regions=list(zip(PLACES, [*chosen, *[""] * len(PLACES)], strict=False)),
    )  # fmt: skip


@lru_cache(8)
def countries(language: str) -> list[tuple[str, str]]:
    """Return the countries by their names in a language; those nearby first."""
    names = {code: country_name(code, language) for code in REGIONS}
    nearby = ("AZ", "TR", "RU", "GE")
    rest = sorted((code for code in REGIONS if code not in nearby), key=lambda code: names[code])
    return [(code, names[code]) for code in (*nearby, *rest)]


routes = [
    web.get("/admin/company", show_details),
    web.post("/admin/company", save_details),
]

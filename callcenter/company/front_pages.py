"""The front of the administration: all its pages in groups, and a search among them.

Template company/front.html (groups: [administration.Group], typed).
"""

from collections.abc import Sequence

from aiohttp import web

from callcenter.crm.names import begins_with_each, fold
from callcenter.errors import NotAllowed
from callcenter.server import administration
from callcenter.server.administration import Group, Page
from callcenter.server.i18n import language_of, translate_to
from callcenter.server.identity import identity
from callcenter.server.keys import BRAND
from callcenter.server.pages import render


async def show(request: web.Request) -> web.Response:
    who = identity(request)
    if not administration.is_shown(who):
        raise NotAllowed
    groups, typed = administration.open_to(who, request.app[BRAND]()), request.query.get("q", "")
    return render(
        request, "company/front.html", groups=found(groups, typed, language_of(request)),
        typed=typed,
    )  # fmt: skip


def found(groups: Sequence[Group], typed: str, language: str) -> list[Group]:
    """Return the pages of which something that is said begins like each word that was typed."""
    words = fold(typed).split()
    kept = (
        Group(group.label, tuple(page for page in group.pages if _has(page, words, language)))
        for group in groups
    )
    return [group for group in kept if group.pages]


def _has(page: Page, words: Sequence[str], language: str) -> bool:
    # English words, too: who set up other products knows things by them.
    said = " ".join(
        (translate_to(language, page.label), translate_to(language, page.tells), page.label)
    )
    return begins_with_each(fold(said), words)


routes = [web.get("/admin", show)]

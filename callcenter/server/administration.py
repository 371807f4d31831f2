"""The map of the administration: its pages in groups, and whom each is for.

The landing page, the list beside each page and the search box all go by it. A page that is not on
the map is part of the one whose address its own begins with: a person's, of the people.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from callcenter.server.brand import AS_DELIVERED, Brand
from callcenter.server.identity import LEVELS, Identity, Level, may


def _(message: str) -> str:
    return message


class Right(NamedTuple):
    """What one must be allowed to do."""

    entity: str
    action: str
    at_least: Level = "own"


class Page(NamedTuple):
    path: str
    icon: str
    label: str
    tells: str
    #: None: it is for whoever keeps the settings.
    right: Right | None = None
    #: The module that switches it off.
    module: str = ""
    #: Where pages begin that belong to it besides those below its own address.
    also: tuple[str, ...] = ()

    def has(self, path: str) -> bool:
        """Return whether an address is this page's, or of a page that belongs to it."""
        return any(path == at or path.startswith(f"{at}/") for at in (self.path, *self.also))


class Group(NamedTuple):
    label: str
    pages: tuple[Page, ...]


_ALL_PEOPLE: Final = Right("user", "edit", "all")
_START: Final = Page(
    "/admin/start", "list-checks", _("First steps"),
    _("What a new installation needs, what is done of it, and what is left."),
)  # fmt: skip
_NUMBERING: Final = Page(
    "/admin/numbering", "hash", _("Numbering"),
    _("How the numbers of new records look, and where they begin."),
)  # fmt: skip

GROUPS: Final = (
    Group(_("Company"), (
        _START,
        Page(
            "/admin/company", "building-2", _("Company"),
            _("Name, address, language of pages, and the countries whose numbers need no code."),
        ),
        Page(
            "/admin/hours", "clock", _("Working hours"),
            _("When the company and its teams are there, and on which holidays they are not."),
        ),
        Page(
            "/admin/industries", "layout-template", _("Industry templates"),
            _("Lists, fields, stages and tags that shops, clinics, banks and others begin with."),
        ),
        Page("/admin/look", "palette", _("Look"), _("Logo, colours and letters, with a preview.")),
        Page(
            "/admin/modules", "toggle-right", _("Modules"),
            _("Which parts of the product are switched on."),
        ),
    )),
    Group(_("People and rights"), (
        Page(
            "/admin/people", "users-round", _("People and teams"),
            _("Who signs in, in which role and team, with which phones; hand work over."),
            Right("user", "read"), also=("/admin/teams", "/admin/phones"),
        ),
        Page(
            "/admin/roles", "shield-check", _("Roles"),
            _("What a role may do, with whose records, and which fields it sees."), _ALL_PEOPLE,
        ),
        Page(
            "/admin/tokens", "key-round", _("API tokens"),
            _("Which programs come in by which token, and how to shut one out."), _ALL_PEOPLE,
        ),
    )),
    Group(_("Customers and work"), (
        Page(
            "/admin/lists", "list", _("Lists"),
            _("What one chooses from: sources, industries, results, reasons, in four languages."),
            also=("/admin/options",),
        ),
        Page(
            "/admin/fields", "text-cursor-input", _("Fields"),
            _("Fields of your own on customers, leads and the rest, there at once."),
            also=("/admin/field",),
        ),
        Page(
            "/admin/pipelines", "columns-3", _("Pipelines"),
            _("The stages that work goes through, and what each asks for."),
            also=("/admin/stages",),
        ),
        Page(
            "/admin/rules", "workflow", _("Rules"),
            _("What happens by itself: if this, then that; who gets what comes in."),
        ),
        Page(
            "/admin/forms", "clipboard-list", _("Web forms"),
            _("Forms for your site; what people send becomes a lead."), module="leads",
        ),
        _NUMBERING,
    )),
    Group(_("Calls"), (
        Page(
            "/admin/pbx", "server", _("PBX and trunks"),
            _("Which Asterisk we listen to, its account and trunks, and how the link is."),
            Right("pbx", "read"),
        ),
        Page(
            "/phones", "phone", _("Shared phones"),
            _("Hot desks: phones that are nobody's own, and who sits at which."),
            Right("state", "read"), "seats", also=("/admin/seats",),
        ),
    )),
    Group(_("Messages"), (
        Page(
            "/admin/mail", "mail", _("E-mail"),
            _("Mailboxes: where letters are fetched from, and sent by."),
        ),
        Page(
            "/admin/templates", "file-text", _("Letter templates"),
            _("Texts that letters begin with, in four languages."),
        ),
        Page(
            "/admin/sms", "message-square", _("SMS"),
            _("Whether messages can be sent, and one to try it."),
        ),
    )),
    Group(_("System"), (
        Page(
            "/admin/jobs", "hourglass", _("Jobs"),
            _("What the installation does by itself: what waits, and what was given up."),
        ),
    )),
)  # fmt: skip


def open_to(who: Identity, brand: Brand = AS_DELIVERED) -> list[Group]:
    """Return the groups with the pages that `who` may open and that this house has."""
    groups = (Group(group.label, _open(group.pages, who, brand)) for group in GROUPS)
    return [group for group in groups if group.pages]


def is_shown(who: Identity) -> bool:
    """Return whether the administration is anything to `who`: he may look at people, or more."""
    return "settings" in who.flags or may(who, "user", "read") != "none"


def page_of(groups: Sequence[Group], path: str) -> Page | None:
    """Return the page that an address belongs to."""
    return next((page for group in groups for page in group.pages if page.has(path)), None)


def _open(pages: Sequence[Page], who: Identity, brand: Brand) -> tuple[Page, ...]:
    without = {
        *(() if brand.has_steps else (_START,)), *(() if brand.has_numbers else (_NUMBERING,)),
    }  # fmt: skip
    return tuple(
        page
        for page in pages
        if page not in without and page.module not in brand.off and _may(who, page.right)
    )


def _may(who: Identity, right: Right | None) -> bool:
    if right is None:
        return "settings" in who.flags
    level = may(who, right.entity, right.action)
    return LEVELS.index(level) >= LEVELS.index(right.at_least)

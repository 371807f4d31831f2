"""Where the navigation leads, and by which keys: the rail, the list of keys and the search box go by it."""

from typing import Final, NamedTuple

from callcenter.server import administration
from callcenter.server.brand import AS_DELIVERED, Brand
from callcenter.server.identity import Identity, may


def _(message: str) -> str:
    return message


class Way(NamedTuple):
    path: str
    icon: str
    label: str
    #: The letter that leads there after G; "" if none does.
    key: str = ""
    #: The entity one must be allowed to read; "": it is for everybody.
    reads: str = ""
    #: The module that switches it off.
    module: str = ""
    #: Asked for how many things wait there.
    waiting: str = ""


_WORK: Final = (
    Way("/my-day", "sun", _("My day"), "t", "interaction"),
    Way("/desk", "headset", _("Desk"), "d"),
    Way("/contacts", "users", _("Contacts"), "c"),
    Way("/calls", "phone", _("Calls"), "k", "call"),
    Way("/interactions/expected", "calendar-check", _("Expected interactions"), "i", "interaction"),
    Way(
        "/next-actions", "list-todo", _("Without next action"), "w", "interaction",
        waiting="/next-actions/count",
    ),
    Way("/calendar", "calendar-days", _("Calendar"), "e", "interaction"),
    Way("/mail", "mail", _("E-mail"), "m", "interaction"),
)  # fmt: skip
_BOARD: Final = Way("/board", "layout-dashboard", _("Board"), "b", "board", "board")
_ADMINISTRATION: Final = Way("/admin", "settings", _("Administration"), "a")
NOTICES: Final = Way("/notices", "bell", _("Notices"), "n", waiting="/notices/count")


def ways(who: Identity, brand: Brand = AS_DELIVERED) -> list[Way]:
    """Return where `who` can go, as it stands in the rail."""
    stops = (
        Way(stop.path, stop.icon, stop.label, stop.key, stop.entity, stop.module)
        for stop in brand.stops
    )
    offered = [
        way
        for way in (*_WORK, *stops, _BOARD)
        if way.module not in brand.off and (not way.reads or may(who, way.reads, "read") != "none")
    ]
    return [*offered, *([_ADMINISTRATION] if administration.is_shown(who) else ()), NOTICES]

"""What blocks of one kind have in common: their keys, learned once.

Asterisk writes every Newchannel with the same keys in the same order, so a block needs
only be cut into keys and values and its keys compared with those seen before; what the
keys mean (lower case, repeated, a channel variable) is known from the first time.
"""

from typing import Final, NamedTuple

#: Blocks of more shapes than any PBX has are read the careful way.
_SHAPES_MAX: Final = 4_000


class Shape(NamedTuple):
    """The keys of a block, as written and as they are meant."""

    written: list[str]
    #: Where the value of each lower-case key stands, variables left out.
    places: dict[str, int]
    #: Channel variables: their kind and the slice of values they are.
    variables: tuple[tuple[str, slice], ...]
    #: Where the time of the event stands, if it has one.
    stamp: int | None
    is_event: bool


_usual: Final[dict[tuple[str, int], Shape]] = {}
_known: Final[dict[tuple[str, ...], Shape]] = {}


def shape_of(text: str, parts: list[str]) -> Shape | None:
    """Return the shape of a block, or None if it must be read line by line.

    `parts` is `text` cut at every line's end and every ": ", so that keys and values take turns
    unless a value has such a mark in it, or a line has none.
    """
    if len(parts) != 2 * text.count("\n") + 2:
        return None
    kind = (parts[1], len(parts))
    written = parts[::2]
    shape = _usual.get(kind)
    if shape is not None and shape.written == written:
        return shape
    shape = _known.get(tuple(written)) or _learned(text, written)
    if shape is not None and len(_usual) < _SHAPES_MAX:
        _usual[kind] = shape
    return shape


def _learned(text: str, written: list[str]) -> Shape | None:
    lines = text.split("\r\n")
    if [line.partition(": ")[0] for line in lines] != written or len(_known) >= _SHAPES_MAX:
        return None
    places: dict[str, int] = {}
    runs: list[tuple[str, int, int]] = []
    for position, key in enumerate(map(str.lower, written)):
        if is_variable(key):
            kind = variable_kind(key)
            if runs and runs[-1][0] == kind and runs[-1][2] == position:
                runs[-1] = (kind, runs[-1][1], position + 1)
            else:
                runs.append((kind, position, position + 1))
        else:
            places.setdefault(key, position)
    scattered = len({kind for kind, _, _ in runs}) < len(runs)
    if scattered or "output" in places or "" in written or 0 not in places.values():
        return None
    shape = Shape(
        written,
        places,
        tuple((kind, slice(start, stop)) for kind, start, stop in runs),
        places.get("timestamp"),
        places.get("event") == 0,
    )
    _known[tuple(written)] = shape
    return shape


def is_variable(key: str) -> bool:
    return key.endswith("variable") or key.startswith("chanvariable(")


def variable_kind(key: str) -> str:
    """Return "chanvariable" also for "chanvariable(pjsip/1001-0000000a)".

    OriginateResponse alone writes the channel into the key.
    """
    return key.partition("(")[0]

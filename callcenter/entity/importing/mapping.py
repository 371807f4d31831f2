"""Which column goes to which field.

Guessed from the headings, in this order: what somebody chose for the same headings before;
how a product we know calls its columns (`Entity.exports`); the field's label in any language;
its aliases. A person can change each of them.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from callcenter.entity.description import Entity, Field
from callcenter.entity.facts import list_of
from callcenter.entity.importing.headings import plain
from callcenter.entity.importing.repairs import Order, order_of
from callcenter.entity.registry import label_in
from callcenter.server.i18n import CODES, translate_to


def _(message: str) -> str:
    return message


ROW, FIELD, PROBLEM = _("Row"), _("Field"), _("What is wrong")

#: A product's export is recognised by so many of its headings.
_FEWEST_HEADINGS = 4
#: "Phone 2" is another phone.
_NUMBERED = re.compile(r" ?\d+$| ?\d+(?= ?[:-] )| - value$", re.IGNORECASE)
#: Shorter words are parts of too many others.
_LEAST_ALIKE = 5


class Column(msgspec.Struct, frozen=True, kw_only=True):
    """A column of the file and where it goes; without a field, nowhere."""

    heading: str
    field: str = ""
    #: Of dates: in which order they are written; "" if nobody can tell.
    order: Order = ""


class Guess(msgspec.Struct, frozen=True, kw_only=True):
    columns: list[Column]
    #: The product whose export this is, "" if none we know.
    product: str = ""
    remembered: bool = False


def guess(
    header: Sequence[str],
    samples: Sequence[Sequence[str]],
    entity: Entity,
    fields: Mapping[str, Field],
    remembered: Mapping[str, str] | None,
) -> Guess:
    """Return where each column goes. `remembered` is {plain heading: field}; `fields` may be written."""
    headings = [plain(heading) for heading in header]
    product = product_of(headings, entity)
    known = _known(fields)
    known |= _beside(headings, known, fields)
    if product:
        own = {plain(heading): name for heading, name in entity.exports[product].items()}
        known |= {heading: name for heading, name in own.items() if name in fields or not name}
    if remembered is not None:
        known = {heading: name for heading, name in remembered.items() if name in fields}
    if _is_our_report(headings):
        known |= dict.fromkeys(headings[:3], "")
    columns = list(_columns(header, headings, samples, known, fields))
    return Guess(columns=columns, product=product, remembered=remembered is not None)


def product_of(headings: Sequence[str], entity: Entity) -> str:
    """Return the product whose headings these are, "" if it is none we know."""
    given = set(headings)
    hits = {
        product: len(given & {plain(heading) for heading in columns})
        for product, columns in entity.exports.items()
    }
    best = max(hits, key=lambda product: hits[product], default="")
    return best if best and hits[best] >= _FEWEST_HEADINGS else ""


def fingerprint(header: Sequence[str]) -> str:
    """Return by what a choice for these headings is remembered, whatever their order.

    Rows that were refused come back with the choice that was made for the whole file.
    """
    headings = [plain(heading) for heading in header]
    own = headings[3:] if _is_our_report(headings) else headings
    text = "\n".join(sorted(set(own)))
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _is_our_report(headings: Sequence[str]) -> bool:
    """Return whether these are rows that were refused before, beside what was wrong with them."""
    return any(
        list(headings[:3]) == [plain(translate_to(code, word)) for word in (ROW, FIELD, PROBLEM)]
        for code in CODES
    )


def takes_several(field: Field) -> bool:
    """Return whether several columns may go to a field: phones do, a city does not."""
    return field.virtual is not None or bool(field.several or list_of(field.name))


def _known(fields: Mapping[str, Field]) -> dict[str, str]:
    """Return {plain heading: field}; a label goes before another field's alias."""
    known = {plain(alias): name for name, field in fields.items() for alias in field.aliases}
    for name, field in fields.items():
        known |= {plain(text): name for text in _labels(field)}
    return known


def _beside(
    headings: Sequence[str], known: Mapping[str, str], fields: Mapping[str, Field]
) -> dict[str, str]:
    """Return what headings mean because of the columns beside them, if none means it by itself."""
    found = {known.get(heading) for heading in headings}
    return {
        plain(alias): name
        for name, field in fields.items()
        for beside, aliases in field.aliases_beside.items()
        if beside in found and name not in found
        for alias in aliases
    }


def _labels(field: Field) -> Iterable[str]:
    yield field.name
    if field.is_custom:
        yield field.key
        yield from field.labels.values()
    else:
        yield from (label_in(field, code) for code in CODES)


def _columns(
    header: Sequence[str],
    headings: Sequence[str],
    samples: Sequence[Sequence[str]],
    known: Mapping[str, str],
    fields: Mapping[str, Field],
) -> Iterator[Column]:
    taken: set[str] = set()
    for place, heading in enumerate(headings):
        name = known.get(
            plain(_NUMBERED.sub("", header[place])) if heading not in known else heading
        )
        name = _alike(heading, known, fields) if name is None else name
        if name in taken and not takes_several(fields[name]):
            name = ""
        taken |= {name} - {""}
        cells = [row[place] for row in samples if place < len(row)]
        yield filled(Column(heading=header[place], field=name), fields, cells)


def _alike(heading: str, known: Mapping[str, str], fields: Mapping[str, Field]) -> str:
    """Return the list whose name is a part of the heading: "Telefon (ev)", "E-mail 2"."""
    for word, name in known.items():
        virtual = fields[name].virtual if name else None
        if len(word) >= _LEAST_ALIKE and word in heading and virtual is not None and virtual.alike:
            return name
    return ""


def filled(column: Column, fields: Mapping[str, Field], cells: Iterable[str]) -> Column:
    """Return the column with what follows from its field and its cells."""
    field = fields.get(column.field)
    if field is None:
        return Column(heading=column.heading)
    if field.type in ("date", "datetime"):
        return msgspec.structs.replace(column, order=column.order or order_of(cells))
    return column

"""Which column goes to which field.

Guessed from the headings, in this order: what somebody chose for the same headings before;
how a product we know calls its columns (`Entity.exports`); the field's label in any language;
its aliases. A person can change each of them.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from callcenter.entity.description import Entity, Field
from callcenter.entity.importing.headings import plain
from callcenter.entity.importing.repairs import Order, order_of
from callcenter.server.i18n import CODES, translate_to

#: A product's export is recognised by so many of its headings.
_FEWEST_HEADINGS = 4
#: What a heading says of a number, by the beginnings of its words without case and accents.
_LABELS = {
    "mobile": ("mobil", "cell", "gsm", "cep", "моб", "сотов"),
    "fax": ("fax", "faks", "факс"),
    "home": ("home", "ev", "дом"),
    "work": ("work", "office", "business", "is", "ofis", "раб"),
}


class Column(msgspec.Struct, frozen=True, kw_only=True):
    """A column of the file and where it goes; without a field, nowhere."""

    heading: str
    field: str = ""
    #: Of dates: in which order they are written; "" if nobody can tell.
    order: Order = ""
    #: Of phones: what the heading says of them.
    label: str = ""


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
    if product:
        own = {plain(heading): name for heading, name in entity.exports[product].items()}
        known |= {heading: name for heading, name in own.items() if name in fields or not name}
    if remembered is not None:
        known = {heading: name for heading, name in remembered.items() if name in fields}
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
    """Return by what a choice for these headings is remembered, whatever their order."""
    text = "\n".join(sorted({plain(heading) for heading in header}))
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def takes_several(field: Field) -> bool:
    """Return whether several columns may go to a field: phones do, a name does not."""
    return field.virtual is not None


def _known(fields: Mapping[str, Field]) -> dict[str, str]:
    """Return {plain heading: field}; a label goes before another field's alias."""
    known = {plain(alias): name for name, field in fields.items() for alias in field.aliases}
    for name, field in fields.items():
        known |= {plain(text): name for text in _labels(field)}
    return known


def _labels(field: Field) -> Iterable[str]:
    yield field.name
    if field.is_custom:
        yield field.key
        yield from field.labels.values()
    else:
        yield from (translate_to(code, field.label) for code in CODES)


def _columns(
    header: Sequence[str],
    headings: Sequence[str],
    samples: Sequence[Sequence[str]],
    known: Mapping[str, str],
    fields: Mapping[str, Field],
) -> Iterator[Column]:
    taken: set[str] = set()
    for place, heading in enumerate(headings):
        name = known.get(heading, "")
        if name in taken and not takes_several(fields[name]):
            name = ""
        taken |= {name} - {""}
        cells = [row[place] for row in samples if place < len(row)]
        yield filled(Column(heading=header[place], field=name), fields, cells)


def filled(column: Column, fields: Mapping[str, Field], cells: Iterable[str]) -> Column:
    """Return the column with what follows from its field and its cells."""
    field = fields.get(column.field)
    if field is None:
        return Column(heading=column.heading)
    if field.type in ("date", "datetime"):
        return msgspec.structs.replace(column, order=column.order or order_of(cells))
    if field.type == "phone" and takes_several(field):
        return msgspec.structs.replace(column, label=_label_of(column.heading))
    return column


def _label_of(heading: str) -> str:
    words = [plain(word) for word in heading.replace("-", " ").split()]
    for label, beginnings in _LABELS.items():
        for word in words:
            if any(
                word == each or (len(each) > 2 and word.startswith(each)) for each in beginnings
            ):
                return label
    return ""

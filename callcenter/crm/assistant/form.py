"""What the assistant asks for, and what somebody wrote: fields, numbers and addresses, people."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from multidict import MultiDictProxy

from callcenter.crm.contacts import points
from callcenter.crm.contacts.points import PointForm
from callcenter.crm.duplicates.facts import Typed, TypedPoint
from callcenter.crm.registers.entries import Entry
from callcenter.entity.description import Field
from callcenter.entity.reading import Context, Unreadable, read_text
from callcenter.errors import BadInput


def _(message: str) -> str:
    return message


class Group(NamedTuple):
    """Fields that stand together; `kind` is whom they are asked of, empty if everybody."""

    name: str
    heading: str
    kind: str
    fields: tuple[str, ...]


ROLES: Final = ("is_customer", "is_supplier", "is_competitor", "is_carrier", "is_dealer")
GROUPS: Final = (
    Group("person", _("Name"), "person", ("given_name", "family_name", "middle_name")),
    Group("company", _("Name"), "company", ("name", "legal_name", "legal_form_id", "industry_id")),
    Group("legal", _("Legal entity or sole trader"), "", ("tax_id", "branch_code", "registration_no")),
    Group("bank", _("Bank account"), "company", ("bank_name", "bank_code", "bank_account")),
    Group("place", _("Place and language"), "", ("country", "city", "language")),
    Group("more", _("More"), "", ("source_id", "description")),
)  # fmt: skip
#: Asked of a person: where he works, and as what.
WORK: Final = ("company", "title")
#: People of a company that are added with it.
MOST_PEOPLE: Final = 20


_FROM_REGISTER: Final = ("legal_name", "registration_no", "country", "city")


class PointRow(NamedTuple):
    kind: str = "phone"
    value: str = ""
    label: str = ""


class PersonRow(NamedTuple):
    name: str = ""
    title: str = ""
    phone: str = ""


class Written(NamedTuple):
    """The form as it was sent; nothing of it is lost when it is shown again."""

    values: Mapping[str, str]
    points: Sequence[PointRow]
    people: Sequence[PersonRow]

    @property
    def kind(self) -> str:
        return "company" if self.values.get("kind") == "company" else "person"


class Partner(NamedTuple):
    """What is to be saved: the fields of the contact, its employer's name, and its people's fields."""

    given: dict[str, Any]
    employer: str
    people: list[dict[str, Any]]


def written(form: MultiDictProxy[Any]) -> Written:
    """Return what was sent."""
    rows = [PointRow(*row) for row in _rows(form, "point", PointRow._fields)]
    people = [PersonRow(*row) for row in _rows(form, "person", PersonRow._fields)]
    values = {name: str(value).strip() for name, value in form.items()}
    return Written(values, rows[: points.MOST], people[:MOST_PEOPLE])


def _rows(form: MultiDictProxy[Any], name: str, parts: Sequence[str]) -> Iterator[Sequence[str]]:
    """Return the rows of a list in the form: its n-th row is the n-th of each column."""
    columns = (form.getall(f"{name}_{part}", []) for part in parts)
    return zip(*([str(value).strip() for value in column] for column in columns), strict=False)


def asked(kind: str) -> list[str]:
    """Return the names of the fields that a partner of this kind is asked for."""
    names = [name for group in GROUPS if group.kind in ("", kind) for name in group.fields]
    return [*ROLES, *names, *(["title"] if kind == "person" else [])]


def read(form: Written, fields: Mapping[str, Field], context: Context) -> Partner:
    """Return what the form says. Raises BadInput, naming each field."""
    given: dict[str, Any] = {"kind": form.kind}
    wrong: dict[str, str] = {}
    for name in asked(form.kind):
        text = form.values.get(name, "")
        try:
            field = fields[name]
            value = read_text(field, text.upper() if name == "country" else text, context)
        except Unreadable as error:
            wrong[name] = error.sentence
            continue
        if value is not None:
            given[name] = value
    given["points"] = [_point(row) for row in form.points if row.value]
    if wrong:
        raise BadInput(wrong)
    people = [_person(row) for row in form.people if row.name] if form.kind == "company" else []
    return Partner(given, form.values.get("company", "") if form.kind == "person" else "", people)


def filled(form: Written, found: Entry) -> Written:
    """Return the form with what a register says where nothing was written."""
    said = {name: found.text(name) for name in _FROM_REGISTER}
    said["name"] = found.text("short_name") or found.text("name") or found.text("legal_name")
    kept = {name: value for name, value in form.values.items() if value}
    values = {**form.values, **{name: text for name, text in said.items() if text}, **kept}
    rows = [row for row in form.points if row.value]
    known = {row.kind for row in rows}
    rows += [PointRow("phone", number, "main") for number in found.phones if "phone" not in known]
    rows += [PointRow("email", address) for address in found.emails if "email" not in known]
    return Written({**values, "register": "1"}, rows or form.points, form.people)


def _point(row: PointRow) -> PointForm:
    kind: Any = row.kind if row.kind in points.KINDS else "phone"
    label: Any = row.label if row.label in points.LABELS else None
    return PointForm(kind=kind, value=row.value, label=label)


def _person(row: PersonRow) -> dict[str, Any]:
    given: dict[str, Any] = {"kind": "person", "name": row.name, "title": row.title or None}
    return given | {"points": [PointForm(value=row.phone)] if row.phone else []}


def typed(form: Written) -> Typed:
    """Return what is compared with the contacts there are; what is unfinished is left out."""
    values = form.values
    parts = ("name",) if form.kind == "company" else ("given_name", "middle_name", "family_name")
    return Typed(
        kind=form.kind,
        name=" ".join(filter(None, (values.get(part, "") for part in parts))),
        legal_name=values.get("legal_name", "") if form.kind == "company" else "",
        company=values.get("company", "") if form.kind == "person" else "",
        country=values.get("country", "").upper(),
        city=values.get("city", ""),
        tax_id=values.get("tax_id", ""),
        branch_code=values.get("branch_code", ""),
        registration_no=values.get("registration_no", ""),
        points=[TypedPoint(kind=_point(row).kind, value=row.value) for row in form.points],
    )

"""What a form asks for, in the visitor's language, and what somebody sent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from callcenter.entity.description import Field
from callcenter.entity.reading import Context, Unreadable, read_text
from callcenter.entity.registry import Registry, label_in
from callcenter.errors import BadInput
from callcenter.leads.webforms.models import WebForm
from callcenter.server.body import MISSING
from callcenter.server.i18n import translate_to

#: Fields of a lead that a stranger may fill in; those that administrators have added join them.
OFFERED: Final = (
    "person", "phone", "email", "company", "subject", "message", "product", "amount", "currency",
    "region", "business_line_id",
)  # fmt: skip
#: Types of own fields that a plain form can ask for.
PLAIN: Final = (
    "text", "long_text", "integer", "number", "money", "date", "bool", "choice", "option", "phone",
    "email", "url",
)  # fmt: skip
#: What tells where on the web somebody came from.
UTM: Final = (
    "utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "referrer", "page",
)  # fmt: skip
#: So much of each is kept.
UTM_LETTERS: Final = 500
#: The field that only machines fill in.
TRAP: Final = "website"
_KINDS: Final = {
    "long_text": "area", "option": "choice", "choice": "choice", "bool": "check", "phone": "tel",
    "email": "email", "date": "date", "url": "url",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asked:
    """One field of a form as the world sees it."""

    name: str
    label: str
    kind: str
    required: bool
    limit: int
    options: Sequence[tuple[str, str]] = ()


def offered(registry: Registry) -> dict[str, Field]:
    """Return the fields that a form may have."""
    return {
        name: field
        for name, field in registry.fields("lead").items()
        if name in OFFERED or (field.is_custom and field.type in PLAIN)
    }


def asked(form: WebForm, registry: Registry, language: str) -> list[Asked]:
    """Return the fields of a form; one that is gone meanwhile is left out."""
    fields = offered(registry)
    return [
        _asked(fields[one["name"]], bool(one.get("required")), registry, language)
        for one in form.fields
        if one["name"] in fields
    ]


def _asked(field: Field, required: bool, registry: Registry, language: str) -> Asked:
    options: list[tuple[str, str]] = []
    if field.type == "option":
        listed = registry.list(field.options)
        options = [(str(one.id), one.text(language)) for one in listed if one.active]
    elif field.type == "choice":
        options = [(key, translate_to(language, word)) for key, word in field.choices.items()]
    kind = _KINDS.get(field.type, "text")
    return Asked(field.name, label_in(field, language), kind, required, field.limit, options)


def sent(form: WebForm, values: Mapping[str, str]) -> dict[str, str]:
    """Return what was sent of what the form asks for, as it was sent."""
    names = [one["name"] for one in form.fields]
    return {name: text for name in names if (text := values.get(name, "").strip())}


def utm(values: Mapping[str, str]) -> dict[str, str]:
    return {name: text[:UTM_LETTERS] for name in UTM if (text := values.get(name, "").strip())}


def read(form: WebForm, texts: Mapping[str, str], context: Context) -> dict[str, Any]:
    """Return what a lead holds of what was sent. Raises BadInput, naming each field."""
    fields = offered(context.registry)
    given: dict[str, Any] = {}
    wrong: dict[str, str] = {}
    for one in form.fields:
        name = one["name"]
        if name not in fields:
            continue
        try:
            value = read_text(fields[name], texts.get(name, ""), context)
        except Unreadable as problem:
            wrong[name] = problem.sentence
            continue
        if value is None and one.get("required"):
            wrong[name] = MISSING
        elif value is not None:
            given[name] = value
    if wrong:
        raise BadInput(wrong)
    return given


def text_in(texts: Mapping[str, Any], language: str) -> str:
    """Return a text in a language, or else in any that there is."""
    return str(texts.get(language) or next((one for one in texts.values() if one), ""))

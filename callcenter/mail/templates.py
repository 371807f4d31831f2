"""Texts that letters are made from: what may stand in them, and what becomes of it.

A template is Jinja2 in a sandbox, and of that only values, filters, conditions and joined texts:
no loops, no calls, nothing that could run for ever. A value that does not exist is named when the
template is saved, not when a customer reads it.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from jinja2 import TemplateSyntaxError, nodes
from jinja2.sandbox import SandboxedEnvironment

from callcenter.errors import Sentence


def _(message: str) -> str:
    return message


LANGUAGES: Final = ("az", "tr", "ru", "en")
SUBJECT_LETTERS: Final = 300
BODY_LETTERS: Final = 20_000

#: What a template may say, and what stands for it where a template is shown to its maker.
VALUES: Final[Mapping[str, Mapping[str, str]]] = {
    "contact": {
        "name": "Zoë Əliyeva", "given_name": "Zoë", "family_name": "Əliyeva", "company": "Xəzər MMC",
        "title": "Direktor", "city": "Bakı",
    },
    "user": {"name": "Aygün Əliyeva", "email": "aygun@dalga.example"},
    "company": {"name": "Dalğa Servis"},
    "today": {"date": "22.11.2026"},
}  # fmt: skip

UNKNOWN: Final = _("Nothing is called {names} here. There are: {known}.")
NOT_HERE: Final = _("Line {line}: only values, filters and conditions may stand in a template.")
BROKEN: Final = _("Line {line} is not complete: {says}")
TOO_LONG: Final = _("This is too long: up to {letters} characters.")
NO_TEXT: Final = _("Write subject and text in at least one language.")

_FILTERS: Final = frozenset(("capitalize", "default", "lower", "title", "trim", "upper"))
_ALLOWED: Final = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Getattr, nodes.Filter,
    nodes.If, nodes.Const, nodes.And, nodes.Or, nodes.Not, nodes.Compare, nodes.Operand,
    nodes.Concat, nodes.CondExpr,
)  # fmt: skip

_environment: Final = SandboxedEnvironment(autoescape=False, keep_trailing_newline=True)


def known() -> list[str]:
    return [f"{thing}.{name}" for thing, names in VALUES.items() for name in names]


def wrong_with(text: str, letters: int) -> str | None:
    """Return what is wrong with a template's text, None if it can be used."""
    if len(text) > letters:
        return Sentence(TOO_LONG, letters=letters)
    try:
        tree = _environment.parse(text)
    except TemplateSyntaxError as error:
        return Sentence(BROKEN, line=error.lineno, says=error.message or "")
    for node in _all(tree):
        if not isinstance(node, _ALLOWED) or (
            isinstance(node, nodes.Filter) and node.name not in _FILTERS
        ):
            return Sentence(NOT_HERE, line=node.lineno)
    unknown = sorted({name for name in _named(tree) if name not in known()})
    if unknown:
        return Sentence(UNKNOWN, names=", ".join(unknown), known=", ".join(known()))
    return None


def _all(node: nodes.Node) -> Iterator[nodes.Node]:
    yield node
    for child in node.iter_child_nodes():
        yield from _all(child)


def _named(node: nodes.Node) -> Iterator[str]:
    """Return the values that are asked for, as they are written: "contact.name"."""
    if isinstance(node, nodes.Getattr) and isinstance(node.node, nodes.Name):
        yield f"{node.node.name}.{node.attr}"
        return
    if isinstance(node, nodes.Getattr):
        yield f"….{node.attr}"
        return
    if isinstance(node, nodes.Name):
        yield node.name
        return
    for child in node.iter_child_nodes():
        yield from _named(child)


def fill(text: str, values: Mapping[str, Mapping[str, str]]) -> str:
    """Return a template's text with its values; what is not known of somebody is nothing."""
    whole = {
        thing: {name: values.get(thing, {}).get(name, "") for name in names}
        for thing, names in VALUES.items()
    }
    return _environment.from_string(text).render(whole)


def in_language(texts: Mapping[str, Any], wanted: str, fallback: str) -> Mapping[str, str]:
    """Return subject and body in the wanted language, or in one that the template is written in."""
    written = [code for code in LANGUAGES if texts.get(code, {}).get("body")]
    language = next(
        (code for code in (wanted, fallback) if code in written), (written or ["en"])[0]
    )
    found: Mapping[str, str] = texts.get(language, {"subject": "", "body": ""})
    return found

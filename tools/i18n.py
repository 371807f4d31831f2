"""Keeps the translations complete: `update` takes new texts into the catalogues, `check` names what lacks.

Texts are English message ids in `web/templates` and in Python (`_("…")`); catalogues
are `web/locale/<language>/LC_MESSAGES/callcenter.po`. The English one repeats the ids,
so that it can be edited like the others. Compiled files are never written: the
service compiles the catalogues when it starts.
"""

import re
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
LANGUAGES = ("az", "tr", "ru", "en")
#: What only the command line says stays English, like its commands.
COMMANDS = (
    "ami/**", "bench/**", "demo/**", "migrations/**", "simulator/**",
    "**/cli.py", "cli.py", "doctor/*.py", "replay.py", "serve.py", "trace.py",
)  # fmt: skip
METHODS = {
    "callcenter": [*((pattern, "ignore") for pattern in COMMANDS), ("**.py", "python")],
    "web/templates": [("**.html", "jinja2"), ("**.txt", "jinja2")],
}
JINJA = {"**.html": {"trimmed": "true"}, "**.txt": {"trimmed": "true"}}
#: `{name}` and `%(name)s`: a translation must have the same ones.
FIELDS = re.compile(r"\{(\w*)\}|%\((\w+)\)[sd]")


def main(arguments: list[str]) -> int:
    """Run `update` or `check`; return the exit status."""
    match arguments:
        case ["update"]:
            update(ROOT)
            return 0
        case ["check"]:
            problems = list(check(ROOT))
            print("\n".join(problems) or "The translations are complete.")
            return 1 if problems else 0
        case _:
            print("usage: tools/i18n.py update | check", file=sys.stderr)
            return 2


def extract(root: Path) -> Catalog:
    """Return every text there is, with the files it stands in."""
    template = Catalog(project="callcenter", charset="utf-8")
    for folder, methods in METHODS.items():
        found = extract_from_dir(root / folder, methods, JINJA, comment_tags=("Translators:",))
        for name, _line, message, comments, context in found:
            place = [(f"{folder}/{name}", None)]
            template.add(message, None, place, auto_comments=comments, context=context)  # type: ignore[arg-type]
    return template


def update(root: Path) -> None:
    template = extract(root)
    for language in LANGUAGES:
        file = path_of(root, language)
        catalogue = read(file, language)
        catalogue.update(template, no_fuzzy_matching=True)
        catalogue.obsolete.clear()
        if language == "en":
            fill_with_ids(catalogue)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(written(catalogue))


def check(root: Path) -> Iterator[str]:
    """Yield a line for each thing that is missing, fuzzy, left over or has other fields."""
    template = extract(root)
    for language in LANGUAGES:
        file = path_of(root, language)
        if not file.exists():
            yield f"{language}: {file.relative_to(root)} is missing; run tools/i18n.py update"
            continue
        catalogue = read(file, language)
        for message in texts(template):
            if (problem := fault(catalogue, message)) is not None:
                yield f"{language}: {problem}: {message.id!r}"
        known = {message.id for message in texts(template)}
        for message in texts(catalogue):
            if message.id not in known:
                yield f"{language}: no longer used, run tools/i18n.py update: {message.id!r}"


def fault(catalogue: Catalog, wanted: Message) -> str | None:
    """Return what is wrong with the translation of `wanted`, None if nothing is."""
    found = catalogue.get(wanted.id, wanted.context)
    if found is None:
        return "not in the catalogue, run tools/i18n.py update"
    forms = strings(found.string)
    if found.fuzzy:
        return "fuzzy"
    if len(forms) < (catalogue.num_plurals if wanted.pluralizable else 1) or not all(forms):
        return "not translated"
    if any(fields(form) != fields(strings(wanted.id)[-1]) for form in forms):
        return "other fields than the original"
    return None


def fields(text: str) -> set[str]:
    return {one or other for one, other in FIELDS.findall(text)}


def fill_with_ids(catalogue: Catalog) -> None:
    for message in texts(catalogue):
        if not all(strings(message.string)):
            message.string = message.id


def strings(text: object) -> tuple[str, ...]:
    """Return the forms of a message: one, or one for each plural."""
    return tuple(text) if isinstance(text, list | tuple) else (str(text or ""),)


def texts(catalogue: Catalog) -> Iterator[Message]:
    """Yield the messages of a catalogue without its header."""
    return (message for message in catalogue if message.id)


def path_of(root: Path, language: str) -> Path:
    return root / "web" / "locale" / language / "LC_MESSAGES" / "callcenter.po"


def read(file: Path, language: str) -> Catalog:
    if not file.exists():
        return Catalog(locale=language, project="callcenter", charset="utf-8")
    with file.open("rb") as text:
        return read_po(text, locale=language)


def written(catalogue: Catalog) -> bytes:
    """Return the catalogue as a file, sorted and without dates, so that only texts make a diff."""
    for message in catalogue:
        message.locations.sort()
    text = BytesIO()
    write_po(text, catalogue, width=100, omit_header=True, sort_output=True, include_lineno=False)
    header = (
        'msgid ""\nmsgstr ""\n'
        f'"Language: {catalogue.locale_identifier}\\n"\n'
        f'"Plural-Forms: {catalogue.plural_forms}\\n"\n'
        '"MIME-Version: 1.0\\n"\n"Content-Type: text/plain; charset=utf-8\\n"\n'
        '"Content-Transfer-Encoding: 8bit\\n"\n\n'
    )
    return header.encode() + text.getvalue()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

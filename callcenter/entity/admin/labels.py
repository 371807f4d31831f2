"""A text in four languages, as a form has it: one field a language, so that edits of two are joined.

An option that has a word for each direction, such as a kind of relationship, has the other
direction's in its `data`, under "reverse".
"""

from collections.abc import Mapping
from typing import Any

from callcenter.server.i18n import CODES, LANGUAGES

LIMIT = 80


def _(message: str) -> str:
    return message


NEEDED = _("Give a name in at least one language.")
TOO_LONG = _("This is too long. Shorten it.")

#: The names of the form's fields, by language, in the order languages are offered.
FIELDS = {code: f"label_{code}" for code, _name in LANGUAGES}
#: Those of the other direction.
BACK = {code: f"reverse_{code}" for code, _name in LANGUAGES}
REVERSE = "reverse"


class Face:
    """A row with a label, as `editing` takes it: each language of the label is a field of its own."""

    row: Any

    def __init__(self, row: Any) -> None:
        object.__setattr__(self, "row", row)

    def __getattr__(self, name: str) -> Any:
        if name in FIELDS.values():
            return self.row.label.get(name.removeprefix("label_"))
        if name in BACK.values():
            return self.row.data.get(REVERSE, {}).get(name.removeprefix("reverse_"))
        return getattr(self.row, name)

    def __setattr__(self, name: str, value: Any) -> None:
        if name in FIELDS.values():
            rest = {**self.row.label, name.removeprefix("label_"): value}
            # A new dict, so that the change is noticed.
            self.row.label = {code: text for code, text in rest.items() if text}
        elif name in BACK.values():
            there = self.row.data.get(REVERSE, {})
            rest = {**there, name.removeprefix("reverse_"): value}
            back = {code: text for code, text in rest.items() if text}
            kept = {key: held for key, held in self.row.data.items() if key != REVERSE}
            self.row.data = kept | ({REVERSE: back} if back else {})
        else:
            setattr(self.row, name, value)


def face(row: Any) -> Any:
    """Return the row as `editing` takes it."""
    return Face(row)


def read(values: Mapping[str, str], names: Mapping[str, str] = FIELDS) -> dict[str, str]:
    """Return what a form says of a label: {language: text}; of the other direction's by `BACK`."""
    texts = {code: " ".join(values.get(name, "").split()) for code, name in names.items()}
    return {code: text for code, text in texts.items() if text}


def as_form(label: Mapping[str, str], names: Mapping[str, str] = FIELDS) -> dict[str, str | None]:
    """Return a label as `editing.save` takes it: a language without text is None."""
    return {names[code]: label.get(code) or None for code in sorted(CODES)}


def as_values(label: Mapping[str, str], names: Mapping[str, str] = FIELDS) -> dict[str, str]:
    """Return a label as a form shows it."""
    return {name: label.get(code, "") for code, name in names.items()}


def wrong(label: Mapping[str, str], language: str) -> dict[str, str]:
    """Return what is wrong with a label, by field of the form; `language` is its author's."""
    if not label:
        return {FIELDS[language]: NEEDED}
    return {FIELDS[code]: TOO_LONG for code, text in label.items() if len(text) > LIMIT}


def key_of(label: Mapping[str, str], taken: set[str], kind: str) -> str:
    """Return a key for something new: of its English text if it has one, "company_size", else "kind".

    One that is taken gets a number: "company_size_2".
    """
    letters = "".join(
        letter if letter.isascii() and letter.isalnum() else " "
        for letter in label.get("en", "").lower()
    )
    words = "_".join(letters.split())
    key = (words if words[:1].isalpha() else kind)[:36].rstrip("_")
    numbered = (f"{key}_{number}" for number in range(2, len(taken) + 3))
    return key if key not in taken else next(other for other in numbered if other not in taken)

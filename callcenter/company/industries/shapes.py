"""What a layout consists of. Pure data: texts are (az, tr, ru, en)."""

from typing import Final, NamedTuple

Texts = tuple[str, str, str, str]
LANGUAGES: Final = ("az", "tr", "ru", "en")


def label(texts: Texts) -> dict[str, str]:
    """Return the texts by language, as rows keep them."""
    return dict(zip(LANGUAGES, texts, strict=True))


class Choice(NamedTuple):
    """An option of a list."""

    texts: Texts
    color: str = ""


class OwnField(NamedTuple):
    """A field that is added to an entity; `choices` are those of its list."""

    entity: str
    texts: Texts
    type: str
    choices: tuple[Texts, ...] = ()
    searchable: bool = False


class StageOf(NamedTuple):
    """A stage of leads that is under way."""

    texts: Texts
    probability: int
    max_days: int
    color: str


class Layout(NamedTuple):
    key: str
    icon: str
    texts: Texts
    #: By the list they stand in.
    options: dict[str, tuple[Choice, ...]]
    fields: tuple[OwnField, ...]
    stages: tuple[StageOf, ...]
    tags: tuple[Texts, ...]

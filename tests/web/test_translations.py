"""Everything a person reads is there in four languages, and the check would notice if not."""

import shutil
from pathlib import Path
from types import ModuleType

import pytest

from callcenter.app.entities import ENTITIES
from callcenter.entity.description import Entity
from callcenter.server.i18n import translate_to
from tests.web.conftest import TOP

LANGUAGES = ("az", "tr", "ru", "en")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A small project of one template, one Python file and their catalogues, all complete."""
    (tmp_path / "callcenter").mkdir()
    (tmp_path / "callcenter/errors.py").write_text('_("No {what}")\n')
    templates = tmp_path / "web/templates"
    templates.mkdir(parents=True)
    (templates / "page.html").write_text('{{ _("Save") }} {{ _("By %(name)s", name=1) }}\n')
    return tmp_path


def translate(tree: Path, translations: ModuleType, texts: dict[str, str]) -> None:
    translations.update(tree)
    for language in ("az", "tr", "ru"):
        file = translations.path_of(tree, language)
        catalogue = translations.read(file, language)
        for message in translations.texts(catalogue):
            message.string = texts.get(message.id, "")
        file.write_bytes(translations.written(catalogue))


COMPLETE = {"No {what}": "{what} yox", "Save": "Saxla", "By %(name)s": "%(name)s"}


def test_all_that_the_console_says_is_translated(translations: ModuleType):
    assert list(translations.check(TOP)) == []


def test_a_complete_catalogue_is_complete(tree: Path, translations: ModuleType):
    translate(tree, translations, COMPLETE)

    assert list(translations.check(tree)) == []


@pytest.mark.parametrize(
    ("texts", "named"),
    [
        (COMPLETE | {"Save": ""}, "not translated: 'Save'"),
        (COMPLETE | {"No {what}": "yox"}, "other fields than the original: 'No {what}'"),
        (COMPLETE | {"By %(name)s": "%(nam)s"}, "other fields than the original: 'By %(name)s'"),
    ],
)
def test_what_lacks_is_named(
    tree: Path, translations: ModuleType, texts: dict[str, str], named: str
):
    translate(tree, translations, texts)

    assert list(translations.check(tree)) == [f"{code}: {named}" for code in ("az", "tr", "ru")]


def test_a_text_that_is_new_or_gone_is_named_until_the_catalogues_are_updated(
    tree: Path, translations: ModuleType
):
    translate(tree, translations, COMPLETE)
    (tree / "web/templates/page.html").write_text('{{ _("Keep") }} {{ _("By %(name)s", name=1) }}')

    said = [line for line in translations.check(tree) if line.startswith("az")]

    assert said == [
        "az: not in the catalogue, run tools/i18n.py update: 'Keep'",
        "az: no longer used, run tools/i18n.py update: 'Save'",
    ]
    translations.update(tree)
    assert [line for line in translations.check(tree) if line.startswith("en")] == []


def test_a_missing_catalogue_is_named(tree: Path, translations: ModuleType):
    translate(tree, translations, COMPLETE)
    shutil.rmtree(tree / "web/locale/ru")

    assert list(translations.check(tree)) == [
        "ru: web/locale/ru/LC_MESSAGES/callcenter.po is missing; run tools/i18n.py update"
    ]


@pytest.mark.parametrize("language", ["en", "az", "tr", "ru"])
def test_no_two_fields_of_a_form_are_called_the_same(language: str) -> None:
    """Or whoever fills it in does not know which is which."""
    doubled = {
        (entity.name, label): named
        for entity in ENTITIES
        for label, named in _by_label(entity, language).items()
        if len(named) > 1
    }

    assert doubled == {}


def _by_label(entity: Entity, language: str) -> dict[str, list[str]]:
    named: dict[str, list[str]] = {}
    for field in entity.fields:
        label = f"{field.group}/{translate_to(language, field.label).casefold()}"
        named.setdefault(label, []).append(field.name)
    return named

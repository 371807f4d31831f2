"""What the templates hold: that they compile and run nothing inline."""

import re

import pytest

from callcenter.server.pages import render_text
from callcenter.server.templates import environments
from tests.web.conftest import TOP

FOLDER = TOP / "web" / "templates"
TEMPLATES = sorted(path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*.html"))

#: What a strict CSP would refuse, or htmx would evaluate.
INLINE = {
    "a script": re.compile(r"<script(?![^>]* src=)", re.IGNORECASE),
    "a style": re.compile(r"<style|[\s\"']style\s*=", re.IGNORECASE),
    "a handler": re.compile(r"[\s\"'](on[a-z]+|hx-on[:\w-]*)\s*=", re.IGNORECASE),
    "a javascript address": re.compile(r"(javascript|js):", re.IGNORECASE),
    "a foreign address": re.compile(r"(src|href|action)\s*=\s*[\"'](https?:)?//", re.IGNORECASE),
}


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_compiles_in_every_language(name: str):
    for environment in environments().values():
        environment.get_template(name)


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_holds_nothing_that_runs_inline(name: str):
    text = (FOLDER / name).read_text()

    assert [what for what, pattern in INLINE.items() if pattern.search(text)] == []


def test_no_module_writes_a_style_or_evaluates_text():
    for module in sorted((TOP / "web/js").glob("*.js")):
        text = module.read_text()
        assert not re.search(r"\beval\(|new Function|\.style\.\w+ ?=|setAttribute\(.style", text), (
            module.name
        )


def test_every_text_a_script_asks_for_is_on_the_page():
    there = set(re.findall(r'data-text="([\w-]+)"', render_text("layouts/texts.html", "en")))
    asked = {
        name
        for module in (TOP / "web/js").glob("*.js")
        for name in re.findall(r"""\btext\(["'`]([\w-]+)["'`]""", module.read_text())
    }

    assert asked <= there


def test_every_icon_a_template_names_exists():
    for name in TEMPLATES:
        for glyph in re.findall(r'\bicon\("([\w-]+)"', (FOLDER / name).read_text()):
            assert "<svg" in environments()["en"].globals["lucide"](glyph)


@pytest.mark.parametrize(
    ("errors", "focused"),
    [
        ({}, ["f-name"]),
        ({"": "Not saved."}, ["f-name"]),
        ({"port": "A number, please."}, ["f-port"]),
    ],
)
def test_a_form_that_comes_back_has_the_focus_where_something_is_wrong(
    errors: dict[str, str], focused: list[str]
):
    template = environments()["en"].from_string(
        '{% from "macros/forms.html" import field %}'
        '{{ field("name", "Name", errors=errors, autofocus=true) }}'
        '{{ field("port", "Port", errors=errors) }}'
    )

    shown = template.render(errors=errors)

    inputs = re.findall(r"<input[^>]*>", shown)
    assert (
        re.findall(r' id="([^"]+)"', "".join(one for one in inputs if " autofocus" in one))
        == focused
    )

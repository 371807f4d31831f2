"""An entity's own module is switched off with its pages and its API, and nothing else."""

from dataclasses import replace

import pytest

from callcenter.agents.description import USER
from callcenter.company import modules
from callcenter.crm.finding.find import Found, Group, Hit, without
from callcenter.crm.finding.places import Place
from callcenter.entity.registry import Registry
from tests.entity.shelf import BOOK

REGISTRY = Registry((USER, replace(BOOK, module="library")))
OFF = frozenset(("library", "board"))


def test_the_modules_of_entities_stand_beside_our_own():
    known = {module.key: module for module in modules.all_modules(REGISTRY)}

    assert list(known) == ["board", "seats", "library"]
    assert known["library"].paths == ("/books", "/api/v1/books")


@pytest.mark.parametrize(
    ("path", "closed"),
    [
        ("/books", True),
        ("/books/7/edit", True),
        ("/api/v1/books", True),
        ("/board", True),
        ("/booksellers", False),  # only begins like it
        ("/api/v1/seats", False),
        ("/admin/modules", False),
    ],
)
def test_a_path_is_closed_if_it_is_one_of_the_module_s(path: str, closed: bool):
    assert modules.is_closed(OFF, path, REGISTRY) is closed
    assert not modules.is_closed(frozenset(), path, REGISTRY)


def test_the_search_box_leads_to_nothing_that_is_switched_off():
    found = Found(
        groups=[
            Group("book", "Books", "book", [Hit(1, "Ali and Nino", "/books/1")]),
            Group("contact", "Contacts", "users", [Hit(2, "Nino", "/contacts/2")]),
        ],
        places=[Place("Board", "/board", "layout-dashboard"), Place("Calls", "/calls", "phone")],
    )

    shown = without(found, lambda path: modules.is_closed(OFF, path, REGISTRY))

    assert [group.name for group in shown.groups] == ["contact"]
    assert [place.href for place in shown.places] == ["/calls"]

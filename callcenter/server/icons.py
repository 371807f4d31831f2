"""Icons by name, each drawn once.

Reading one from its package takes 6 ms and holds the event loop up, calls
included, so those the templates name are read at the start.
"""

import re
from functools import cache
from importlib.resources import files
from zipfile import ZipFile

from lucide.jinja import lucide as draw
from markupsafe import Markup


@cache
def lucide(name: str, *, size: int = 24, **attributes: str | float) -> Markup:
    return Markup(draw(name, size=size, **attributes))  # noqa: S704 (the package's own drawing)


def preload(template: str) -> None:
    """Read the icons that the text of a template names."""
    for word in re.findall(r"[\"']([a-z0-9-]+)[\"']", template):
        if word in _names():
            lucide(word)


@cache
def _names() -> frozenset[str]:
    with (files("lucide") / "lucide.zip").open("rb") as packed:
        return frozenset(name.removesuffix(".svg") for name in ZipFile(packed).namelist())

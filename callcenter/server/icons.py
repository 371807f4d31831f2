"""Icons by name, each drawn once.

The package's own function opens its archive anew for each icon, which takes 6 ms and holds the
event loop up, calls included. So the archive is opened once, and what the templates name is read
at the start.
"""

import re
from functools import cache
from importlib.resources import files
from io import BytesIO
from xml.etree import ElementTree as ET
from zipfile import ZipFile

from markupsafe import Markup

_SVG = "http://www.w3.org/2000/svg"
#: Tags come out without the prefix of their namespace; inside a page it need not be said.
ET.register_namespace("", _SVG)


@cache
def lucide(name: str, *, size: int = 24, **attributes: str | float) -> Markup:
    """Return the icon; `aria_hidden` becomes `aria-hidden`. Raises KeyError if there is none."""
    drawing = ET.fromstring(_drawing(name))  # noqa: S314 (the package's own drawing)
    drawing.attrib |= {"width": str(size), "height": str(size)}
    drawing.attrib |= {key.replace("_", "-"): str(value) for key, value in attributes.items()}
    text = ET.tostring(drawing, encoding="unicode")
    return Markup(text.replace(f' xmlns="{_SVG}"', "", 1))  # noqa: S704 (the same)


@cache
def icon(name: str, size: int = 20) -> Markup:
    """Return the icon as our pages draw them."""
    return lucide(name, size=size, stroke_width=1.75, aria_hidden="true")


def preload(template: str) -> None:
    """Read the icons that the text of a template names."""
    for word in re.findall(r"[\"']([a-z0-9-]+)[\"']", template):
        if f"{word}.svg" in _names():
            _drawing(word)


@cache
def _drawing(name: str) -> bytes:
    return _archive().read(f"{name}.svg")


@cache
def _names() -> frozenset[str]:
    return frozenset(_archive().namelist())


@cache
def _archive() -> ZipFile:
    return ZipFile(BytesIO((files("lucide") / "lucide.zip").read_bytes()))

"""The words of an HTML page, for lists, search and answers."""

import re
from html.parser import HTMLParser
from typing import Final

_SILENT: Final = {"head", "script", "style", "title"}
_LINES: Final = {"br", "div", "p", "tr", "li", "h1", "h2", "h3", "h4", "h5", "h6", "table", "hr"}
_QUOTES: Final = "blockquote"


def of_html(html: str) -> str:
    """Return what one reads of `html`; what it quotes begins with ">"."""
    page = _Page()
    page.feed(html)
    page.close()
    lines = [" ".join(line.split()) for line in "".join(page.words).split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self._silent = 0
        self._quoted = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in _SILENT
        self._quoted += tag == _QUOTES
        if tag in _LINES or tag == _QUOTES:
            self.words.append("\n" + "> " * self._quoted)

    def handle_endtag(self, tag: str) -> None:
        self._silent = max(0, self._silent - (tag in _SILENT))
        self._quoted = max(0, self._quoted - (tag == _QUOTES))
        if tag in _LINES or tag == _QUOTES:
            self.words.append("\n" + "> " * self._quoted)

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.words.append(data.replace("\n", " "))

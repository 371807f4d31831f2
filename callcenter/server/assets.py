"""The built files of the browser: their hashed names, and the route that serves them.

`tools/web.py` writes `web/dist/manifest.json`, {"app.js": "app-5F3A.js", ...}.
A hashed name never changes its content, so browsers may keep it for ever. A
`.gz` beside a file is sent to browsers that take it.
"""

from pathlib import Path

import msgspec
import structlog
from aiohttp import web

from callcenter.errors import NotFound
from callcenter.server.identity import bare

log = structlog.get_logger()

FOR_EVER = "public, max-age=31536000, immutable"
ALWAYS_ASK = "no-cache"


class Assets:
    """What lies in one `dist` folder, as it was when the process started."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._names = self._manifest()
        self._hashed = frozenset(self._names.values())
        self._files = frozenset(
            path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()
        )

    def address(self, name: str) -> str:
        """Return the address of the file that is called `name` in the sources."""
        return f"/static/{self._names.get(name, name)}"

    @bare
    async def serve(self, request: web.Request) -> web.FileResponse:
        """GET /static/{name}: only names that were there at the start, so no path can leave."""
        name = request.match_info["name"]
        if name not in self._files:
            raise NotFound
        kept = FOR_EVER if self._is_hashed(name) else ALWAYS_ASK
        return web.FileResponse(self._folder / name, headers={"Cache-Control": kept})

    def _is_hashed(self, name: str) -> bool:
        # Chunks that an entry loads on demand are hashed too, but only entries are in the manifest.
        return name in self._hashed or name.startswith("chunk-")

    def _manifest(self) -> dict[str, str]:
        try:
            return msgspec.json.decode(
                (self._folder / "manifest.json").read_bytes(), type=dict[str, str]
            )
        except FileNotFoundError:
            log.warning("the browser's files are not built, pages stay unstyled: run `make setup`")
            return {}

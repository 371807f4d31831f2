"""Where the files of a batch lie, beside the database: the upload, its table, the reports.

A batch is worked on where its table lies: on the node that received it.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

from callcenter.entity.cells import BOM, lines


class Store:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def upload(self, batch_id: int) -> Path:
        """Return where the file lies as it came."""
        return self._path(batch_id, "upload")

    def table(self, batch_id: int) -> Path:
        return self._path(batch_id, "rows")

    def later(self, batch_id: int) -> Path:
        """Return where lies what is made when all rows are in."""
        return self._path(batch_id, "later")

    def report(self, batch_id: int, kind: str) -> Path:
        """Return where "errors", "changes" or "kept" of a batch lie, as CSV."""
        return self._path(batch_id, f"{kind}.csv")

    def make(self) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def forget_rows(self, batch_id: int) -> None:
        """Remove what nobody needs once the rows are in: they are personal data."""
        for path in (self.upload(batch_id), self.table(batch_id), self.later(batch_id)):
            path.unlink(missing_ok=True)

    def forget(self, batch_id: int) -> None:
        self.forget_rows(batch_id)
        for kind in ("errors", "changes", "kept"):
            self.report(batch_id, kind).unlink(missing_ok=True)

    def _path(self, batch_id: int, ending: str) -> Path:
        return self._folder / f"{batch_id}.{ending}"


class Report:
    """A CSV file that grows by block; what an interrupted block left behind is cut off first."""

    def __init__(self, path: Path, heading: Sequence[str]) -> None:
        self._path = path
        self._heading = heading

    def extend(self, size: int, rows: Iterable[Sequence[str]]) -> int:
        """Write `rows` after the first `size` bytes; return how long the file is now."""
        heading = b"" if size else BOM + lines([self._heading])
        return extend(self._path, size, heading + lines(rows))


def extend(path: Path, size: int, data: bytes) -> int:
    """Write `data` after the first `size` bytes of a file; return how long it is now."""
    with path.open("r+b" if path.exists() else "w+b") as file:
        file.truncate(size)
        file.seek(0, 2)
        file.write(data)
        return file.tell()

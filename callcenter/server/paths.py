"""Where the files for the browser lie: in a checkout, or inside the installed package."""

from functools import cache
from pathlib import Path


@cache
def web() -> Path:
    """Return the folder with `templates`, `locale` and `dist`."""
    package = Path(__file__).parent.parent
    installed = package / "_web"
    return installed if installed.is_dir() else package.parent / "web"

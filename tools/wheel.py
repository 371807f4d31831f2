"""Hatchling's build hook: puts templates, catalogues and the built browser files into the wheel.

Whoever installs the wheel needs neither Node nor a checkout. An editable install
reads `web/` where it is, so there is nothing to build then.
"""

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

sys.path.insert(0, str(Path(__file__).resolve().parent))

import web

IN_WHEEL = ("templates", "locale", "dist")


class WebHook(BuildHookInterface):  # type: ignore[misc, type-arg, unused-ignore]
    """Builds `web/dist` and ships it as `callcenter/_web`."""

    def dependencies(self) -> list[str]:
        # Asked for an editable install too, which builds nothing; only the command line tells it.
        is_editable = "get_requires_for_build_editable" in sys.argv
        return [] if is_editable or web.system_node() else [web.NODE_WHEEL]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if self.target_name != "wheel" or version == "editable":
            return
        root = Path(self.root)
        web.build(root)
        for folder in IN_WHEEL:
            build_data["force_include"][str(root / "web" / folder)] = f"callcenter/_web/{folder}"

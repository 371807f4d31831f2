"""The tools of the browser side, loaded from their files: `tools` is no package."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from tests.web.office import office  # noqa: F401

TOP = Path(__file__).resolve().parent.parent.parent


def load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"tools_{name}", TOP / "tools" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def builder() -> ModuleType:
    """tools/web.py"""
    return load("web")


@pytest.fixture(scope="session")
def translations() -> ModuleType:
    """tools/i18n.py"""
    return load("i18n")

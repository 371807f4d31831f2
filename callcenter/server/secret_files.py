"""Passwords of other systems: never in the database, only where they lie.

What is typed in goes to a file that only this user can read ("file:secrets/NAME"), or stays in
the environment and is named ("env:CALLCENTER_…_SECRET").
"""

import os
import re
from pathlib import Path

from callcenter.server.body import MISFIT


def _(message: str) -> str:
    return message


ENV_NAME = _("Such a variable must be called CALLCENTER_…_SECRET.")

# Only variables made for this: an administrator of the web page must not read the whole environment.
_ENV = re.compile(r"env:CALLCENTER_[A-Z0-9_]*_?SECRET")


class NoSecret(Exception):
    """A secret is not where it should be; the text is for the operator."""


def wrong_with(secret: str) -> str | None:
    """Return what is wrong with a secret that was typed in, None if it can be kept."""
    if secret.startswith("env:"):
        return None if _ENV.fullmatch(secret) else ENV_NAME
    return None if secret.isprintable() else MISFIT


def keep(secret: str, name: str, data: Path) -> str:
    """Write a secret where only this user can read it; return the reference to it."""
    if secret.startswith("env:"):
        return secret
    folder = data / "secrets"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = folder / f".{name}"
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(secret)
    fresh.replace(folder / name)
    return f"file:secrets/{name}"


def read(reference: str, of: str, data: Path) -> str:
    """Return the secret of whatever is called `of`. Raises NoSecret, saying where it should be."""
    kind, _separator, where = reference.partition(":")
    if kind == "env":
        if (secret := os.environ.get(where)) is None:
            raise NoSecret(f"The environment variable {where} (secret of {of}) is not set.")
        return secret
    try:
        return (data / where).read_text("utf-8").strip()
    except OSError as error:
        raise NoSecret(f"The secret of {of} cannot be read: {error}.") from error


def shown(reference: str | None) -> str:
    """Return what may be seen of a secret: the name of the variable it is in."""
    return reference if reference and reference.startswith("env:") else ""

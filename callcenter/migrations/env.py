"""Runs one Alembic command on the connection it is handed."""

from typing import Any, Literal

import sqlalchemy as sa
from alembic import context
from alembic.autogenerate.api import AutogenContext

from callcenter.db import Instant

#: Made by hand in revisions, since the two engines search words in different ways.
SEARCH = ("contact_search", "text_search")


def compared(_thing: Any, name: str | None, *_: object) -> bool:
    """Return whether what has this `name` is compared with the models."""
    return not (name or "").removeprefix("ix_").startswith(SEARCH)


def written(kind: str, thing: Any, _: AutogenContext) -> str | Literal[False]:
    """Return how one of our types stands in a revision; False leaves it to Alembic."""
    if kind != "type":
        return False
    match thing:
        case Instant():
            return "sa.BigInteger()"
        case sa.Enum(enums=words):
            return f"one_of({', '.join(map(repr, words))})"
        case sa.JSON():
            return "JSON"
        case sa.BigInteger() if "sqlite" in thing._variant_mapping:  # noqa: SLF001
            return "ID"
        case sa.String(length=length) if "postgresql" in thing._variant_mapping:  # noqa: SLF001
            return f"ascii_text({length})"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=context.config.attributes["metadata"],
    include_object=compared,
    render_item=written,
    render_as_batch=True,
    transactional_ddl=True,
    compare_type=True,
)
context.run_migrations()

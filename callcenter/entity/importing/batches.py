"""What is known of a batch: how it is to be brought in, and what came of it so far."""

from typing import Literal

import msgspec

#: What happens to a row that is there already.
Rule = Literal["skip", "update", "add"]
RULES: tuple[Rule, ...] = ("skip", "update", "add")


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """How a batch is brought in."""

    rule: Rule = "skip"
    #: Fields by which rows that are there already are found.
    keys: list[str] = []
    #: Whether a row is brought in without those of its cells that cannot be read.
    lenient: bool = False
    #: Whether the counterpart of a row is made if there is none: the contact of a lead.
    make: bool = False
    #: What every row is that does not say otherwise, since the file's product says it: {field: value}.
    says: dict[str, str] = {}
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""


class Counts(msgspec.Struct, kw_only=True):
    """What became of the rows so far."""

    added: int = 0
    changed: int = 0
    #: There already, just so.
    same: int = 0
    skipped: int = 0
    #: Left out, since something in them cannot be read.
    wrong: int = 0
    #: Brought in without some of their cells.
    partly: int = 0
    #: Of those brought in: with a number that a spreadsheet had damaged.
    repaired: int = 0
    #: So long the files of errors and of changes are: an interrupted block's lines are cut off.
    errors_bytes: int = 0
    changes_bytes: int = 0
    later_bytes: int = 0
    #: Rows of which that is made which had to wait for all others.
    tied: int = 0
    undone: int = 0
    #: The row of the file down to which the batch is taken back.
    undone_to: int = 0
    kept: int = 0


#: What becomes of rows; the other counts say where the work goes on.
TOLD = frozenset(Counts.__struct_fields__) - {
    "errors_bytes", "changes_bytes", "later_bytes", "undone_to",
}  # fmt: skip

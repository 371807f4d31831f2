"""What one action of a rule is about: the row, and who acts, when, by which rule."""

from dataclasses import dataclass
from typing import Any

from callcenter.entity.description import Entity, value_of
from callcenter.entity.saving import Deed
from callcenter.rules.models import Automation


@dataclass(frozen=True, slots=True)
class Matter:
    """A row, and the action of a rule that is to be done to it."""

    deed: Deed
    row: Any
    rule: Automation
    #: The one of `shapes.Action` for which the function that does it is there.
    action: Any
    #: Names this action of this run, the same each time it is tried.
    mark: str = ""

    @property
    def entity(self) -> Entity:
        return self.deed.entity

    @property
    def called(self) -> tuple[str, int, str]:
        """Return the row as notices name it: entity, id and title."""
        return self.entity.name, self.row.id, str(value_of(self.row, self.entity.title))

"""What a lead is called, as far as somebody may see it."""

from callcenter.entity.description import Entity
from callcenter.entity.rights import access, shown
from callcenter.leads.models import Lead
from callcenter.server.identity import Identity


def number_of(entity: Entity, who: Identity, lead: Lead) -> str:
    return _told(entity, who, lead, "number")


def name_of(entity: Entity, who: Identity, lead: Lead) -> str:
    """Return its subject; what says nothing to `who` is its number, or its id."""
    return _told(entity, who, lead, "subject") or number_of(entity, who, lead) or f"#{lead.id}"


def whole_name(entity: Entity, who: Identity, lead: Lead) -> str:
    """Return number and subject together, each once."""
    parts = dict.fromkeys((number_of(entity, who, lead), name_of(entity, who, lead)))
    return " · ".join(part for part in parts if part)


def _told(entity: Entity, who: Identity, lead: Lead, name: str) -> str:
    field = next(field for field in entity.fields if field.name == name)
    return str(shown(field, getattr(lead, name), access(entity, field, who)) or "")

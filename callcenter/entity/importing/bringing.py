"""What it takes to bring a batch in: how its rows are read, planned and told of."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import msgspec

from callcenter.entity.description import Entity
from callcenter.entity.importing import reports
from callcenter.entity.importing.ahead import may_plan_ahead
from callcenter.entity.importing.batches import Counts, Options
from callcenter.entity.importing.mapping import Column
from callcenter.entity.importing.models import ImportBatch
from callcenter.entity.importing.planning import Plan, Planner
from callcenter.entity.importing.table import Layout
from callcenter.entity.importing.values import Reader
from callcenter.entity.reading import Context
from callcenter.entity.registry import Registry
from callcenter.entity.showing import Showing
from callcenter.server.identity import Identity


@dataclass(frozen=True, slots=True)
class Bringing:
    """A batch that is brought in, or only checked (`dry`)."""

    batch: ImportBatch
    who: Identity
    dry: bool
    entity: Entity
    options: Options
    reader: Reader
    planner: Planner
    telling: reports.Telling

    @classmethod
    def of(
        cls,
        registry: Registry,
        regions: Sequence[str],
        batch: ImportBatch,
        who: Identity,
        *,
        dry: bool,
    ) -> Self:
        options = msgspec.convert(batch.options, Options)
        zone = who.time_zone or "UTC"
        reader = Reader.of(
            registry.fields(batch.entity),
            msgspec.convert(batch.mapping, list[Column]),
            Context(registry, regions, batch.language, zone),
            options.says,
        )
        telling = reports.Telling(
            reader.fields, msgspec.convert(batch.layout, Layout),
            Showing(registry, batch.language, zone),
        )  # fmt: skip
        entity, planner = registry[batch.entity], Planner(reader.fields, options)
        return cls(batch, who, dry, entity, options, reader, planner, telling)

    @property
    def may_plan_ahead(self) -> bool:
        return self.dry or may_plan_ahead(self.entity, self.reader.mapped, self.options)


def count(counts: Counts, plans: Sequence[Plan]) -> None:
    for plan in plans:
        match plan.did:
            case "add":
                counts.added += 1
            case "change":
                counts.changed += 1
            case "same":
                counts.same += 1
            case "skip":
                counts.skipped += 1
            case "wrong":
                counts.wrong += 1
        counts.partly += plan.is_partly
        counts.repaired += bool(plan.reading.repaired) and plan.did in ("add", "change")

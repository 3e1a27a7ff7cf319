"""Dataclasses, pydantic models, named tuples, enums, dates and sets come back as they were."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import NamedTuple
from uuid import UUID

from pydantic import BaseModel

from dagger_providers import dag, task

DRAWING = "make -> grow; [grown] -> newest"


class Kind(Enum):
    small = "s"
    large = 2


class Place(NamedTuple):
    x: float
    name: str = "here"


class Model(BaseModel):
    kind: Kind
    weights: tuple[float, ...]
    parent: "Model | None" = None


@dataclass(frozen=True)
class Record:
    when: datetime
    day: date
    took: timedelta
    model: Model
    place: Place
    price: Decimal
    key: UUID
    tags: frozenset[str] = field(default_factory=frozenset)


@task
def make(kind: Kind) -> Record:
    return Record(
        datetime(2026, 2, 28, 23, 59, 59, 1, tzinfo=UTC),
        date(2024, 2, 29),
        timedelta(days=1, microseconds=3),
        Model(kind=kind, weights=(1.0, -0.0)),
        Place(1.5),
        Decimal("1.10"),
        UUID(int=7),
        frozenset({"b", "a"}),
    )


@task
def grow(record: Record, days: int) -> Record:
    model = Model(kind=Kind.large, weights=(), parent=record.model)
    return Record(
        record.when + timedelta(days=days), record.day, record.took * 2, model,
        record.place._replace(name="there"), record.price + 1, record.key, record.tags,
    )  # fmt: skip


@task
def newest(records: list[Record]) -> datetime:
    return max(record.when for record in records)


@task
def kinds(records: list[Record], kind: Kind) -> dict[Kind, int]:
    found = [record.model.kind for record in records]
    return {kind: found.count(kind) for kind in {*found, kind} if found.count(kind)}


@dag
def models(kind: Kind, days: list[int]):
    first = make(kind)
    grown = [grow(first, n) for n in days]
    return {"newest": newest(grown), "kinds": kinds(grown, kind), "first": first, "grown": grown}


_FIRST = make(Kind.small)

PIPELINE = models
RUNS = [
    (
        {"kind": Kind.small, "days": [1, 2]},
        {
            "newest": datetime(2026, 3, 2, 23, 59, 59, 1, tzinfo=UTC),
            "kinds": {Kind.large: 2},
            "first": _FIRST,
            "grown": [grow(_FIRST, 1), grow(_FIRST, 2)],
        },
    )
]

"""Attributes of a dataclass, also of one inside, and of a loop's items."""

from dataclasses import dataclass

from dagger_providers import dag, task

DRAWING = "fit.slope, fit.quality.error -> show; fits -> [twice(one.slope)]"


@dataclass
class Quality:
    error: float
    notes: list[str]


@dataclass
class Fit:
    slope: float
    quality: Quality


@task
def fit(points: int) -> Fit:
    return Fit(points, Quality(0.25, ["few points"]))


@task
def show(slope: float, error: float, quality: Quality) -> str:
    return f"{slope} +- {error} {quality.notes}"


@task
def fits(points: int) -> list[Fit]:
    return [Fit(n, Quality(0.0, [])) for n in range(points)]


@task
def twice(slope: float) -> float:
    return slope * 2


@dag
def attributes(points: int):
    found = fit(points)
    return {
        "shown": show(found.slope, found.quality.error, found.quality),
        "quality": found.quality,
        "slopes": [twice(one.slope) for one in fits(points)],
    }


PIPELINE = attributes
RUNS = [
    (
        {"points": 3},
        {
            "shown": "3 +- 0.25 ['few points']",
            "quality": Quality(0.25, ["few points"]),
            "slopes": [0, 2, 4],
        },
    )
]

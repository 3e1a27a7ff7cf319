"""Attributes of a dataclass, also of one inside."""

from dataclasses import dataclass

from dagger_providers import dag, task

DRAWING = "fit.slope, fit.quality.error -> show"


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
    return Fit(points / 2, Quality(0.25, ["few points"]))


@task
def show(slope: float, error: float, quality: Quality) -> str:
    return f"{slope} +- {error} {quality.notes}"


@dag
def attributes(points: int):
    found = fit(points)
    return {
        "shown": show(found.slope, found.quality.error, found.quality),
        "quality": found.quality,
    }


PIPELINE = attributes
RUNS = [
    (
        {"points": 3},
        {"shown": "1.5 +- 0.25 ['few points']", "quality": Quality(0.25, ["few points"])},
    )
]

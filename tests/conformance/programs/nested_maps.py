"""A loop over a pipeline that loops itself, with widths of its own, in a pipeline again."""

from typing import Any

from dagger_providers import dag, task

DRAWING = "outer: ks -> [middle: split -> [inner: scale -> scale] -> total] -> listed"


@task
def split(k: int) -> list[int]:
    return list(range(k))


@task
def scale(x: int, by: int) -> int:
    return x * by


@task
def total(values: list[int]) -> int:
    return sum(values)


@task
def listed(values: list[Any]) -> list[Any]:
    return values


@dag
def inner(x: int, by: int):
    return scale(scale(x, by), 2)


@dag
def middle(k: int, by: int = 3):
    found = [inner(x, by) for x in split(k)]
    return {"sum": total(found), "each": found}


@dag
def nested_maps(ks: list[int], by: int):
    results = [middle(k, by) for k in ks]
    return {
        "sums": listed([found["sum"] for found in results]),
        "each": listed([found["each"] for found in results]),
    }


PIPELINE = nested_maps
RUNS = [
    ({"ks": [], "by": 5}, {"sums": [], "each": []}),
    ({"ks": [0, 2], "by": 5}, {"sums": [0, 10], "each": [[], [0, 10]]}),
]

"""zip of the results of two loops."""

from typing import Any

from dagger_providers import dag, task

DRAWING = "zip([a(x)], [b(y)]) -> [pair -> (pair, a)] -> listed"


@task
def a(x: int) -> int:
    return x + 1


@task
def b(x: int) -> int:
    return x * 10


@task
def pair(x: int, y: int) -> list[int]:
    return [x, y]


@task
def listed(values: list[Any]) -> list[Any]:
    return values


@dag
def zip_results(xs: list[int], ys: list[int]):
    left = [a(x) for x in xs]
    right = [b(y) for y in ys]
    out = []
    for x, y in zip(left, right, strict=True):
        out.append(pair(x, y))
    return listed(out)


PIPELINE = zip_results
RUNS = [
    ({"xs": [], "ys": []}, []),
    ({"xs": [1, 2], "ys": [3, 4]}, [[2, 30], [3, 40]]),
]

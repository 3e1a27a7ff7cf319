"""One task called often: nodes are named in the order of their calls."""

from typing import Any

from dagger_providers import dag, task

DRAWING = "f -> g -> f -> f; [f-1, 7, g, [f-2, null]] -> listed"


@task
def f(x: int) -> int:
    return x + 1


@task
def g(x: int) -> int:
    return x * 10


@task
def listed(values: list[Any]) -> list[Any]:
    return values


@dag
def calls(x: int):
    first = f(x)
    middle = g(first)
    last = f(middle)
    several = [f(n) for n in (5, 6)]  # a loop over a Python list unrolls
    return listed([first, 7, middle, [last, None], *several])


PIPELINE = calls
RUNS = [({"x": 0}, [1, 7, 10, [11, None], 6, 7])]

"""A loop over a task's output: no item, one, several, and more than ten in their order."""

from typing import Any

from dagger_providers import dag, task

DRAWING = "numbers -> [triple] -> listed"


@task
def numbers(n: int) -> list[int]:
    return list(range(n))


@task
def triple(x: int) -> int:
    return 3 * x


@task
def listed(values: list[int]) -> dict[str, Any]:
    return {"values": values, "sum": sum(values)}


@dag
def map_output(n: int):
    return listed([triple(x) for x in numbers(n)])


PIPELINE = map_output
RUNS = [
    ({"n": 0}, {"values": [], "sum": 0}),
    ({"n": 1}, {"values": [0], "sum": 0}),
    ({"n": 12}, {"values": list(range(0, 36, 3)), "sum": 198}),
]

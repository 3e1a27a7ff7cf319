"""Pipelines as branches; of one that is not chosen nothing runs, its reducer included."""

from dagger_providers import dag, switch, task

DRAWING = "kind -> (mapped: numbers -> [square] -> largest | chained: square -> square) -> listed"


@task
def numbers(n: int) -> list[int]:
    return list(range(n))


@task
def square(x: int) -> int:
    return x * x


@task
def largest(xs: list[int]) -> int:
    """Fail for no items: it must not be called for a branch that does not run."""
    return max(xs)


@task
def smallest(xs: list[int], default: int) -> int:
    return min(xs, default=default)


@task
def listed(value: int, size: int) -> list[int]:
    return [value, size]


@dag
def mapped(n: int, start: int = 1):
    squares = [square(x) for x in numbers(n)]
    return {"value": largest(squares), "size": smallest(squares, start)}


@dag
def chained(count: int, start: int):
    return {"value": square(square(count)), "size": start}


@dag
def switch_pipelines(kind: str, n: int):
    found = switch(kind, {"mapped": mapped, "chained": chained})(n, 7)
    return {"both": listed(found["value"], found["size"]), "size": found["size"]}


PIPELINE = switch_pipelines
RUNS = [
    ({"kind": "chained", "n": 0}, {"both": [0, 7], "size": 7}),
    ({"kind": "chained", "n": 2}, {"both": [16, 7], "size": 7}),
    ({"kind": "mapped", "n": 1}, {"both": [0, 0], "size": 0}),
    ({"kind": "mapped", "n": 4}, {"both": [9, 0], "size": 0}),
]

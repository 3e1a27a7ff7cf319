"""A loop whose every item reads the fan-in of another loop."""

from dagger_providers import dag, task

DRAWING = "ys -> [a] -> total -> (xs -> [add]) -> total"


@task
def a(y: int) -> int:
    return y * 10


@task
def total(values: list[int]) -> int:
    return sum(values)


@task
def add(x: int, whole: int, values: list[int]) -> int:
    return x + whole + len(values)


@dag
def broadcast(xs: list[int], ys: list[int]):
    tens = [a(y) for y in ys]
    whole = total(tens)
    return total([add(x, whole, tens) for x in xs])


PIPELINE = broadcast
RUNS = [
    ({"xs": [1, 2], "ys": [1, 2, 3]}, 129),
    ({"xs": [1, 2], "ys": []}, 3),
    ({"xs": [], "ys": [1]}, 0),
]

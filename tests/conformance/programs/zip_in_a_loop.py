"""zip in the body of a loop, of what the body made and of what comes from outside."""

from collections.abc import Iterator

from dagger_providers import dag, task

DRAWING = "ys -> [zip(xs, scale(xs, y)) -> [pair] -> join] -> join"


@task
def scale(xs: list[int], y: int) -> Iterator[int]:
    yield from (x * y for x in xs)


@task
def pair(y: int, x: int, scaled: int) -> str:
    return f"{x}*{y}={scaled}"


@task
def join(values: list[str]) -> str:
    return f"({' '.join(values)})"


@dag
def zip_in_a_loop(xs: list[int], ys: list[int]):
    rows = []
    for y in ys:
        pairs = []
        for x, scaled in zip(xs, scale(xs, y), strict=True):
            pairs.append(pair(y, x, scaled))
        rows.append(join(pairs))
    return join(rows)


PIPELINE = zip_in_a_loop
RUNS = [
    ({"xs": [], "ys": [1]}, "(())"),
    ({"xs": [1, 2], "ys": [3, 4]}, "((1*3=3 2*3=6) (1*4=4 2*4=8))"),
]

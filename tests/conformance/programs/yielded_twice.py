"""What a task yields has any number of readers, in the plain call too."""

from collections.abc import Iterator

from dagger_providers import dag, task

DRAWING = "numbers (yields) -> [double] -> total; numbers -> total-2"


@task
def numbers(n: int) -> Iterator[int]:
    yield from range(n)


@task
def double(x: int) -> int:
    return 2 * x


@task
def total(xs: list[int]) -> int:
    return sum(xs)


@dag
def yielded_twice(n: int):
    found = numbers(n)
    return {"doubled": total([double(x) for x in found]), "once": total(found)}


PIPELINE = yielded_twice
RUNS = [({"n": 3}, {"doubled": 6, "once": 3})]

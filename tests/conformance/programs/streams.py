"""Readers that take one item at a time, more than once, of a list and of a fan-in."""

from collections.abc import Iterable, Iterator, Sequence

from dagger_providers import dag, task

DRAWING = "numbers (yields) -> running (yields) -> last; [double] -> ends, twice; list -> second"


@task
def numbers(n: int) -> Iterator[int]:
    yield from range(1, n + 1)


@task
def running(values: Iterable[int]) -> Iterator[int]:
    total = 0
    for value in values:
        total += value
        yield total


@task
def last(values: Iterator[int]) -> int:
    found = 0
    for value in values:
        found = value
    return found


@task
def listed(n: int) -> list[int]:
    return list(range(n))


@task
def second(values: Iterator[int]) -> int:
    next(values)
    return next(values)


@task
def double(x: int) -> int:
    return 2 * x


@task
def ends(values: Sequence[int]) -> list[int]:
    return [len(values), values[0], values[-1], *values[1:3], *reversed(list(values))]


@task
def twice(values: Iterable[int]) -> list[int]:
    return [*values, *values]


@task
def plain_list(values: list[int]) -> bool:
    return isinstance(values, list)


@dag
def streams(n: int):
    doubles = [double(x) for x in numbers(n)]
    return {
        "running": last(running(numbers(n))),
        "gathered": ends(doubles),
        "twice": twice(doubles),
        "plain": plain_list(doubles),
        "second": second(listed(n)),
    }


PIPELINE = streams
RUNS = [
    (
        {"n": 2},
        {
            "running": 3,
            "gathered": [2, 2, 4, 4, 4, 2],
            "twice": [2, 4, 2, 4],
            "plain": True,
            "second": 1,
        },
    )
]

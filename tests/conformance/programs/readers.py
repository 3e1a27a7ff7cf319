"""Many readers of one partitioned output: two loops, two whole lists."""

from dagger_providers import dag, task

DRAWING = "numbers -> [double], [square], total, [double] -> total"


@task
def numbers(n: int) -> list[int]:
    return list(range(n))


@task
def double(x: int) -> int:
    return 2 * x


@task
def square(x: int) -> int:
    return x * x


@task
def total(values: list[int]) -> int:
    return sum(values)


@dag
def readers(n: int):
    found = numbers(n)
    doubles = [double(x) for x in found]
    squares = [square(x) for x in found]
    return {
        "doubles": total(doubles),
        "again": total(doubles),
        "squares": total(squares),
        "whole": total(found),
        "list": doubles,
    }


PIPELINE = readers
RUNS = [
    ({"n": 0}, {"doubles": 0, "again": 0, "squares": 0, "whole": 0, "list": []}),
    ({"n": 2}, {"doubles": 2, "again": 2, "squares": 1, "whole": 1, "list": [0, 2]}),
]

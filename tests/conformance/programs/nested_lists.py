"""A pipeline's list is looped over outside; a list from outside is looped over in a pipeline."""

from dagger_providers import dag, task

DRAWING = "numbers -> doubled([double]) -> [square] -> total"


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
def doubled(values: list[int]):
    return [double(x) for x in values]


@dag
def nested_lists(n: int):
    found = numbers(n)
    squares = [square(x) for x in doubled(found)]
    more = doubled(squares)
    return {"total": total(squares), "more": more, "literal": doubled([7, 8])}


PIPELINE = nested_lists
RUNS = [
    ({"n": 0}, {"total": 0, "more": [], "literal": [14, 16]}),
    ({"n": 2}, {"total": 4, "more": [0, 8], "literal": [14, 16]}),
]

"""Each task reads the one before."""

from dagger_providers import dag, task

DRAWING = "double -> square"


@task
def double(x: int) -> int:
    return 2 * x


@task
def square(x: int) -> int:
    return x * x


@dag
def chain(x: int):
    return square(double(x))


PIPELINE = chain
RUNS = [({"x": 5}, 100), ({"x": -1}, 4)]

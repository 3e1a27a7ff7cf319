"""Loops that run in step are not equally long."""

from dagger_providers import dag, task

DRAWING = "zip(xs, longer(xs)) -> [pair] -> join"


@task
def longer(xs: list[int]) -> list[int]:
    return [*xs, 0]


@task
def pair(x: int, y: int) -> int:
    return x + y


@task
def join(values: list[int]) -> int:
    return sum(values)


@dag
def unequal_zip(xs: list[int]):
    return join([pair(x, y) for x, y in zip(xs, longer(xs), strict=True)])


PIPELINE = unequal_zip
PARAMETERS = {"xs": [1, 2]}
NODE = ""
TYPE = "dagger_providers.errors.UnequalLengthsError"
MESSAGE = "zip needs lists of equal length, but xs has 2, longer has 3"
TRACEBACK = ""
NEVER = ("pair", "join")
PLAIN = "ValueError: zip() argument 2 is longer than argument 1"

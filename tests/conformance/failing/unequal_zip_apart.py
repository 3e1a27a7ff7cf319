"""Loops that run in step are not equally long, and nothing is given items of both."""

from dagger_providers import dag, task

DRAWING = "zip(xs, ys) -> [double], [triple]"


@task
def double(x: int) -> int:
    return 2 * x


@task
def triple(x: int) -> int:
    return 3 * x


@dag
def unequal_zip_apart(xs: list[int], ys: list[int]):
    doubled, tripled = [], []
    for x, y in zip(xs, ys, strict=False):
        doubled.append(double(x))
        tripled.append(triple(y))
    return {"doubled": doubled, "tripled": tripled}


PIPELINE = unequal_zip_apart
PARAMETERS = {"xs": [1, 2], "ys": [1, 2, 3]}
NODE = ""
TYPE = "dagger_providers.errors.UnequalLengthsError"
MESSAGE = "zip needs lists of equal length, but xs has 2, ys has 3"
TRACEBACK = ""
NEVER = ("double", "triple")
PLAIN = ""

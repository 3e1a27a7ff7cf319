"""Three loops in each other, joined at every level, and once more only outside."""

from kfp import dsl
from oracle.components import function

PROGRAM = "three_levels"


@function
def split(x: str) -> list: ...


@function
def leaf(x: str, part: str, small: str) -> str: ...


@function
def join(values: list) -> str: ...


@dsl.pipeline(name="three-levels")
def pipeline(xs: list):
    with dsl.ParallelFor(xs) as x:
        with dsl.ParallelFor(split(x=x).output) as part:
            with dsl.ParallelFor(split(x=part).output) as small:
                found = leaf(x=x, part=part, small=small)
            middle = join(values=dsl.Collected(found.output))
        top = join(values=dsl.Collected(middle.output))
    join(values=dsl.Collected(top.output))
    join(values=dsl.Collected(found.output))

"""One task reads what an outer loop made, what a loop in it made, and the list itself.

KFP hands on three lists; the program's order of the single items is the reader's to make.
"""

from kfp import dsl
from oracle.components import function

PROGRAM = "mixed_levels"


@function
def a(x: str) -> str: ...


@function
def split(x: str) -> list: ...


@function
def b(x: str, whole: str) -> str: ...


@function
def join(values: list) -> str: ...


@dsl.pipeline(name="mixed-levels")
def pipeline(xs: list):
    with dsl.ParallelFor(xs) as x:
        first = a(x=x)
        with dsl.ParallelFor(split(x=x).output) as part:
            second = b(x=part, whole=first.output)
    join(values=[dsl.Collected(first.output), dsl.Collected(second.output), xs])

"""Loops over two parameters in each other, in both orders, joined only outside."""

from kfp import dsl
from oracle.components import function

PROGRAM = "comprehensions"


@function
def pair(x: str, y: int) -> str: ...


@function
def join(values: list) -> str: ...


@function
def shape(rows: list) -> str: ...


@dsl.pipeline(name="comprehensions")
def pipeline(xs: list, ys: list):
    with dsl.ParallelFor(xs) as x, dsl.ParallelFor(ys) as y:
        x_first = pair(x=x, y=y)
    join(values=dsl.Collected(x_first.output))
    with dsl.ParallelFor(ys) as y, dsl.ParallelFor(xs) as x:
        y_first = pair(x=x, y=y)
    join(values=dsl.Collected(y_first.output))
    with dsl.ParallelFor(ys) as y, dsl.ParallelFor(xs) as x:
        column = pair(x=x, y=y)
    shape(rows=dsl.Collected(column.output))

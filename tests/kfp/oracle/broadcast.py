"""Each item of a loop reads the fan-in of another loop, reduced and whole."""

from kfp import dsl
from oracle.components import function

PROGRAM = "broadcast"


@function
def a(y: int) -> int: ...


@function
def total(values: list) -> int: ...


@function
def add(x: int, whole: int, values: list) -> int: ...


@dsl.pipeline(name="broadcast")
def pipeline(xs: list, ys: list):
    with dsl.ParallelFor(ys) as y:
        ten = a(y=y)
    whole = total(values=dsl.Collected(ten.output))
    with dsl.ParallelFor(xs) as x:
        added = add(x=x, whole=whole.output, values=dsl.Collected(ten.output))
    total(values=dsl.Collected(added.output))

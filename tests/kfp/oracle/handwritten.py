"""A loop over one of two outputs, whose reducer reads the other."""

from kfp import dsl
from oracle.components import function

PROGRAM = "handwritten"


@function(values=list, count=int)
def numbers(n: int): ...


@function
def triple(x: int) -> int: ...


@function
def total(values: list, count: int) -> str: ...


@dsl.pipeline(name="handwritten")
def pipeline(n: int = 4):
    found = numbers(n=n)
    with dsl.ParallelFor(found.outputs["values"]) as x:
        tripled = triple(x=x)
    total(values=dsl.Collected(tripled.output), count=found.outputs["count"])

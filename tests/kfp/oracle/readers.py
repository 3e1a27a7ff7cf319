"""Two loops over one output, and four readers of whole lists."""

from kfp import dsl
from oracle.components import function

PROGRAM = "readers"


@function
def numbers(n: int) -> list: ...


@function
def double(x: int) -> int: ...


@function
def square(x: int) -> int: ...


@function
def total(values: list) -> int: ...


@dsl.pipeline(name="readers")
def pipeline(n: int):
    found = numbers(n=n)
    with dsl.ParallelFor(found.output) as x:
        doubled = double(x=x)
    with dsl.ParallelFor(found.output) as x:
        squared = square(x=x)
    total(values=dsl.Collected(doubled.output))
    total(values=dsl.Collected(doubled.output))
    total(values=dsl.Collected(squared.output))
    total(values=found.output)

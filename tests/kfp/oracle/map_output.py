"""A loop over a task's output."""

from kfp import dsl
from oracle.components import function

PROGRAM = "map_output"


@function
def numbers(n: int) -> list: ...


@function
def triple(x: int) -> int: ...


@function
def listed(values: list) -> dict: ...


@dsl.pipeline(name="map-output")
def pipeline(n: int):
    with dsl.ParallelFor(numbers(n=n).output) as x:
        tripled = triple(x=x)
    listed(values=dsl.Collected(tripled.output))

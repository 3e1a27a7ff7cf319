"""Pipelines as branches, written flat: a loop with two reducers, or two tasks in a row."""

from kfp import dsl
from oracle.components import function

PROGRAM = "switch_pipelines"


@function
def numbers(n: int) -> list: ...


@function
def square(x: int) -> int: ...


@function
def largest(xs: list) -> int: ...


@function
def smallest(xs: list, default: int) -> int: ...


@function
def listed(value: int, size: int | None = None) -> list: ...


@dsl.pipeline(name="switch-pipelines")
def pipeline(kind: str, n: int):
    with dsl.If(kind == "mapped"):
        with dsl.ParallelFor(numbers(n=n).output) as x:
            squared = square(x=x)
        most = largest(xs=dsl.Collected(squared.output))
        least = smallest(xs=dsl.Collected(squared.output), default=7)
    with dsl.Else():
        last = square(x=square(x=n).output)
    # The other branch's size is the literal 7, which is no channel for a OneOf.
    listed(value=dsl.OneOf(most.output, last.output)).after(least)

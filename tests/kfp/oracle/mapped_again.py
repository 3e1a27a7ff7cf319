"""Two loops over one list with a barrier between them; the second one has two steps.

What the first loop made of an item cannot be read in the second, so that one only runs after it.
"""

from kfp import dsl
from oracle.components import function

PROGRAM = "mapped_again"


@function
def a(x: str) -> str: ...


@function
def join(values: list) -> str: ...


@function
def b(everything: str, x: str | None = None) -> str: ...


@function
def c(x: str) -> str: ...


@dsl.pipeline(name="mapped-again")
def pipeline(xs: list):
    with dsl.ParallelFor(xs) as x:
        first = a(x=x)
    everything = join(values=dsl.Collected(first.output))
    with dsl.ParallelFor(xs):
        second = b(everything=everything.output).after(first)
        third = c(x=second.output)
    join(values=dsl.Collected(third.output))

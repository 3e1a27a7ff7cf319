"""One component called often; a Python list of results, literals and lists, unrolled."""

from kfp import dsl
from oracle.components import function

PROGRAM = "calls"


@function
def f(x: int) -> int: ...


@function
def g(x: int) -> int: ...


@function
def listed(values: list) -> list: ...


@dsl.pipeline(name="calls")
def pipeline(x: int):
    first = f(x=x)
    middle = g(x=first.output)
    last = f(x=middle.output)
    several = [f(x=n).output for n in (5, 6)]
    # The program's [last, None] without its None, which no constant of KFP may hold.
    listed(values=[first.output, 7, middle.output, [last.output], *several])

"""An optional parameter, read by a task outside of the loop that calls the same function."""

from typing import Optional

from kfp import dsl
from oracle.components import function

PROGRAM = "nothing"


@function
def odd(n: int | None = None) -> int: ...


@function
def some(n: int) -> list: ...


@function
def show(values: list, first: int | None = None) -> str: ...


@dsl.pipeline(name="nothing")
def pipeline(n: int, missing: Optional[int] = None):  # noqa: UP045 - KFP's only way
    with dsl.ParallelFor(some(n=n).output) as x:
        found = odd(n=x)
    show(values=dsl.Collected(found.output), first=odd(n=missing).output)

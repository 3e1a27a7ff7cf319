"""A loop in a branch, joined inside and outside; pipelines as branches are written flat.

The walk over the chosen list is done in each branch: a loop's results are no channel outside of it.
"""

from kfp import dsl
from oracle.components import function

PROGRAM = "loop_over_a_branch"


@function
def numbers(n: int) -> list: ...


@function
def double(x: int) -> int: ...


@function
def few(n: int) -> list: ...


@function
def show(x: int) -> str: ...


@function
def total(xs: list | None = None) -> int: ...


@function
def join(texts: list | None = None) -> str: ...


@function
def nothing(n: int) -> int: ...


@dsl.pipeline(name="loop-over-a-branch")
def pipeline(kind: str, n: int):
    with dsl.If(kind == "many"), dsl.ParallelFor(numbers(n=n).output) as x:
        doubled = double(x=x)
        shown = show(x=doubled.output)
    with dsl.Else():
        found = few(n=n)
        with dsl.ParallelFor(found.output) as x:
            also_shown = show(x=x)
    # Collected does not leave a branch.
    total().after(doubled, found)
    join().after(shown, also_shown)
    with dsl.If(kind == "many"):
        with dsl.ParallelFor(numbers(n=n).output) as x:
            inside = double(x=x)
        total(xs=dsl.Collected(inside.output))
    with dsl.Else():
        nothing(n=n)

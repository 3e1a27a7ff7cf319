"""A loop, a switch in it, a loop in one branch and a switch in that; nested pipelines written flat.

The walk over what each branch made is done in the branch: no channel of KFP holds either list.
"""

from kfp import dsl
from oracle.components import function, is_true

PROGRAM = "switch_in_mapped_pipelines"


@function
def width(k: int) -> str: ...


@function
def split(k: int) -> list: ...


@function
def is_even(x: int) -> bool: ...


@function
def scale(x: int, by: int) -> int: ...


@function
def negate(x: int, by: int) -> int: ...


@function
def total(values: list | None = None) -> int: ...


@function(sum=int, each=list)
def flat(k: int, by: int): ...


@function
def mark(value: int) -> str: ...


@function
def listed(values: list) -> list: ...


@dsl.pipeline(name="switch-in-mapped-pipelines")
def pipeline(ks: list):
    with dsl.ParallelFor(ks) as k:
        with dsl.If(width(k=k).output == "wide"):
            with dsl.ParallelFor(split(k=k).output) as x:
                with dsl.If(is_true(is_even(x=x).output)):
                    scaled = scale(x=x, by=10)
                with dsl.Else():
                    negated = negate(x=x, by=10)
                mark(value=dsl.OneOf(scaled.output, negated.output))
            # Collected takes no OneOf.
            summed = total().after(scaled, negated)
        with dsl.Else():
            known = flat(k=k, by=10)
            with dsl.ParallelFor(known.outputs["each"]) as x:
                mark(value=x)
        marked = mark(value=dsl.OneOf(summed.output, known.outputs["sum"]))
    listed(values=dsl.Collected(marked.output))

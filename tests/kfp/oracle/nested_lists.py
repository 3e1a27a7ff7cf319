"""A nested pipeline that loops, called three times and written flat.

What is mapped again without a barrier is a further step of the same loop; one list is static.
"""

from kfp import dsl
from oracle.components import function

PROGRAM = "nested_lists"


@function
def numbers(n: int) -> list: ...


@function
def double(x: int) -> int: ...


@function
def square(x: int) -> int: ...


@function
def total(values: list) -> int: ...


@dsl.pipeline(name="nested-lists")
def pipeline(n: int):
    with dsl.ParallelFor(numbers(n=n).output) as x:
        squared = square(x=double(x=x).output)
        double(x=squared.output)
    total(values=dsl.Collected(squared.output))
    with dsl.ParallelFor([7, 8]) as x:
        double(x=x)

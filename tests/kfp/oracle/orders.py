"""Two loops over one list, of two results each, joined together and with literals.

KFP hands on a list per result; interleaving the items is the reader's to do.
"""

from kfp import dsl
from oracle.components import function

PROGRAM = "orders"


@function
def a(x: str) -> str: ...


@function
def b(x: str) -> str: ...


@function
def join(values: list) -> str: ...


@dsl.pipeline(name="orders")
def pipeline(xs: list):
    with dsl.ParallelFor(xs) as x:
        one = a(x=x)
        other = b(x=x)
    with dsl.ParallelFor(xs) as x:
        left = a(x=x)
        right = b(x=x)
    join(values=[dsl.Collected(one.output), dsl.Collected(other.output)])
    join(values=[dsl.Collected(left.output), dsl.Collected(right.output)])
    join(values=["start", dsl.Collected(left.output), "end"])

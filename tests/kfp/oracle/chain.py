"""Two tasks in a row."""

from kfp import dsl
from oracle.components import function

PROGRAM = "chain"


@function
def double(x: int) -> int: ...


@function
def square(x: int) -> int: ...


@dsl.pipeline(name="chain")
def pipeline(x: int):
    square(x=double(x=x).output)

from kfp import dsl
from oracle.components import function


@function
def double(num: int) -> int: ...


@function
def add(nums: list) -> int: ...


@dsl.pipeline
def pipeline(threshold: int = 2):
    with dsl.ParallelFor([1, 2, 3]) as x, dsl.If(x >= threshold):
        found = double(num=x)
    with dsl.If(threshold == 2):
        add(nums=dsl.Collected(found.output))

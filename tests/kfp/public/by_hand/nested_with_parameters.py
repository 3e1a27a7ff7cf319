from kfp import dsl
from oracle.components import function


@function
def double(num: int) -> int: ...


@function
def add_two(x: int, y: int) -> int: ...


@function
def add(nums: list) -> int: ...


@dsl.pipeline
def pipeline() -> list:
    with dsl.ParallelFor([1, 2]) as x, dsl.ParallelFor([1, 3]) as y:
        found = add_two(x=double(num=x).output, y=double(num=y).output)
    add(nums=dsl.Collected(found.output))
    return dsl.Collected(found.output)

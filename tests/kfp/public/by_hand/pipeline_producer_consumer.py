from typing import NamedTuple

from kfp import dsl
from oracle.components import function


class Added(NamedTuple):
    sum: int
    letters: list


@function
def double(num: int) -> int: ...


@function
def add(nums: list) -> int: ...


@function
def repeat(text: str) -> str: ...


@function
def join(texts: list) -> str: ...


@dsl.pipeline
def doubled(num: int) -> int:
    return double(num=num).output


def added(nums: list) -> Added:
    with dsl.ParallelFor(["m", "a", "x"]) as letter:
        repeated = repeat(text=letter)
    return Added(sum=add(nums=nums).output, letters=dsl.Collected(repeated.output))


nested = dsl.pipeline(added)


@dsl.pipeline
def pipeline():
    with dsl.ParallelFor([1, 2]), dsl.ParallelFor([1, 2, 3]) as x:
        one = doubled(num=x)
    join(texts=nested(nums=dsl.Collected(one.output)).outputs["letters"])


@dsl.pipeline
def alike():
    with dsl.ParallelFor([1, 2]), dsl.ParallelFor([1, 2, 3]) as x:
        one = doubled(num=x)
    join(texts=added(nums=dsl.Collected(one.output)).letters)

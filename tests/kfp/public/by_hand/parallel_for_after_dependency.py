from kfp import dsl
from oracle.components import function


@function
def show(message: str) -> str: ...


@dsl.pipeline
def pipeline():
    with dsl.ParallelFor([1, 2, 3]):
        one = show(message="foo")
    show(message="bar").after(one)
    show(message="baz").after(one)

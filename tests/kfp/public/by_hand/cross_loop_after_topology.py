from kfp import dsl
from oracle.components import function


@function
def show(message: str) -> str: ...


@dsl.pipeline
def pipeline():
    with dsl.ParallelFor([1, 2]):
        one = show(message="one")
    with dsl.ParallelFor([1, 2]):
        show(message="two").after(one)
    with dsl.ParallelFor([1, 2]):
        three = show(message="three")
        with dsl.ParallelFor([1, 2]):
            show(message="four").after(three)
    with dsl.ParallelFor([1, 2]):
        five = show(message="five")
    show(message="six").after(five)
    with dsl.ParallelFor([1, 2]):
        with dsl.ParallelFor([1, 2]):
            seven = show(message="seven")
        show(message="eight").after(seven)

from kfp import dsl
from oracle.components import function


@function
def show(text: str) -> str: ...


@dsl.pipeline
def pipeline():
    one = show(text="first")
    two = show(text="second").after(one)
    show(text="third").after(one, two)

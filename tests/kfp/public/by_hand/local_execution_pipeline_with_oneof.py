from kfp import dsl
from oracle.components import function, is_true


@function
def one() -> str: ...


@function
def other() -> str: ...


@function
def tag(value: str) -> str: ...


@dsl.pipeline
def pipeline(first: bool = True):
    with dsl.If(is_true(first)):
        chosen = one()
    with dsl.Else():
        otherwise = other()
    tag(value=dsl.OneOf(chosen.output, otherwise.output))

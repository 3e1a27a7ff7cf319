from kfp import dsl
from oracle.components import function


@function
def repeat(msg: str) -> str: ...


@function
def greet(msg: str) -> str: ...


@function
def leave(msg: str) -> str: ...


@dsl.pipeline
def answered(msg: str):
    repeated = repeat(msg=msg).output
    with dsl.If(repeated == "Hello"):
        greet(msg="world")
    with dsl.If(repeated != "Hello"):
        leave(msg="Bye!")


@dsl.pipeline
def pipeline(msg: str = "Hello"):
    repeat(msg=msg)
    with dsl.ParallelFor(["Hello", "world!"]) as item:
        answered(msg=item)

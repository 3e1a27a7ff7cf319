from kfp import dsl
from oracle.components import function


@function
def repeat(msg: str) -> str: ...


@function
def echo(msg: str) -> str: ...


@dsl.pipeline
def inner(msg: str):
    echo(msg=repeat(msg=msg).output)


@dsl.pipeline
def pipeline():
    repeat(msg="Hello")
    inner(msg="world")

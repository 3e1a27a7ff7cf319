"""One task without inputs and outputs."""

from kfp import dsl
from oracle.components import function

PROGRAM = "hello"


@function
def say_hello_world() -> None: ...


@dsl.pipeline(name="hello")
def pipeline():
    say_hello_world()

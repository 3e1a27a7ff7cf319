"""Switches by a text, a number, a task's bool and an enum's value, with and without a default."""

from kfp import dsl
from oracle.components import function, is_true

PROGRAM = "switch_values"


@function
def even(n: int) -> bool: ...


@function
def twice(n: int) -> int: ...


@function
def third(n: int) -> float: ...


@function
def other(n: int) -> str: ...


@dsl.pipeline(name="switch-values")
def pipeline(kind: str, level: int, size: str, n: int):
    with dsl.If(kind == "twice"):
        twice(n=n)
    with dsl.Elif(kind == "third, or so"):
        third(n=n)
    with dsl.Else():
        other(n=n)
    with dsl.If(level == 1):
        twice(n=n)
    with dsl.Elif(level == -1):
        third(n=n)
    with dsl.Else():
        other(n=n)
    with dsl.If(is_true(even(n=n).output)):
        twice(n=n)
    with dsl.Else():
        other(n=n)
    with dsl.If(size == "s"):
        twice(n=n)
    with dsl.Else():
        third(n=n)

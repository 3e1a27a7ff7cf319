"""A switch in a switch, from a nested pipeline written flat, and two switches in a row after it.

The program's middle switch is by a literal, which KFP refuses as a condition: b is what it takes.
"""

from kfp import dsl
from oracle.components import function, is_true

PROGRAM = "switch_nested"


@function
def sign(n: int) -> str: ...


@function
def is_odd(n: int) -> bool: ...


@function
def zero(n: int) -> str: ...


@function
def odd(n: int) -> str: ...


@function
def even(n: int) -> str: ...


@function
def a(text: str | None = None) -> str: ...


@function
def b(text: str | None = None) -> str: ...


@function
def join(other: str, one: str | None = None) -> str: ...


@dsl.pipeline(name="switch-nested")
def pipeline(n: int, how: str):
    with dsl.If(sign(n=n).output == "zero"):
        none = zero(n=n)
    with dsl.Else():
        with dsl.If(is_true(is_odd(n=n).output)):
            one = odd(n=n)
        with dsl.Else():
            two = even(n=n)
    # No OneOf reaches into a branch's own branches.
    text = (none, one, two)
    with dsl.If(how == "a"):
        first_a = a().after(*text)
    with dsl.Else():
        first_b = b().after(*text)
    middle = b(text=dsl.OneOf(first_a.output, first_b.output))
    with dsl.If(how == "a"):
        last_a = a(text=middle.output)
    with dsl.Else():
        last_b = b(text=middle.output)
    join(other=dsl.OneOf(last_a.output, last_b.output)).after(*text)

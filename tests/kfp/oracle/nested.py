"""A nested pipeline of one task, called twice and written flat; results are read by their keys."""

from kfp import dsl
from oracle.components import function

PROGRAM = "nested"


@function(text=str, name_=str)
def decorate(name: str, style: str): ...


@function
def both(one: str, two: str, names: list) -> str: ...


@dsl.pipeline(name="nested")
def pipeline(style: str = "*{}*"):
    one = decorate(name="ann", style=style)
    two = decorate(name="bob", style="<{}>")
    both(
        one=one.outputs["text"],
        two=two.outputs["text"],
        names=[one.outputs["name_"], two.outputs["name_"]],
    )

"""One task reads four outputs of another; parts of an output travel as the whole output."""

from kfp import dsl
from oracle.components import function

PROGRAM = "keys"


@function(name_=str, size=dict, tags=list, odd_key=str)
def describe(name: str): ...


@function
def join(name: str, width: dict, tag: list, last: list, odd: str) -> str: ...


@dsl.pipeline(name="keys")
def pipeline(name: str):
    found = describe(name=name)
    join(
        name=found.outputs["name_"],
        width=found.outputs["size"],
        tag=found.outputs["tags"],
        last=found.outputs["tags"],
        odd=found.outputs["odd_key"],
    )

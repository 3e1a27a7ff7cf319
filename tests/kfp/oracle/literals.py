"""Literals and defaults, of containers too; a nested pipeline of one task is written flat."""

from kfp import dsl
from oracle.components import function

PROGRAM = "literals"


@function
def show(
    a: int,
    b: int,
    c: int,
    d: str = "default",
    e: list = [1, 2],  # noqa: B006 - KFP's way of a default
) -> str: ...


@function
def echo(mapping: dict, values: list) -> list: ...


@dsl.pipeline(name="literals")
def pipeline(a: int = 10):
    show(a=a, b=2, c=20)
    show(a=1, b=a, c=3, d='it\'s "quoted"\n', e=[3])
    # The program's list under "k" without its None, which no constant of KFP may hold.
    echo(mapping={"k": [1, 2.0, {"deep": "yes"}]}, values=[True, ""])

from typing import NamedTuple

from kfp import dsl
from oracle.components import function


class Pair(NamedTuple):
    one: str
    other: str


@function(one=str, other=str)
def make(): ...


@function
def show(one: str, other: str) -> str: ...


@dsl.pipeline
def core() -> Pair:
    return make().outputs


@dsl.pipeline
def mantle() -> Pair:
    return core().outputs


@dsl.pipeline
def pipeline():
    found = mantle().outputs
    show(one=found["one"], other=found["other"])

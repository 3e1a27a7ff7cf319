from kfp import dsl
from oracle.components import function


@function
def flip_coin(toss: int) -> str: ...


@function
def show(msg: str) -> str: ...


@dsl.pipeline
def pipeline(toss: int):
    first = flip_coin(toss=0).output
    show(msg=first)
    second = flip_coin(toss=1).output
    show(msg=second)
    with dsl.If(first != "no such result"):
        third = flip_coin(toss=toss).output
        show(msg=third)
        with dsl.If(second == third):
            show(msg=flip_coin(toss=toss).output)

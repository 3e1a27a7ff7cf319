from kfp import dsl
from oracle.components import function


@function
def flip_coin(toss: int) -> str: ...


@function
def one(text: str) -> str: ...


@function
def other(text: str) -> str: ...


@function
def show(text: str) -> str: ...


@dsl.pipeline
def core(toss: int) -> str:
    with dsl.If(flip_coin(toss=toss).output == "heads"):
        heads = one(text="Heads!")
    with dsl.Else():
        tails = other(text="Tails!")
    return dsl.OneOf(heads.output, tails.output)


@dsl.pipeline
def mantle(toss: int) -> str:
    return core(toss=toss).output


@dsl.pipeline
def pipeline(toss: int):
    show(text=mantle(toss=toss).output)

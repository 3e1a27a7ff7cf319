from kfp import dsl
from oracle.components import function


@function
def flip_coin(toss: int) -> str: ...


@function
def random_num(low: int, high: int) -> int: ...


@function
def show(number: int, text: str) -> str: ...


@dsl.pipeline
def pipeline(toss: int):
    side = flip_coin(toss=toss)
    for face, low, high, limit in (("heads", 0, 9, 5), ("tails", 10, 19, 15)):
        with dsl.If(side.output == face):
            number = random_num(low=low, high=high).output
            with dsl.If(number > limit):
                show(number=number, text="%s is more")
            with dsl.If(number <= limit):
                show(number=number, text="%s is not more")

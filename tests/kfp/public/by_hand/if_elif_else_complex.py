from kfp import dsl
from oracle.components import function, is_true


@function
def draw(trial: int) -> int: ...


@function
def even_or_odd(num: int) -> str: ...


@function
def repeat(text: str) -> str: ...


@function
def show(ints: list) -> str: ...


def unlucky(num):
    with dsl.If(even_or_odd(num=num).output == "even"):
        even = repeat(text="even")
    with dsl.Else():
        odd = repeat(text="odd")
    repeat(text=dsl.OneOf(even.output, odd.output))


@dsl.pipeline
def pipeline(trials: list, drums: bool = True, again: bool = True):
    with dsl.ParallelFor(trials) as trial:
        num = draw(trial=trial).output
        with dsl.If(is_true(drums)), dsl.If(trial == 3):
            repeat(text="drum roll")
        with dsl.If(num < 5000):
            unlucky(num)
        with dsl.Elif(num > 5000):
            unlucky(num)
        with dsl.Else():
            repeat(text="lucky")
            with dsl.If(is_true(again)), dsl.ParallelFor([1, 2]):
                repeat(text="again")
    show(ints=dsl.Collected(num))

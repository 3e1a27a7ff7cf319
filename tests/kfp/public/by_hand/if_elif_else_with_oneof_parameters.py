from kfp import dsl
from oracle.components import function


@function
def flip_die(toss: int) -> str: ...


@function
def repeat(text: str) -> str: ...


@function(output_key=str)
def special(text: str): ...


@dsl.pipeline
def roll_die(toss: int) -> str:
    die = flip_die(toss=toss)
    with dsl.If(die.output == "heads"):
        heads = repeat(text="Heads!")
    with dsl.Elif(die.output == "tails"):
        tails = repeat(text="Tails!")
    with dsl.Else():
        a_draw = special(text="A draw!")
    return dsl.OneOf(heads.output, tails.output, a_draw.outputs["output_key"])


@dsl.pipeline
def pipeline(toss: int):
    repeat(text=roll_die(toss=toss).output)

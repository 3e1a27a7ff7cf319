from kfp import dsl
from kfp.dsl import Artifact, Input, Output
from oracle.components import IMAGE, function


@function
def flip_coin(toss: int) -> str: ...


@dsl.container_component
def write(text: str, file: Output[Artifact]):
    return dsl.ContainerSpec(image=IMAGE, command=["write"])


@dsl.container_component
def show(file: Input[Artifact]):
    return dsl.ContainerSpec(image=IMAGE, command=["show"])


def flipped(toss: int) -> Artifact:
    side = flip_coin(toss=toss).output
    with dsl.If(side == "heads"):
        one = write(text=side)
    with dsl.Else():
        other = write(text=side)
    file = dsl.OneOf(one.outputs["file"], other.outputs["file"])
    show(file=file)
    return file


nested = dsl.pipeline(flipped)


@dsl.pipeline
def pipeline(toss: int):
    show(file=nested(toss=toss).output)


@dsl.pipeline
def alike(toss: int):
    show(file=flipped(toss))

from kfp import dsl
from kfp.dsl import Artifact, Input, Output
from oracle.components import IMAGE


@dsl.container_component
def make_file(text: str, file: Output[Artifact]):
    return dsl.ContainerSpec(image=IMAGE, command=["make_file"])


@dsl.container_component
def show(file: Input[Artifact]):
    return dsl.ContainerSpec(image=IMAGE, command=["show"])


@dsl.pipeline
def files(texts: list) -> list[Artifact]:
    with dsl.ParallelFor(texts) as text:
        made = make_file(text=text)
    return dsl.Collected(made.outputs["file"])


@dsl.pipeline
def pipeline(texts: list):
    with dsl.ParallelFor(files(texts=texts).output) as file:
        show(file=file)

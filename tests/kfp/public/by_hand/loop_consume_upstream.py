from kfp import dsl
from oracle.components import function


@function
def split(text: str) -> list: ...


@function
def show(texts: list) -> str: ...


@dsl.container_component
def create_file(content: str, file: dsl.Output[dsl.Artifact]):
    return dsl.ContainerSpec(image="oracle:1", command=["create_file"])


@dsl.container_component
def read_file(file: dsl.Input[dsl.Artifact]):
    return dsl.ContainerSpec(image="oracle:1", command=["read_file"])


@dsl.pipeline
def pipeline():
    ids = split(text="one,two").set_display_name("same display name")
    with dsl.ParallelFor(ids.output) as one:
        made = create_file(content=one).set_display_name("same display name")
        read_file(file=made.outputs["file"]).set_display_name("same display name")
    show(texts=ids.output).set_display_name("same display name")
